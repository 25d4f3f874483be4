"""What the chain adds to the navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import Link


def _contacts(office: str) -> Link:
    url = f"/{office}/contacts/"
    return Link(rank=60, label=_("Emergency contacts"), url=url, icon="phone", permission="contact.coverage")


SECTIONS: Final = {
    "centre": (
        # contacts
        _contacts("centre"),
    ),
    "union": (
        # contacts
        _contacts("union"),
    ),
}
