"""The fee for a missed appointment: what it would be, before the click, and how it is charged (books §3, docs/bookings.md)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import add
from typing import Final

from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.same_person import places_of_person
from audit import record
from kernel.clock import school_year
from kernel.errors import Refused
from partners.selectors import agreed_line
from partners.terms import CancellationTerms
from referrals.kinds import Scheme
from referrals.missed import NOTHING, Missed, MissedFee, holds_unit, missed_fee
from referrals.models import Booking, Redemption, Referral, Unit, Voucher
from referrals.rules import Cancellation, cancellation, is_by_appointment, units_a_visit
from referrals.states import BookingState, RedemptionEvent, RedemptionKind, RedemptionState, UnitState, step
from referrals.workflow.relief import is_relief
from referrals.workflow.unit_holders import holding_rows
from referrals.workflow.units import charge_unit, rows_of_units
from tenancy.messages import Part, send, together
from tenancy.models import Tenant

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What letting an appointment go means at a moment: ``fee`` is nothing while it is free."""

    meaning: Cancellation
    fee: MissedFee = NOTHING

    @property
    def is_free(self) -> bool:
        """Whether it costs the person nothing, whoever else pays."""
        return self.fee.person_fen == 0 and not self.fee.uses_unit


def lock_fees(referral: Referral) -> None:
    """Which is the first missed appointment of a person's school year is decided by one act at a time, at all of their places.

    After the voucher and before slot and accounts in the order of locks.
    """
    send(*(Part(_LOCK, (f"fees/{place}",)) for place in sorted(places_of_person(referral.person_id))))


def terms_for(tenant: Tenant, booking: Booking) -> CancellationTerms:
    """The terms of the agreement of the appointment's day; where none holds any more, nothing is asked."""
    try:
        stored = agreed_line(booking.service_id, tenant.day_of(booking.starts_at)).agreement.cancellation_terms
    except Refused:
        return CancellationTerms()
    return CancellationTerms.from_json(stored)


def leaving(tenant: Tenant, referral: Referral, voucher: Voucher | None, booking: Booking, moment: datetime) -> Leaving:
    """What letting it go at ``moment`` means: free until the school's hours before, and the agreement's where it is kinder."""
    if booking.state == BookingState.PENDING:  # nobody has agreed to that time yet
        return Leaving(Cancellation.FREE)
    terms = terms_for(tenant, booking)
    free_before = timedelta(hours=min(tenant.settings.free_cancel_hours, terms.free_hours))
    meaning = cancellation(booking.starts_at, moment, free_before)
    if meaning is not Cancellation.LATE or voucher is None:
        return Leaving(meaning)
    if booking.reassigned_at is not None:  # the agency changed who it is with: nobody has to go there
        return Leaving(Cancellation.FREE)
    return Leaving(meaning, fee_of(tenant, referral, voucher, booking, Missed.LATE))


def fee_of(tenant: Tenant, referral: Referral, voucher: Voucher, booking: Booking, how: Missed) -> MissedFee:
    """What missing it would cost, without a lock: for a screen."""
    held, standing, paid = rows_of_units(referral, UnitState.HELD), holding_rows(referral), _paid_days(referral)
    together(held, standing, paid)
    units = _units_among(referral, voucher, booking, list(held), standing)
    split = _splits(tenant, referral, booking, units, how, paid)
    return reduce(add, (fee for _unit, fee in split), NOTHING)


def units_at(referral: Referral, voucher: Voucher, booking: Booking) -> list[Unit]:
    """The held units that it would spend: the one in its place among the appointments, or those of the visit's hours."""
    held, standing = rows_of_units(referral, UnitState.HELD), holding_rows(referral)
    together(held, standing)
    return _units_among(referral, voucher, booking, list(held), standing)


def _units_among(
    referral: Referral, voucher: Voucher, booking: Booking, held: list[Unit], standing: Iterable[Booking]
) -> list[Unit]:
    unit = voucher.service.unit
    if not is_by_appointment(referral.kind, unit):
        return held[: units_a_visit(unit, booking.ends_at - booking.starts_at)]
    place = [row.pk for row in standing if holds_unit(row)].index(booking.pk)
    return held[place : place + 1]


def charge(
    actor: Actor,
    tenant: Tenant,
    referral: Referral,
    voucher: Voucher,
    booking: Booking,
    units: Sequence[Unit],
    how: Missed,
    moment: datetime,
) -> list[Unit]:
    """Charge what the pool pays, note on ``booking`` (saved by the caller) what the agency may ask; the units that paid.

    One line of kind ``fee`` a unit, valid at once: the person has pressed the button, or let the time to object pass.
    Referral, booking, voucher, ``lock_fees`` and the accounts are locked by the caller.
    """
    paid = []
    for unit, fee in _splits(tenant, referral, booking, units, how, _paid_days(referral)):
        booking.missed_fee_fen += fee.fee_fen
        booking.missed_paid_fen += fee.pool_fen
        if not fee.uses_unit:
            continue
        line = Redemption(
            voucher=voucher,
            booking=booking,
            partner_id=voucher.partner_id,
            unit_index=unit.index,
            kind=RedemptionKind.FEE,
            service_date=tenant.day_of(booking.starts_at),
            fee_fen=fee.pool_fen,
            subsidy_fen=fee.pool_fen,
            self_fen=0,
            voucher_number=voucher.number,
            state=step(RedemptionState.REDEEMED, RedemptionEvent.VALIDATE),
            redeemed_at=moment,
        )
        line.save(force_insert=True)
        record(
            actor=actor,
            action="booking.fee",
            obj=line,
            facts={"voucher": voucher.pk, "subsidy_fen": fee.pool_fen, "meaning": how.value},
        )
        charge_unit(actor=actor, referral=referral, unit=unit, fen=fee.pool_fen, redemption_id=line.pk)
        paid.append(unit)
    return paid


def _splits(
    tenant: Tenant,
    referral: Referral,
    booking: Booking,
    units: Sequence[Unit],
    how: Missed,
    paid: Iterable[date],
) -> list[tuple[Unit, MissedFee]]:
    terms, is_crisis = terms_for(tenant, booking), is_relief(referral)
    year = school_year(tenant.day_of(booking.starts_at))
    paid_once = any(school_year(day) == year for day in paid)
    is_first = is_crisis or (tenant.settings.first_missed_paid and not paid_once)
    return [
        (
            unit,
            missed_fee(
                terms,
                how,
                fee_fen=unit.fee_fen,
                subsidy_fen=unit.subsidy_fen,
                is_first=is_first,
                is_crisis=is_crisis,
            ),
        )
        for unit in units
    ]


def _paid_days(referral: Referral) -> QuerySet[Redemption, date]:
    """The days of the person's missed appointments that a pool has paid for; a crisis does not count."""
    lines = (
        Redemption.objects.filter(voucher__person__in=places_of_person(referral.person_id), kind=RedemptionKind.FEE)
        .exclude(state=RedemptionState.REVERSED)
        .exclude(voucher__referral__policy__scheme=Scheme.CRISIS_RELIEF)
    )
    return lines.values_list("service_date", flat=True)
