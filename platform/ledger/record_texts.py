"""What the record says about the ledger: acts, and what is told of them. Found by ``schools.record_texts``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from kernel.money import yuan

AREAS: Final[Mapping[str, str]] = {"ledger": "money"}
ACTS: Final[Mapping[str, Any]] = {
    "ledger.grant": _("Money or sessions granted"),
    "ledger.return": _("Money taken out of a pool"),
    "ledger.carry": _("Money carried into the next year"),
    "ledger.export": _("Ledger downloaded"),
}
FACTS: Final[Mapping[str, tuple[Any, Callable[[Any], Any]]]] = {
    "amount_fen": (_("Sum"), yuan),
    "amount_session": (_("Sessions"), str),
}
