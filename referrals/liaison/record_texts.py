"""What the record says about what is handed on. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREAS: Final[Mapping[str, str]] = {"mediation": "requests", "card": "requests"}
NAMELESS: Final = frozenset({"mediation", "card"})
"""First parts of actions that would tell who asked for help."""
ACTS: Final[Mapping[str, Any]] = {
    "mediation.ask": _("Asked the centre to mediate"),
    "mediation.invite": _("Time for a first talk named"),
    "mediation.settle": _("First talk held, nothing more wanted"),
    "mediation.suggest": _("Mediator from outside suggested"),
    "mediation.close": _("Mediation ended by the centre"),
    "mediation.agree": _("Both sides agreed to a mediator"),
    "mediation.stay": _("No mediator from outside wanted"),
    "mediation.withdraw": _("Mediation taken back"),
    "mediation.read": _("Mediation opened"),
    "mediation.list": _("List of mediations with names opened"),
    "mediation.export": _("List of mediations downloaded"),
    "card.write": _("Card for an institution written"),
    "card.consent": _("Agreed to a card, field by field"),
    "card.refuse": _("Card refused by the person"),
    "card.withdraw": _("Card withdrawn by the centre"),
    "card.revoke": _("Card taken back before it was opened"),
    "card.open": _("Card opened by an institution"),
    "card.partner_read": _("Card read by an institution"),
    "card.report": _("Answered on a card"),
    "card.letter": _("Hand-over letter printed"),
    "card.read": _("Card opened by the centre"),
    "card.list": _("List of cards with names opened"),
    "card.export": _("List of cards downloaded"),
}
