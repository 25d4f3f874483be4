"""How the states of agreements and institutions are shown. Found by ``ui.states``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.states import BAD, IDLE, INFO, OK, WAIT, Sign

SIGNS: Final[dict[str, Sign]] = {
    # agreement
    "agreement:draft": Sign(IDLE, "ring", _("Draft")),
    "agreement:signed": Sign(INFO, "check", _("Signed")),
    "agreement:active": Sign(OK, "dot", _("In force")),
    "agreement:renewal_due": Sign(WAIT, "clock", _("Renewal due")),
    "agreement:suspended": Sign(BAD, "slash", _("Suspended")),
    "agreement:ended": Sign(IDLE, "check", _("Ended")),
    # institution
    "institution:prospect": Sign(IDLE, "ring", _("Prospect")),
    "institution:vetted": Sign(INFO, "check", _("Vetted")),
    "institution:listed": Sign(OK, "dot", _("Listed")),
    "institution:suspended": Sign(BAD, "slash", _("Suspended")),
    "institution:terminated": Sign(BAD, "slash", _("Terminated")),
    "institution:archived": Sign(IDLE, "inbox", _("Archived")),
}
