"""What notifications add to the navigation: the inbox, and a school's ways out."""

from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
SECTIONS: Final = {
    "school": (
        Link(
            rank=57,
            label=pgettext_lazy("ways out", "Channels"),
            url="/school/channels/",
            icon="send",
            permission="channel.manage",
        ),
    ),
}
