"""What the chain adds to the navigation: its desk, with a count of lines that nobody has, contacts, a head's report."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actor import Actor
from referrals.emergency.centre.incident_reading import untaken
from ui.navigation import MANY, STAFF, Link


def _untaken(actor: Actor) -> int:
    return untaken(actor, MANY)


def _board(rank: int, *, counts: bool) -> Link:
    return Link(
        rank=rank,
        label=pgettext_lazy("emergency", "Incidents"),
        url="/centre/emergency/",
        icon="bell",
        permission="incident.read",
        count=_untaken if counts else None,
    )


def _contacts(office: str) -> Link:
    url = f"/{office}/contacts/"
    return Link(rank=60, label=_("Emergency contacts"), url=url, icon="phone", permission="contact.coverage")


TABS: Final = {
    STAFF: (
        # incidents
        Link(rank=40, label=_("Report"), url="/my/report/", icon="bell", permission="incident.report"),
    ),
}
# duty and plans
OFFICES: Final = {
    "emergency": Link(
        rank=15,
        label=pgettext_lazy("office", "Emergency"),
        url="/centre/emergency/",
        icon="phone",
        permission="chain.read",
        covers=("/centre/readiness/",),
        unless=("incident.read", "/centre/emergency/duty/", pgettext_lazy("office", "Emergency duty")),
    ),
}
SECTIONS: Final = {
    "emergency": (
        # incidents
        _board(10, counts=False),
        # afterwards
        Link(
            rank=15,
            label=_("Weekly talks"),
            url="/centre/emergency/follow-ups/",
            icon="heart",
            permission="incident.follow",
        ),
        Link(
            rank=17,
            label=_("Reviews"),
            url="/centre/emergency/reviews/",
            icon="list",
            permission="incident.reviews",
        ),
        # duty and plans
        Link(rank=20, label=_("On duty"), url="/centre/emergency/duty/", icon="calendar", permission="chain.read"),
        Link(rank=30, label=_("Seats"), url="/centre/emergency/seats/", icon="people", permission="chain.read"),
        Link(rank=40, label=_("Outside lines"), url="/centre/emergency/lines/", icon="phone", permission="chain.read"),
        Link(
            rank=50,
            label=pgettext_lazy("emergency", "Plans"),
            url="/centre/emergency/plans/",
            icon="list",
            permission="chain.read",
        ),
        Link(
            rank=55,
            label=pgettext_lazy("emergency", "Signs"),
            url="/centre/emergency/signs/",
            icon="list",
            permission="chain.plans",
        ),
        # drills
        Link(rank=57, label=_("Drills"), url="/centre/emergency/drills/", icon="clock", permission="drill.read"),
        # duty and plans
        Link(rank=15, label=_("Readiness"), url="/centre/readiness/", icon="check", permission="chain.read"),
        Link(rank=54, label=_("Emergency kits"), url="/centre/emergency/kits/", icon="list", permission="kit.read"),
        Link(rank=56, label=_("Experts"), url="/centre/emergency/experts/", icon="people", permission="chain.sheet"),
        Link(rank=60, label=_("Going live"), url="/centre/emergency/chain/", icon="check", permission="chain.read"),
    ),
    "centre": (
        # incidents
        _board(5, counts=True),
        # contacts
        _contacts("centre"),
    ),
    "union": (
        # afterwards
        Link(rank=65, label=_("Own grants"), url="/union/grants/", icon="heart", permission="grant.decide"),
        # contacts
        _contacts("union"),
    ),
}
