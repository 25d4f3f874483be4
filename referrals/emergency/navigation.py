"""What the chain adds to the navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ui.navigation import Link


def _contacts(office: str) -> Link:
    url = f"/{office}/contacts/"
    return Link(rank=60, label=_("Emergency contacts"), url=url, icon="phone", permission="contact.coverage")


# duty and plans
OFFICES: Final = {
    "emergency": Link(
        rank=15,
        label=pgettext_lazy("office", "Emergency"),
        url="/centre/emergency/duty/",
        icon="phone",
        permission="chain.read",
        covers=("/centre/emergency/",),
    ),
}
SECTIONS: Final = {
    "emergency": (
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
        Link(rank=60, label=_("Going live"), url="/centre/emergency/chain/", icon="check", permission="chain.read"),
    ),
    "centre": (
        # contacts
        _contacts("centre"),
    ),
    "union": (
        # contacts
        _contacts("union"),
    ),
}
