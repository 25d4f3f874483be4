"""A child has one place at a time, whichever of its guardians asks and at whichever agency (books §4)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from families.models import Child
from families.workflow import register_child
from kernel.errors import Conflict
from ledger.selectors import difference
from notifications.models import OutboxMessage
from referrals.models import Booking, Offer, Referral, Reschedule, Voucher
from referrals.workflow.answering import confirm_offer
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.rescheduling import ask_reschedule
from tests.api.journey_client import API, office_of, staff_of
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.several_steps import agency_with
from tests.workflow.test_partner_screens import hidden
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


# At both doors


def answers(journey: Journey, asked: Referral) -> tuple[int, str]:
    """Status and code of the agency's yes by program."""
    offer = Offer.objects.get(referral=asked)
    start = asked.windows.get().starts_at
    body = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(minutes=50)).isoformat()}
    said = office_of(journey).post(f"{API}partner/offers/{offer.pk}/confirm/", body)
    return said.status_code, said.json().get("code", "")


def test_the_agency_reads_it_by_program_and_on_its_page(journey: Journey, child: Child) -> None:
    first, second = ask_for(journey, child, journey.staff), ask_for(journey, child, journey.staff2)
    assert answers(journey, first)[0] == 200
    assert answers(journey, second) == (409, "child_busy")
    office = Client(headers={"host": journey.platform.host, "accept-language": "zh-hans"})
    office.force_login(journey.partner_user)
    offer = Offer.objects.get(referral=second)
    before = office.get(f"/partner/offers/{offer.pk}/").content.decode()
    page = office.post(f"/partner/offers/{offer.pk}/", {"starts_at": hidden(before, "starts_at")})
    text = page.content.decode()
    assert page.status_code in (409, 422), page.status_code
    assert "孩子在这段时间已有预约" in text
    assert all(name not in text for name in ("小满", journey.members["staff"].name))
    assert Booking.objects.filter(state="confirmed").count() == 1


def test_who_moves_by_program_reads_it_too(journey: Journey, child: Child) -> None:
    stays = answer(journey, ask_for(journey, child, journey.staff))
    moves = answer(journey, ask_for(journey, child, journey.staff2, days=21))
    said = staff_of(journey, "staff2").post(
        f"{API}bookings/{moves.pk}/reschedule/",
        {"windows": [{"starts_at": stays.starts_at.isoformat(), "ends_at": stays.ends_at.isoformat()}]},
    )
    assert (said.status_code, said.json()["code"]) == (409, "child_busy")
    assert not Reschedule.objects.exists()


def test_a_time_chosen_at_once_is_refused_where_the_child_has_one(journey: Journey, child: Child) -> None:
    """Instant booking at another agency by program: nothing is written; an hour later the child has nothing."""
    stays = answer(journey, ask_for(journey, child, journey.staff))
    service, _office = agency_with(journey, "childcare", 30_000, mode="instant")
    before = Referral.objects.count()

    def send(start: datetime) -> Any:
        window = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(minutes=50)).isoformat()}
        return staff_of(journey, "staff2").post(
            f"{API}referrals/",
            {
                "service": str(service.pk), "units": 1, "consent": ["referral", "childcare"], "at_once": True,
                "child": str(child.pk), "windows": [window],
            },
        )  # fmt: skip

    said = send(stays.starts_at)
    assert (said.status_code, said.json()["code"]) == (409, "child_busy"), said.content
    assert Referral.objects.count() == before
    assert send(stays.starts_at + timedelta(hours=1)).status_code == 201
    assert difference() == 0
