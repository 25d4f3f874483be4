"""A child has one place at a time, whichever of its guardians asks and at whichever agency (books §4)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from families.models import Child
from families.workflow import register_child
from kernel.errors import Conflict
from ledger.selectors import difference
from notifications.models import OutboxMessage
from referrals.models import Booking, Offer, Referral, Reschedule, Voucher
from referrals.workflow.answering import confirm_offer
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.rescheduling import ask_reschedule
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask
from ui.refusals import explain

WITH_CHILD = ("referral", "childcare")


@pytest.fixture
def child(journey: Journey) -> Iterator[Child]:
    """A child of two of the staff."""
    register_child(actor=journey.staff, name="小满", born=date(2019, 3, 4))
    yield register_child(actor=journey.staff2, name="小满", born=date(2019, 3, 4))


def ask_for(journey: Journey, child: Child | None, who: Any, *, days: int = 20) -> Referral:
    extra = {"child_id": child.pk} if child else {}
    return ask(journey, who=who, service=journey.childcare, days=days, consent=WITH_CHILD, **extra)


def test_the_other_parent_gets_no_second_place_at_the_same_time(journey: Journey, child: Child) -> None:
    first, second = ask_for(journey, child, journey.staff), ask_for(journey, child, journey.staff2)
    answer(journey, first)
    told = OutboxMessage.objects.count()
    with pytest.raises(Conflict, match="child_busy"):
        answer(journey, second)
    assert Booking.objects.filter(state="confirmed").count() == Voucher.objects.count() == 1
    assert Offer.objects.get(referral=second).state == "open", "the agency may name another time"
    assert OutboxMessage.objects.count() == told, "nobody is told"
    assert difference() == 0


def test_one_parent_gets_no_second_place_either_but_at_another_time(journey: Journey, child: Child) -> None:
    answer(journey, ask_for(journey, child, journey.staff))
    with pytest.raises(Conflict, match="child_busy"):
        answer(journey, ask_for(journey, child, journey.staff))
    later = ask_for(journey, child, journey.staff2, days=21)
    answer(journey, later)
    assert Booking.objects.filter(state="confirmed").count() == 2


def test_what_ends_when_the_other_begins_does_not_overlap(journey: Journey, child: Child) -> None:
    answer(journey, ask_for(journey, child, journey.staff))
    second = ask_for(journey, child, journey.staff2)
    start = Booking.objects.get().ends_at
    confirm_offer(
        actor=journey.partner_office,
        tenant=journey.tenant,
        offer_id=Offer.objects.get(referral=second).pk,
        starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )
    assert Booking.objects.filter(state="confirmed").count() == 2


def test_a_brother_and_a_cancelled_place_are_in_nobodys_way(journey: Journey, child: Child) -> None:
    first = ask_for(journey, child, journey.staff)
    answer(journey, first)
    brother = register_child(actor=journey.staff, name="小暑", born=date(2017, 7, 7))
    answer(journey, ask_for(journey, brother, journey.staff))
    cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=first.pk)
    answer(journey, ask_for(journey, child, journey.staff2))
    assert Booking.objects.filter(state="confirmed").count() == 2


def test_nothing_moves_into_the_time_of_the_childs_other_place(journey: Journey, child: Child) -> None:
    stays = answer(journey, ask_for(journey, child, journey.staff))
    moves = answer(journey, ask_for(journey, child, journey.staff2, days=21))
    with pytest.raises(Conflict, match="child_busy"):
        ask_reschedule(
            actor=journey.staff2, tenant=journey.tenant, booking_id=moves.pk,
            starts_at=stays.starts_at, ends_at=stays.ends_at,
        )  # fmt: skip
    assert not Reschedule.objects.exists()


def test_the_refusal_names_neither_agency_nor_service_nor_parent(journey: Journey, child: Child) -> None:
    """What one parent asks for, the other does not see (docs/privacy.md): a time that is taken, and no more."""
    answer(journey, ask_for(journey, child, journey.staff))
    with pytest.raises(Conflict) as refused:
        answer(journey, ask_for(journey, child, journey.staff2))
    assert refused.value.reason == "child_busy" and not refused.value.params
    row = explain("child_busy")
    words = f"{row.title} {row.detail} {row.next_step}"
    assert not any(name in words for name in (journey.institution.name, journey.childcare.name, "小满"))
