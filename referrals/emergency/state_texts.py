"""How the states of the chain are shown. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ui.states import BAD, IDLE, INFO, OK, WAIT, Sign

SIGNS: Final[dict[str, Sign]] = {
    # contacts
    "contact:ready": Sign(OK, "check", pgettext_lazy("contact", "Can be called")),
    "contact:by_hand": Sign(OK, "check", pgettext_lazy("contact", "Can be called by a person, not by machine")),
    "contact:asked": Sign(WAIT, "clock", pgettext_lazy("contact", "Has not answered yet")),
    "contact:lapsed": Sign(WAIT, "slash", pgettext_lazy("contact", "The link has run out")),
    "contact:not_asked": Sign(WAIT, "ring", pgettext_lazy("contact", "Not asked yet")),
    "contact:refused": Sign(IDLE, "slash", pgettext_lazy("contact", "Said no")),
    "contact:ended": Sign(IDLE, "undo", pgettext_lazy("contact", "No longer agrees")),
    "contact:barred": Sign(BAD, "slash", pgettext_lazy("contact", "On your list of those never called")),
    "contact:bounced": Sign(BAD, "alert", _("The number could not be reached")),
    "contact:wrong": Sign(BAD, "alert", _("Somebody else answers at the number")),
    # duty and plans
    "chain_plan:draft": Sign(WAIT, "ring", pgettext_lazy("plan", "Draft")),
    "chain_plan:in_use": Sign(OK, "check", pgettext_lazy("plan", "In use")),
    "chain_plan:retired": Sign(IDLE, "inbox", pgettext_lazy("plan", "Retired")),
    "chain:off": Sign(IDLE, "ring", pgettext_lazy("chain", "Off")),
    "chain:rehearsal": Sign(INFO, "clock", pgettext_lazy("chain", "In rehearsal")),
    "chain:live": Sign(OK, "dot", pgettext_lazy("chain", "Live")),
}
