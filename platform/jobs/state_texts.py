"""How the states of a job are shown. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.states import BAD, IDLE, INFO, OK, WAIT, Sign

SIGNS: Final[dict[str, Sign]] = {
    # job
    "job:queued": Sign(WAIT, "clock", _("Queued")),
    "job:running": Sign(INFO, "refresh", _("Running")),
    "job:done": Sign(OK, "check", _("Done")),
    "job:failed": Sign(BAD, "triangle", _("Failed")),
    "job:cancelled": Sign(IDLE, "slash", _("Cancelled")),
}
