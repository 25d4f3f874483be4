"""How the states of a consent are shown. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.states import IDLE, OK, WAIT, Sign

SIGNS: Final[dict[str, Sign]] = {
    # consent
    "consent:asked": Sign(WAIT, "clock", _("Waiting for consent")),
    "consent:given": Sign(OK, "check", _("Agreed")),
    "consent:refused": Sign(IDLE, "slash", _("Refused")),
    "consent:withdrawn": Sign(IDLE, "slash", _("Withdrawn")),
}
