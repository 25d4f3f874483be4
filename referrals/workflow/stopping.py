"""A course is stopped: what is not served is released, what was served stays (books §2)."""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Refused
from referrals.access import access_referral
from referrals.kinds import DECIDING_OFFICES, KINDS
from referrals.models import Booking, Referral, Voucher
from referrals.states import STANDING, UnitState, VoucherEvent, step
from referrals.workflow.calling_off import call_off, plan_off, tell_off
from referrals.workflow.completing import complete
from referrals.workflow.course import may_stop
from referrals.workflow.ending import LIVE
from referrals.workflow.notices import tell_person
from referrals.workflow.unit_holders import asked_about
from referrals.workflow.units import lock_accounts_of, release_units, units_of
from tenancy.models import Tenant


@transaction.atomic
def stop_course(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """The person, or the office that decides its kind, ends a course early: all units that are not served are released.

    What was served stays. Appointments still to come are off and the agency is told; what the person lets go late costs what
    the agreement says. Raises NotFound for a stranger, Refused ``nothing_left`` when there is no such course,
    ``cancel_started`` while an appointment is on, ``asked_about`` while it is open what became of one.
    """
    if not any(actor.may(f"referral.decide.{office}") for office in DECIDING_OFFICES):
        require(actor, "referral.own")
    seen = access_referral(actor, referral_id)
    own = seen.person_id == actor.membership_id
    require(actor, "referral.own" if own else f"referral.decide.{KINDS[seen.kind].decider}")
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    standing = list(
        Booking.objects.select_for_update(no_key=True)
        .filter(referral=referral, state__in=STANDING)
        .order_by("starts_at", "pk")
    )
    voucher = (
        Voucher.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(referral=referral, state__in=LIVE)
        .first()
    )
    if voucher is None or not may_stop(referral, voucher, tenant):
        raise Refused("nothing_left")
    moment = now()
    if any(booking.starts_at <= moment < booking.ends_at for booking in standing):
        raise Refused("cancel_started")
    if asked_about(referral, moment) or any(booking.starts_at <= moment for booking in standing):
        raise Refused("asked_about")
    plan = plan_off(tenant, referral, voucher, standing, moment, is_free=not own)
    lock_accounts_of(referral)
    call_off(actor, tenant, referral, voucher, plan, moment)
    unserved = units_of(referral, UnitState.HELD)
    voucher.state, voucher.units_left = step(voucher.state, VoucherEvent.VOID), 0
    voucher.save(update_fields=["state", "units_left"])
    complete(referral, tenant.time_zone)
    referral.save(update_fields=["state", "deadline", "changed_at"])
    record(actor=actor, action="referral.stop", obj=referral, facts={"unused": len(unserved), "own": own})
    release_units(actor=actor, referral=referral, units=unserved, why="stop", voucher_id=voucher.pk)
    tell_person(referral, "course_stopped")
    tell_off(plan)
    return referral
