"""What notifications add to the navigation: the inbox."""

from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _

from notifications.inbox import unread_up_to
from ui.navigation import MANY, STAFF, Link

TABS: Final = {
    STAFF: (
        Link(
            rank=40,
            label=_("Messages"),
            url="/my/messages/",
            icon="inbox",
            permission="inbox.own",
            count=partial(unread_up_to, MANY),
        ),
    ),
}
