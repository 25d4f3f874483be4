"""How states of what is handed on are shown. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ui.states import IDLE, INFO, OK, WAIT, Sign

SIGNS: Final[dict[str, Sign]] = {
    "mediation:asked": Sign(WAIT, "clock", pgettext_lazy("mediation", "Waiting for a time")),
    "mediation:invited": Sign(INFO, "calendar", pgettext_lazy("mediation", "First talk")),
    "mediation:suggested": Sign(WAIT, "bell", pgettext_lazy("mediation", "Waiting for the person")),
    "mediation:agreed": Sign(OK, "check", pgettext_lazy("mediation", "Both sides agree")),
    "mediation:linked": Sign(OK, "send", pgettext_lazy("mediation", "Mediator asked")),
    "mediation:settled": Sign(IDLE, "check", pgettext_lazy("mediation", "Talked through")),
    "mediation:closed": Sign(IDLE, "slash", pgettext_lazy("mediation", "Ended by the centre")),
    "mediation:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
    "mediation:lapsed": Sign(IDLE, "slash", pgettext_lazy("mediation", "Its time ran out")),
    # a card to an institution
    "hand_on:shown": Sign(WAIT, "bell", pgettext_lazy("card", "Waiting for the person's yes")),
    "hand_on:sent": Sign(INFO, "send", pgettext_lazy("card", "Sent, not opened")),
    "hand_on:read": Sign(OK, "eye", pgettext_lazy("card", "Opened")),
    "hand_on:answered": Sign(OK, "check", pgettext_lazy("card", "Answered")),
    "hand_on:refused": Sign(IDLE, "slash", pgettext_lazy("card", "The person said no")),
    "hand_on:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
    "hand_on:revoked": Sign(IDLE, "undo", pgettext_lazy("card", "Taken back by the person")),
    "hand_on:lapsed": Sign(IDLE, "slash", pgettext_lazy("card", "Over")),
}
