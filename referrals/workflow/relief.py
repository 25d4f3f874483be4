"""Crisis relief: help at home for somebody who is being helped, whole from the union's pool, asked for by the centre (rules §1).

The request looks like every other of its kind: the union decides it, the agency is asked without a name, the person reads it
among their own. Nothing of it says why, or leads to what it came from.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from kernel.clock import now
from ledger.keys import AccountKey, Book, Unit
from ledger.selectors import balance
from referrals.kinds import KINDS, Scheme
from referrals.models import Referral
from referrals.states import ReviewReason
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow.in_place import colleague_of, submit_in_place
from referrals.workflow.notices import tell_deciders, tell_person
from tenancy.models import Tenant


def is_short(tenant: Tenant) -> bool:
    """Whether this year's pool of crisis relief, once there is one, holds less than one case may need."""
    day = tenant.today()
    stands = balance(AccountKey(Book.POOL, Scheme.CRISIS_RELIEF, day.year, Unit.FEN))
    opened = stands.available + stands.reserved + stands.spent > 0
    return opened and stands.available < ONE_CASE_FEN


def is_relief(referral: Referral) -> bool:
    """Whether crisis relief pays for it. What is linked to a crisis is never penalised (rules §1)."""
    return referral.policy is not None and referral.policy.scheme == Scheme.CRISIS_RELIEF


@transaction.atomic
def submit_relief(
    *,
    actor: Actor,
    tenant: Tenant,
    person_id: UUID,
    service_id: UUID | str,
    units: int,
    windows: Sequence[tuple[datetime, datetime]],
) -> Referral:
    """Ask for a person who said yes; how they said so is kept by whoever calls this. The union always decides.

    Needs ``referral.relief``; NotFound for oneself and for who does not belong to the school. The whole price is reserved in
    the union's pool at once. Refused ``relief_not_covered`` for a kind that crisis relief does not pay, ``relief_not_whole``
    when something would be left for the person to pay, ``no_agreement``, ``no_policy``; Invalid for times and units.
    """
    require(actor, "referral.relief")
    moment = now()
    referral = submit_in_place(
        actor,
        tenant,
        colleague_of(actor, tenant, person_id, moment),
        service_id=service_id,
        units=units,
        windows=windows,
        moment=moment,
        why_reviewed=ReviewReason.RELIEF,
        in_crisis=True,
    )
    tell_person(referral, "referral_submitted")
    tell_deciders(referral, KINDS[referral.kind].decider)
    return referral
