"""The pages on which either side asks for another time and the other one answers: nothing moves before a press."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from kernel.clock import as_of, local_day
from referrals.models import Booking, Reschedule, Voucher
from referrals.workflow.rescheduling import accept_reschedule, ask_reschedule
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask
from ui.templatetags.ui import school_time

pytestmark = pytest.mark.django_db
LENGTH = timedelta(minutes=50)


@pytest.fixture
def booking(journey: Journey) -> Booking:
    return answer(journey, ask(journey, days=4))


def staff(journey: Journey, name: str = "staff") -> Client:
    client = Client(headers={"host": journey.tenant.host})
    client.force_login(journey.members[name].user)  # type: ignore[arg-type]
    return client


def agency(journey: Journey) -> Client:
    client = Client(headers={"host": journey.platform.host})
    client.force_login(journey.partner_user)
    return client


def move(booking: Booking) -> str:
    return f"/my/referrals/{booking.referral_id}/appointments/{booking.pk}/move/"


def later(booking: Booking, **by: int) -> str:
    return urlencode({"start": (booking.starts_at + timedelta(**(by or {"days": 1}))).isoformat()})


def wish(journey: Journey, booking: Booking, by: Any) -> Reschedule:
    start = booking.starts_at + timedelta(days=1)
    return ask_reschedule(
        actor=by, tenant=journey.tenant, booking_id=booking.pk, starts_at=start, ends_at=start + LENGTH
    )


def test_the_person_chooses_looks_at_both_times_and_asks(journey: Journey, booking: Booking) -> None:
    client = staff(journey)
    page = client.get(f"/my/referrals/{booking.referral_id}/").content.decode()
    assert f'href="{move(booking)}"' in page
    chooses = client.get(move(booking)).content.decode()
    assert 'action="' + move(booking) + 'check/"' in chooses
    kept = client.get(f"{move(booking)}?{later(booking)}").content.decode()
    assert "checked" in kept, "what is chosen stands in the address"
    both = client.get(f"{move(booking)}check/?{later(booking)}").content.decode()
    assert "原来的时间" in both and "新的时间" in both
    assert not Reschedule.objects.exists(), "looking asks nothing"
    sent = client.post(f"{move(booking)}check/", {"start": (booking.starts_at + timedelta(days=1)).isoformat()})
    assert sent.headers["Location"] == f"/my/referrals/{booking.referral_id}/"
    asked = Reschedule.objects.get()
    assert (asked.asked_by, asked.state) == ("person", "open")
    page = client.get(f"/my/referrals/{booking.referral_id}/").content.decode()
    assert "您提出了改时间" in page and move(booking) not in page, "one wish at a time"
    assert client.get(move(booking)).status_code == 302


def test_a_time_that_cannot_be_read_leads_back_to_the_choice(journey: Journey, booking: Booking) -> None:
    client = staff(journey)
    for query in ("", "start=soon", "start=2026-13-45", "start=2026-12-01T10:00", "start=9999-12-31T23:59:59%2B00:00"):
        answer = client.get(f"{move(booking)}check/?{query}")
        assert (answer.status_code, answer.headers["Location"]) == (302, move(booking)), query
    assert client.get(f"{move(booking)}?day=x&from=y&start=z").status_code == 200


def test_a_day_too_far_is_said_before_the_press(journey: Journey, booking: Booking) -> None:
    answer = staff(journey).get(f"{move(booking)}check/?{later(booking, days=45)}")
    assert answer.status_code == 422
    assert "改不了这么远" in answer.content.decode()


def test_the_agency_answers_what_the_person_asks(journey: Journey, booking: Booking) -> None:
    asked = wish(journey, booking, journey.staff)
    client = agency(journey)
    today = client.get("/partner/").content.decode()
    assert f'href="/partner/wishes/{asked.pk}/"' in today
    page = client.get(f"/partner/wishes/{asked.pk}/").content.decode()
    assert f"/partner/wishes/{asked.pk}/accept/" in page and "withdraw" not in page
    assert client.get(f"/partner/wishes/{asked.pk}/accept/").status_code in (302, 405), "looking accepts nothing"
    booking.refresh_from_db()
    assert booking.sequence == 0
    client.post(f"/partner/wishes/{asked.pk}/accept/")
    booking.refresh_from_db()
    assert booking.sequence == 1
    assert client.get(f"/partner/wishes/{asked.pk}/").headers["Location"] == "/partner/bookings/"


def test_the_person_answers_what_the_agency_asks(journey: Journey, booking: Booking) -> None:
    client = agency(journey)
    client.post(
        f"/partner/bookings/{booking.pk}/move/check/", {"start": (booking.starts_at + timedelta(days=1)).isoformat()}
    )
    asked = Reschedule.objects.get()
    address = f"/my/referrals/{booking.referral_id}/wishes/{asked.pk}/"
    person = staff(journey)
    assert f'href="{address}"' in person.get("/my/").content.decode()
    assert "改到这个时间，您方便吗" in person.get(address).content.decode()
    assert f"/partner/wishes/{asked.pk}/withdraw/" in client.get(f"/partner/wishes/{asked.pk}/").content.decode()
    person.post(f"{address}decline/")
    asked.refresh_from_db()
    assert asked.state == "declined"
    assert person.get(address).headers["Location"] == f"/my/referrals/{booking.referral_id}/"


def test_a_stranger_finds_nothing(journey: Journey, booking: Booking) -> None:
    asked = wish(journey, booking, journey.partner_office)
    for name in ("staff2", "centre", "union"):
        client = staff(journey, name)
        assert client.get(move(booking)).status_code == 404
        assert client.post(f"{move(booking)}check/", {"start": booking.starts_at.isoformat()}).status_code == 404
        for act in ("", "accept/", "decline/", "withdraw/"):
            address = f"/my/referrals/{booking.referral_id}/wishes/{asked.pk}/{act}"
            assert client.post(address).status_code in (404, 405), (name, act)
    assert Reschedule.objects.get().state == "open"


def test_once_begun_no_page_offers_it(journey: Journey, booking: Booking) -> None:
    with as_of(booking.starts_at):
        client = staff(journey)
        assert move(booking) not in client.get(f"/my/referrals/{booking.referral_id}/").content.decode()
        assert client.get(move(booking)).status_code == 302
        assert agency(journey).get(f"/partner/bookings/{booking.pk}/move/").status_code == 302


def test_the_page_that_cancels_offers_another_time_first(journey: Journey, booking: Booking) -> None:
    client, page = staff(journey), f"/my/referrals/{booking.referral_id}/cancel/"
    assert f'href="{move(booking)}"' in client.get(page).content.decode()
    wish(journey, booking, journey.staff)
    told = client.get(page).content.decode()
    assert move(booking) not in told and 'href="tel:' in told, "one wish at a time: now only the telephone helps"


def test_a_move_stands_among_the_steps_with_who_asked(journey: Journey, booking: Booking) -> None:
    client, page = staff(journey), f"/my/referrals/{booking.referral_id}/"
    for by, other, told in (
        (journey.staff, journey.partner_office, "您提出的"), (journey.partner_office, journey.staff, "机构提出的"),
    ):  # fmt: skip
        booking.refresh_from_db()
        asked = wish(journey, booking, by)
        assert told not in client.get(page).content.decode(), "asked is not moved"
        accept_reschedule(actor=other, tenant=journey.tenant, reschedule_id=asked.pk)
        assert told in client.get(page).content.decode()
    assert client.get(page).content.decode().count("改到 ") == 2


def test_what_is_sent_and_confirmed_at_once_says_when_and_leads_to_the_voucher(
    journey: Journey, booking: Booking
) -> None:
    client, page = staff(journey), f"/apply/done/{booking.referral_id}/"
    sent = client.get(page).content.decode()
    voucher = Voucher.objects.get(booking=booking)
    assert f'href="/vouchers/{voucher.pk}/"' in sent and school_time(booking.starts_at) in sent
    assert "不收任何费用" in sent
    with as_of(booking.starts_at - timedelta(hours=3)):
        late = client.get(page).content.decode()
    assert "不收任何费用" not in late and "已不到 24 小时" in late


def test_what_waits_for_the_agency_promises_no_voucher_yet(journey: Journey) -> None:
    sent = staff(journey).get(f"/apply/done/{ask(journey, days=4).pk}/").content.decode()
    assert "/vouchers/0" not in sent and "卡券会出现在" in sent


def test_a_start_at_which_the_person_has_something_else_says_so(journey: Journey, booking: Booking) -> None:
    """As where a time is chosen first. At that hour nobody else has taken the agency's people."""
    other = answer(journey, ask(journey, days=5))
    moved = {"starts_at": other.starts_at + timedelta(hours=3), "ends_at": other.ends_at + timedelta(hours=3)}
    Booking.objects.filter(pk=other.pk).update(**moved)
    day = urlencode({"day": local_day(other.starts_at).isoformat()})
    shown = staff(journey).get(f"{move(booking)}?{day}").content.decode()
    assert "您另有约" in shown
    day = urlencode({"day": local_day(booking.starts_at).isoformat()})
    assert "您另有约" not in staff(journey).get(f"{move(booking)}?{day}").content.decode(), (
        "its own time is not in its way"
    )
