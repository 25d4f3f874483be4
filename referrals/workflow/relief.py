"""Crisis relief: help at home for somebody who is being helped, whole from the union's pool, asked for by the centre (rules §1).

The request looks like every other of its kind: the union decides it, the agency is asked without a name, the person reads it
among their own. Nothing of it says why, or leads to what it came from.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from families.purposes import Purpose
from families.workflow import note_consent
from kernel.clock import now
from kernel.errors import NotFound, Refused
from partners.selectors import agreed_line
from referrals.access import as_uuid
from referrals.kinds import KINDS, Scheme
from referrals.models import Referral, ReferralWindow
from referrals.states import ReferralEvent, ReferralState, ReviewReason, step
from referrals.subsidies.quoting import price
from referrals.workflow.notices import tell_deciders, tell_person
from referrals.workflow.submitting import priced
from referrals.workflow.times import office_answers_by, wished_times
from referrals.workflow.units import hold_units
from tenancy.models import Tenant
from tenancy.numbers import next_number


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
    person = Membership.objects.current(tenant.day_of(moment)).accepted().filter(pk=person_id).first()
    if person is None or person.pk == actor.membership_id:
        raise NotFound
    times = wished_times(tenant, service_id, windows, moment)
    day = min(tenant.day_of(start) for start, _ in times)
    kind = agreed_line(as_uuid(service_id), day).service.kind
    if not KINDS[kind].in_crisis:
        raise Refused("relief_not_covered")
    # The number before the books, for the reason given in submit_referral.
    number = f"{tenant.code}-{day.year}-R{next_number('referral', day.year):05d}"
    line, _child, decision, _left, _accounts = price(
        actor, service_id=service_id, units=units, service_date=day, child_id=None, locked=True, relief_for=person.pk
    )
    if decision.self_fen:
        raise Refused("relief_not_whole")
    referral = priced(decision)
    referral.number, referral.person_id, referral.kind = number, person.pk, kind
    referral.service, referral.partner_id = line.service, line.service.institution_id
    referral.service_date, referral.submitted_at = day, moment
    referral.state = step(ReferralState.DRAFT, ReferralEvent.SUBMIT)
    referral.needs_person, referral.review_reason = True, ReviewReason.RELIEF
    referral.consent = [Purpose.REFERRAL.value]
    referral.deadline = office_answers_by(tenant, moment)
    referral.save(force_insert=True)
    ReferralWindow.objects.bulk_create(
        ReferralWindow(referral=referral, starts_at=start, ends_at=end) for start, end in times
    )
    record(
        actor=actor,
        action="referral.submit_for",
        obj=referral,
        facts={"units": units, "fee_fen": decision.fee_fen, "subsidy_fen": decision.subsidy_fen, "by_person": True},
    )
    note_consent(
        actor=actor,
        person_id=person.pk,
        purpose=Purpose.REFERRAL,
        referral_id=referral.pk,
        recipient_id=referral.partner_id,
    )
    hold_units(actor=actor, referral=referral)
    tell_person(referral, "referral_submitted")
    tell_deciders(referral, KINDS[kind].decider)
    return referral
