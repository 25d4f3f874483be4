"""What open days add to the navigation: a section of the trade union, which organises them."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import Link

SECTIONS: Final = {
    "union": (Link(rank=40, label=_("Open days"), url="/union/open-days/", icon="calendar", permission="openday.run"),),
}
