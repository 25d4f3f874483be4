"""What the record says about readings. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREA_TITLES: Final[Mapping[str, Any]] = {"readings": _("Everyone has it")}
AREAS: Final[Mapping[str, str]] = {"reading": "readings", "readings": "readings"}
ACTS: Final[Mapping[str, Any]] = {
    "reading.issue": _("Document given out"),
    "reading.renew": _("New version of a document given out"),
    "reading.prove": _("Document read"),
    "reading.hand": _("Document handed over on paper"),
    "reading.mark": _("Receipt on paper confirmed"),
    "reading.second": _("Receipt on paper attested"),
    "reading.hand_over": _("Document handed over to a successor"),
    "reading.take_over": _("Document without a keeper taken over"),
    "reading.leave": _("Long leave written down"),
    "reading.end": _("Document taken off the lists"),
    "reading.export": _("List of who is missing downloaded"),
    "readings.export": _("List of documents downloaded"),
}
