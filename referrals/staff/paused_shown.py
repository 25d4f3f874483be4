"""What the person reads while the agency of their appointment is paused: no reason (books §4)."""

from django.utils.translation import gettext as _

from referrals.models import Referral
from referrals.states import PausedState
from referrals.workflow.paused import pause_of
from tenancy.models import Tenant
from ui.templatetags.ui import school_time


def paused_text(tenant: Tenant, found: Referral) -> str:
    """Until when the school decides, or that it stays; empty while the agency is not paused."""
    pause = pause_of(tenant, found)
    if pause is None:
        return ""
    if pause.state == PausedState.KEPT:
        return _("Your school has looked: it takes place as agreed.")
    return _(
        "Your school decides by %(until)s whether this stays, moves to another agency or is called off. It costs you nothing."
    ) % {"until": school_time(pause.due_at)}
