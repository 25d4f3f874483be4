"""One school's agreement is suspended, put in force again or terminated. Other schools' agreements stay as they are (ADR 0050).

What is booked there is decided one by one while it is suspended, and void once it is terminated (``referrals``); both follow
from the row and its dates, whenever their sweep comes.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit.workflow import record
from kernel.clock import local_day, now
from kernel.errors import Invalid
from partners.kinds import AgreementReason
from partners.models import BOUND_STATES, Agreement
from partners.pauses import lock_pauses
from partners.states import AGREEMENT_MOVES, AgreementEvent, AgreementState, step
from partners.workflow.agreements import locked_agreement


@transaction.atomic
def suspend_agreement(*, actor: Actor, agreement_id: UUID, reason: str) -> Agreement:
    """Nothing new at the agency from this moment on; both offices may, since it can be about somebody's safety.

    Raises Forbidden, NotFound, Invalid for an unknown ``reason``, IllegalMove for one that is not in force or over.
    """
    require(actor, "agreement.suspend")
    agreement = locked_agreement(agreement_id)
    _check(reason)
    after = step(state_today(agreement), AgreementEvent.SUSPEND)
    lock_pauses(agreement.partner_id)
    agreement.state, agreement.reason, agreement.suspended_at = after, reason, now()
    agreement.save(update_fields=["state", "reason", "suspended_at"])
    record(actor=actor, action="agreement.suspend", obj=agreement, facts={"reason": reason})
    return agreement


@transaction.atomic
def resume_agreement(*, actor: Actor, agreement_id: UUID) -> Agreement:
    """In force again: its services can be booked, and what was not decided yet stays as it is. By whoever approves agreements.

    Raises Forbidden, NotFound, IllegalMove for one that is not suspended, or whose last day is over, swept or not.
    """
    require(actor, "agreement.approve")
    agreement = locked_agreement(agreement_id)
    agreement.state = step(state_today(agreement), AgreementEvent.RESUME)
    agreement.reason, agreement.suspended_at = "", None
    agreement.save(update_fields=["state", "reason", "suspended_at"])
    record(actor=actor, action="agreement.resume", obj=agreement, facts={})
    return agreement


@transaction.atomic
def terminate_agreement(*, actor: Actor, agreement_id: UUID, reason: str) -> Agreement:
    """Over from this moment on: what was not served is void, what was done is paid (books §4). By whoever approves agreements.

    One whose first day is still to come is called off. Raises what ``suspend_agreement`` raises; a draft is thrown away instead.
    """
    require(actor, "agreement.approve")
    agreement = locked_agreement(agreement_id)
    _check(reason)
    after = step(state_today(agreement), AgreementEvent.END)
    lock_pauses(agreement.partner_id)
    moment = now()
    today = local_day(moment)
    agreement.state, agreement.reason, agreement.ended_at = after, reason, moment
    if agreement.valid_from <= today:
        agreement.terminated_at = moment
        agreement.valid_until = max(today, agreement.valid_from + timedelta(days=1))
    agreement.save(update_fields=["state", "reason", "ended_at", "terminated_at", "valid_until"])
    record(actor=actor, action="agreement.terminate", obj=agreement, facts={"reason": reason})
    return agreement


def can(agreement: Agreement, event: AgreementEvent) -> bool:
    """Whether ``event`` is a legal move of the agreement as it stands today."""
    return (state_today(agreement), event) in AGREEMENT_MOVES


def state_today(agreement: Agreement) -> AgreementState:
    """As the dates have it: one whose last day is over has ended, whether or not the sweep has been."""
    over = agreement.state in BOUND_STATES and agreement.valid_until <= local_day(now())
    return AgreementState.ENDED if over else AgreementState(agreement.state)


def _check(reason: str) -> None:
    if reason not in AgreementReason:
        raise Invalid(fields=(("reason", "out_of_range", ", ".join(AgreementReason.values)),))
