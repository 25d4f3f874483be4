"""What stands on an outside party's card, in words: for whoever reads it themselves, and for who reads it out to them."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from referrals.emergency.models import Card, Company, Place
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.rules.outside import Purpose
from referrals.emergency.workflow.cards import body_of

RISK: Final[Mapping[Grade, Any]] = {
    Grade.EXTREME: gettext_lazy("Extreme: life may be in danger at any moment"),
    Grade.MAJOR: gettext_lazy("Major: a high risk, the person should be seen today"),
    Grade.GENERAL: gettext_lazy("General: a risk to be assessed"),
}
WHAT: Final[Mapping[IncidentKind, Any]] = {
    IncidentKind.PSYCHOLOGICAL: gettext_lazy("A crisis of the mind"),
    IncidentKind.MEDICAL: gettext_lazy("A medical emergency"),
}
ASKABLE: Final[Mapping[bool | None, Any]] = {
    True: pgettext_lazy("can be asked", "Yes"),
    False: pgettext_lazy("can be asked", "No"),
    None: gettext_lazy("Not known"),
}


def card_rows(card: Card) -> list[tuple[str, str]]:
    """Label and value of each line, cut by what the card is for; nothing that is empty."""
    return card_lines(Purpose(card.purpose), body_of(card))


def card_lines(purpose: Purpose, body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same of a card that was not given to anybody: in a drill whoever plays the party reads it in the house."""
    match purpose:
        case Purpose.FAMILY:
            by_phone = _("We call you about the place; please wait for the call before you set out.")
            return [(_("Where to meet"), body.get("meeting_place") or by_phone)]
        case Purpose.MEDICAL:
            rows = [
                (_("Whom it is about"), body.get("name", "")),
                (_("What it is"), str(WHAT[IncidentKind(body["kind"])])),
                (_("Risk"), str(RISK[Grade(body["grade"])])),
                (_("Where they are"), _where(body)),
                (_("Who is with them"), _company(body)),
                (_("Can they be asked"), str(ASKABLE[body["can_be_asked"]])),
                (_("From who is on duty"), body["words"]),
            ]
        case Purpose.COMMUNITY:
            task = _(
                "Please look in and see whether they are safe. Do not go in alone; in danger call 110 or 120 first."
            )
            rows = [
                (_("What to do"), task),
                (_("Address"), _where(body)),
                (_("Whom to ask for"), body.get("name", "")),
                (_("Who is with them"), _company(body)),
                (_("From who is on duty"), body["words"]),
            ]
        case Purpose.PROGRESS:
            rows = [(_("How it goes on"), body["words"])]
        case Purpose.LINE:
            rows = [(_("What to do"), _("Please call the number below now; the board is read out to you."))]
    return [(label, value) for label, value in rows if value]


def _where(body: Mapping[str, Any]) -> str:
    place = str(Place(body["place"]).label) if body["place"] else ""
    told = body["where"] or _("not known yet: please call us")
    return f"{place} · {told}" if place else str(told)


def _company(body: Mapping[str, Any]) -> str:
    return str(Company(body["company"]).label)
