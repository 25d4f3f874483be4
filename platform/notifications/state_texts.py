"""How the states of a way out look. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import pgettext_lazy

from ui.states import IDLE, OK, WAIT, Sign

SIGNS: Final[dict[str, Sign]] = {
    "channel:unset": Sign(IDLE, "ring", pgettext_lazy("channel", "Not set up")),
    "channel:off": Sign(IDLE, "slash", pgettext_lazy("channel", "Switched off")),
    "channel:unproven": Sign(WAIT, "alert", pgettext_lazy("channel", "Unproven")),
    "channel:old": Sign(WAIT, "clock", pgettext_lazy("channel", "Proven long ago")),
    "channel:proven": Sign(OK, "check", pgettext_lazy("channel", "Proven")),
}
