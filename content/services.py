"""The kinds of service a page may point to (contract, closed lists), in language that a tired reader understands.

Pages know the public prices by their address only: content never imports referrals. Nobody who reads is sent to a
sign-in form: that waits behind the choice.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from partners.kinds import ServiceKind, ServiceUnit

PRICES = "/services/"


@dataclass(frozen=True, slots=True)
class ServiceLink:
    """One way on from a page."""

    kind: ServiceKind
    label: str | Promise
    text: str | Promise

    @property
    def href(self) -> str:
        return f"{PRICES}#{self.kind.value}"


SERVICES: dict[str, ServiceLink] = {
    link.kind.value: link
    for link in (
        ServiceLink(ServiceKind.COUNSELLING, _("Talk to a counsellor"), _("An hour that is yours, on site or online")),
        ServiceLink(ServiceKind.PSYCHIATRY, _("See a doctor for sleep and mood"), _("We book it, you just go")),
        ServiceLink(
            ServiceKind.CHILDCARE, _("Someone to look after the children"), _("After school, until you are home")
        ),
        ServiceLink(
            ServiceKind.CAMP, _("Holiday camp for the children"), _("Winter and summer, with staff who know them")
        ),
        ServiceLink(ServiceKind.HOME_HELP, _("Help with the housework"), _("Cleaning and chores, one thing less")),
        ServiceLink(ServiceKind.ELDER_CARE, _("Day care for your parents"), _("Company, a warm lunch, a walk")),
        ServiceLink(
            ServiceKind.MEDIATION, _("Someone to sit between you"), _("When a talk at home keeps going in circles")
        ),
        ServiceLink(ServiceKind.MEALS, _("Meals brought to your door"), _("For the weeks when nobody can cook")),
    )
}
KIND_CHOICES = [(kind, link.label) for kind, link in SERVICES.items()]


@dataclass(frozen=True, slots=True)
class Door:
    """What the cheapest service behind a door costs for one unit, in fen: what the person pays, and the school."""

    self_fen: int
    subsidy_fen: int
    unit: ServiceUnit

    @property
    def per(self) -> str:
        """Of one what it is the price, behind the amount: ``/hour``; empty for a session."""
        return "" if self.unit == ServiceUnit.SESSION else f"/{self.unit.label}"


def listed_prices(day: date) -> Any:
    """The school's open services with prices; ``LISTED_PRICES`` names who knows them. Three queries."""
    return _lister()(day)


def doors(day: date) -> dict[str, Door]:
    """Kind of service → the lowest price a person pays for one unit of it. A price that the money of today does not cover
    is left out: it is seen when somebody asks.
    """
    found: dict[str, Door] = {}
    for listed in listed_prices(day):
        door = Door(listed.decision.self_fen, listed.decision.subsidy_fen, ServiceUnit(listed.service.unit))
        kind = listed.service.kind
        if not listed.is_short and (kind not in found or door.self_fen < found[kind].self_fen):
            found[kind] = door
    return found


@cache
def _lister() -> Any:
    return import_string(settings.LISTED_PRICES)
