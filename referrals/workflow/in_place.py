"""A request that one colleague sends for another who said yes: what crisis relief and the union's proxy have in common."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from accounts.actor import Actor
from accounts.models import Membership
from accounts.same_person import same_member
from audit import record
from families.purposes import Purpose
from families.workflow import note_consent
from kernel.errors import Forbidden, NotFound, Refused
from partners.selectors import agreed_line
from referrals.access import as_uuid
from referrals.kinds import KINDS
from referrals.models import Referral, ReferralWindow
from referrals.states import ReferralEvent, ReferralState, ReviewReason, step
from referrals.subsidies.quoting import price
from referrals.workflow.reviewing import lock_person
from referrals.workflow.submitting import priced
from referrals.workflow.times import office_answers_by, wished_times
from referrals.workflow.units import hold_units
from tenancy.models import Tenant
from tenancy.numbers import next_number


def colleague_of(actor: Actor, tenant: Tenant, person_id: UUID | str, moment: datetime) -> Membership:
    """Somebody else who belongs to the school today; NotFound for oneself and for everybody else, Forbidden ``same_person`` for
    oneself under another account."""
    person = Membership.objects.current(tenant.day_of(moment)).accepted().filter(pk=as_uuid(person_id)).first()
    if person is None or person.pk == actor.membership_id:
        raise NotFound
    if same_member(person.pk, actor.membership_id):
        raise Forbidden("same_person")
    return person


def submit_in_place(
    actor: Actor,
    tenant: Tenant,
    person: Membership,
    *,
    service_id: UUID | str,
    units: int,
    windows: Sequence[tuple[datetime, datetime]],
    moment: datetime,
    why_reviewed: ReviewReason | None,
    in_crisis: bool = False,
    child_id: UUID | None = None,
    before_books: Callable[[], None] | None = None,
) -> Referral:
    """The request itself, priced and reserved for ``person``, with neither words nor wishes; nobody is told yet.

    ``child_id``: a child whose guardian ``person`` is, where the kind is asked for one. ``before_books``: what becomes free for
    this request in the same act, after its number and before its price (order of locks).

    ``why_reviewed``: None where no office looks first. Refused ``relief_not_covered`` for a kind that crisis relief does not
    pay, ``relief_not_whole`` when it would not pay all, ``no_agreement``, ``no_policy``; Invalid for times and units. Inside
    the caller's transaction.
    """
    places = lock_person(person.pk)
    times = wished_times(tenant, service_id, windows, moment)
    day = min(tenant.day_of(start) for start, _ in times)
    kind = agreed_line(as_uuid(service_id), day).service.kind
    if in_crisis and not KINDS[kind].in_crisis:
        raise Refused("relief_not_covered")
    # The number before the books, for the reason given in submit_referral.
    number = f"{tenant.code}-{day.year}-R{next_number('referral', day.year):05d}"
    if before_books is not None:
        before_books()
    line, child, decision, _left, _accounts = price(
        actor,
        service_id=service_id,
        units=units,
        service_date=day,
        child_id=child_id,
        locked=True,
        for_person=person.pk,
        in_crisis=in_crisis,
        places=places,
    )
    if in_crisis and decision.self_fen:
        raise Refused("relief_not_whole")
    referral = priced(decision)
    referral.number, referral.person_id, referral.kind, referral.child_id = number, person.pk, kind, child
    referral.service, referral.partner_id = line.service, line.service.institution_id
    referral.service_date, referral.submitted_at = day, moment
    referral.state = step(ReferralState.DRAFT, ReferralEvent.SUBMIT)
    referral.needs_person, referral.review_reason = why_reviewed is not None, why_reviewed or ""
    purposes = [Purpose.REFERRAL, *([Purpose.CHILDCARE] if child else [])]
    referral.consent = sorted(purpose.value for purpose in purposes)
    referral.deadline = office_answers_by(tenant, moment)
    referral.save(force_insert=True)
    ReferralWindow.objects.bulk_create(
        ReferralWindow(referral=referral, starts_at=start, ends_at=end) for start, end in times
    )
    record(
        actor=actor,
        action="referral.submit_for",
        obj=referral,
        facts={
            "units": units,
            "fee_fen": decision.fee_fen,
            "subsidy_fen": decision.subsidy_fen,
            "by_person": why_reviewed is not None,
        },
    )
    for purpose in purposes:
        note_consent(
            actor=actor,
            person_id=person.pk,
            purpose=purpose,
            referral_id=referral.pk,
            recipient_id=referral.partner_id,
            child_id=child if purpose is Purpose.CHILDCARE else None,
        )
    hold_units(actor=actor, referral=referral)
    return referral
