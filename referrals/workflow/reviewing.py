"""Whether a request will wait for an office: said before it is sent, by the same rule that sends it (rules §2)."""

from dataclasses import dataclass
from datetime import datetime

from accounts.actor import Actor
from referrals.kinds import KINDS
from referrals.models import Referral
from referrals.rules import waits_for_office
from referrals.states import OPEN_REFERRALS, ReferralState
from referrals.workflow.times import office_answers_by
from tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Review:
    """``office`` (``centre`` or ``union``) looks first and answers by ``until`` (UTC) at the latest."""

    office: str
    until: datetime


def review_ahead(*, actor: Actor, tenant: Tenant, kind: str, units: int, moment: datetime) -> Review | None:
    """The review that a request sent at ``moment`` waits for; None when the rules approve it at once. Writes nothing."""
    rules = tenant.settings
    waits = waits_for_office(
        kind,
        always_asks=rules.always_asks(kind),
        sessions_so_far=_sessions_so_far(actor, kind),
        free_sessions=rules.self_referral_sessions,
        requested=units,
    )
    return Review(KINDS[kind].decider, office_answers_by(tenant, moment)) if waits else None


def _sessions_so_far(actor: Actor, kind: str) -> int:
    """Sessions that the person already had or has open for this kind: the first few need nobody's word."""
    live = Referral.objects.filter(
        person_id=actor.membership_id,
        kind=kind,
        state__in=[*OPEN_REFERRALS, ReferralState.CLOSED],
    )
    return sum(live.values_list("units", flat=True))
