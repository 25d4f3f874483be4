"""Who leaves the school: what is booked for the next days (``leaver_days``) stays, all beyond is free again (books §4, rules §1).

A child's place that another guardian may still take waits for that answer (``workflow.passing_on``). The leaving day decides, not the sweep: the counter takes no voucher after those days (``last_day_of_leaver``), swept or not.
"""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import DateField, Exists, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from accounts.actor import Actor
from accounts.models import Membership
from audit import record
from kernel.clock import end_of_day, local_day, now
from referrals.models import Booking, Referral, Voucher
from referrals.rules import last_day_of_leaver
from referrals.states import STANDING, UNDER_WAY, ReferralEvent, ReferralState, step
from referrals.workflow.appointments import let_go
from referrals.workflow.ending import LIVE, state_today
from referrals.workflow.instant import let_pending_go
from referrals.workflow.notices import tell_partner, tell_person, withdraw_offers
from referrals.workflow.passing_on import waits_for_guardian
from referrals.workflow.second_word import end_word
from referrals.workflow.submitting import release_all
from referrals.workflow.terminated import leave
from referrals.workflow.units import lock_accounts_of
from tenancy.models import Tenant
from tenancy.rules import TenantRules

REASON: Final = "left_school"
_ASKED: Final = (ReferralState.SUBMITTED, ReferralState.APPROVED, ReferralState.OFFERED)


def of_leavers() -> QuerySet[Referral]:
    """Requests of people who have left that wait for an answer, or whose voucher or appointment reaches beyond their last day.

    One day wider than any school's today; each school looks again by its own.
    """
    changed = Cast(KeyTextTransform("leaver_days", "tenant__rules"), IntegerField())
    days = Coalesce(changed, Value(TenantRules().leaver_days))
    last = ExpressionWrapper(F("person__left_on") + days, output_field=DateField())
    beyond = Voucher.objects.filter(referral=OuterRef("pk"), state__in=LIVE, valid_until__gt=OuterRef("last"))
    left = Referral.objects.filter(person__left_on__lt=local_day(now()) + timedelta(days=1)).alias(last=last)
    return left.filter(Q(state__in=_ASKED) | Q(state__in=UNDER_WAY) & Exists(beyond)).order_by("pk")


@transaction.atomic
def leave_school(*, actor: Actor, tenant: Tenant, referral_id: UUID) -> bool:
    """What waits for an answer ends, free; appointments beyond those days are off, free; the voucher ends with them.

    The person and the agency are told. False when there is nothing to do, or not yet: an appointment of today is under way.
    """
    referral = locked(referral_id)
    left_on = Membership.objects.get(pk=referral.person_id).left_on
    if left_on is None or left_on >= tenant.today():
        return False
    if referral.state in _ASKED:
        return _take_back(actor, tenant, referral)
    if referral.state in UNDER_WAY and not waits_for_guardian(referral):
        return _shorten(actor, tenant, referral, last_day_of_leaver(left_on, tenant.settings.leaver_days))
    return False


def locked(referral_id: UUID) -> Referral:
    """The request under lock: an agency that answers and a sweep come one after the other."""
    referral: Referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    return referral


def _take_back(actor: Actor, tenant: Tenant, referral: Referral) -> bool:
    moment = now()
    state = state_today(referral, tenant)
    if state not in _ASKED:
        return False  # its time is over: what ends it is about to
    withdraw_offers(referral, moment)
    let_pending_go(referral)
    end_word(referral, moment)
    lock_accounts_of(referral)
    referral.state, referral.deadline = step(state, ReferralEvent.CANCEL), None
    referral.decline_reason = REASON
    referral.save(update_fields=["state", "deadline", "decline_reason", "changed_at"])
    record(actor=actor, action="referral.left_school", obj=referral, facts={})
    release_all(actor, referral, REASON)
    tell_person(referral, "left_school_off")
    return True


def _shorten(actor: Actor, tenant: Tenant, referral: Referral, last: date) -> bool:
    bookings = list(
        Booking.objects.select_for_update(no_key=True)
        .filter(referral=referral, state__in=STANDING)
        .order_by("starts_at", "id")
    )
    beyond = [row for row in bookings if tenant.day_of(row.starts_at) > last]
    vouchers = Voucher.objects.select_for_update(no_key=True, of=("self",)).select_related("service")
    live = vouchers.filter(referral=referral, state__in=LIVE).first()
    if live is None or live.valid_until <= last:
        return False
    if live.valid_from > last or (beyond and len(beyond) == len(bookings)):
        if not leave(actor, tenant, referral, REASON, "referral.left_school", to_others=False):
            return False
        tell_person(referral, "left_school_off")
    else:
        live.referral = referral
        standing = list(bookings)
        for booking in beyond:
            standing.remove(booking)
            let_go(actor, tenant, live, booking, standing)
        live.valid_until = last
        live.save(update_fields=["valid_until"])
        _ask_sooner(tenant, standing, last)
        record(actor=actor, action="referral.left_school", obj=referral, facts={"valid_until": live.valid_until})
        tell_person(referral, "left_school_until")
    for booking in beyond:
        tell_partner(
            booking.partner_id,
            "booking_cancelled",
            key=f"booking/{booking.pk}/cancelled",
            link="/partner/bookings/",
        )
    return True


def _ask_sooner(tenant: Tenant, standing: list[Booking], last: date) -> None:
    """An open voucher's days are shorter now: both are asked when those are over, and never at once for a sweep that lagged."""
    due = max(end_of_day(last, tenant.time_zone), now())
    for booking in standing:
        if booking.due_at is not None and booking.due_at > due:
            booking.due_at = due
            booking.save(update_fields=["due_at"])
