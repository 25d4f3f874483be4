"""Steps of missed appointments that several files walk; the school of ``journey`` is open."""

from datetime import timedelta
from typing import Any

from kernel.clock import as_of
from ledger.models import Transfer
from ledger.selectors import difference
from partners.models import Agreement
from referrals.due import run_due
from referrals.missed import day_over_at
from referrals.models import Booking, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow.unscanned import say_took_place
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

DAY = timedelta(days=1)
TERMS = {"free_hours": 24, "late_fee_bp": 3_000, "no_show_fee_bp": 5_000}


def with_terms(journey: Journey, **terms: int) -> None:
    """The agreement asks 30 % for cancelling late and 50 % for not coming."""
    Agreement.objects.filter(pk=journey.agreement.pk).update(cancellation_terms={**TERMS, **terms})


def booked(journey: Journey, *, who: Any = None, units: int = 1, days: int = 1) -> tuple[Referral, Booking, Voucher]:
    """A confirmed appointment of counselling: 300 yuan, of which the school pays 210."""
    referral = ask(journey, who=who, units=units, days=days)
    booking = answer(journey, referral)
    return referral, booking, Voucher.objects.get(booking=booking)


def say(journey: Journey, who: Any, booking: Booking, says: str, at: Any = None) -> Booking:
    """An answer, some minutes after the end of the appointment's day unless ``at`` is given."""
    with as_of(at or day_over_at(booking.ends_at, booking.zone) + timedelta(minutes=5)):
        return say_took_place(actor=who, tenant=journey.tenant, booking_id=booking.pk, says=says)


def sweep(at: Any) -> None:
    """The sweep comes at ``at``."""
    with as_of(at):
        run_due()


def fresh(*rows: Any) -> tuple[str, ...]:
    """The states as the database has them."""
    for row in rows:
        row.refresh_from_db()
    return tuple(row.state for row in rows)


def even() -> bool:
    """Books and units agree to the fen, and nothing is left half (M6)."""
    return difference() == 0 and units_difference() == 0


def lines(kind: str) -> list[Any]:
    """Transfers of one kind, in order: the service's day and the pool's year."""
    return list(Transfer.objects.filter(kind=kind).order_by("created_at").values_list("service_date", "budget_year"))
