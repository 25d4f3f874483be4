"""Acts that public pages show: prices, agencies, their hours."""

from typing import Final

IN_SCHOOL: Final = frozenset(
    {
        "agreement.approve",
        "agreement.end",
        "agreement.activate",
        "agreement.suspend",
        "agreement.terminate",
        "agreement.resume",
    }
)
EVERYWHERE: Final = frozenset(
    {
        "institution.list",
        "institution.suspend",
        "institution.reject",
        "institution.reinstate",
        "institution.terminate",
        "institution.archive",
        "licence.create",
        "licence.change",
        "licence.end",
        "service.create",
        "service.change",
        "service.open",
        "service.shut",
        "opening.change",
        "closure.add",
        "closure.remove",
    }
)
