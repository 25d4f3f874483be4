"""What notifications add to the navigation: the inbox."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import STAFF, Link

TABS: Final = {
    STAFF: (Link(rank=40, label=_("Messages"), url="/my/messages/", icon="inbox", permission="inbox.own"),),
}
