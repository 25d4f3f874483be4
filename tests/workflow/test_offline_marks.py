"""What a counter noted without network: taken like a scan of its moment, or the agency's word about it (books §3, ADR 0061)."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of, start_of_day
from kernel.errors import Conflict, DomainError, Forbidden, NotFound, Refused
from partners.models import Institution, Service
from referrals.missed import day_over_at
from referrals.models import Booking, Redemption, Referral, ScanLog, Voucher
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.noted import ALLOWED, Noted
from referrals.workflow.objecting import dispute
from referrals.workflow.offline_marks import Taken, take_note
from referrals.workflow.redeeming import GUESSES, GUESSING_TIME
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey, make_partner, make_partner_person
from tests.workflow.journey_steps import pool
from tests.workflow.missed_steps import DAY, booked, even, fresh, lines, say, sweep

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def take(
    journey: Journey, voucher: Voucher, noted: datetime, arrives: datetime, *, units: int = 1, who: Any = None
) -> Taken:
    """A note of ``noted`` that arrives at ``arrives``."""
    note = Noted(uuid4(), noted, timedelta(seconds=3))
    with as_of(arrives):
        return take_note(actor=who or journey.partner_counter, text=voucher.code, noted=note, units=units)


def over(booking: Booking) -> datetime:
    return day_over_at(booking.ends_at, booking.zone)


@pytest.mark.parametrize("swept", [False, True])
def test_a_note_that_arrives_the_next_day_counts_for_its_own(journey: Journey, *, swept: bool) -> None:
    referral, booking, voucher = booked(journey)
    at, arrives = booking.starts_at, over(booking) + 5 * HOUR
    if swept:
        sweep(over(booking) + MINUTE)
        assert fresh(booking) == ("unresolved",)
    found = take(journey, voucher, at, min(arrives, at + DAY))
    [line] = found.redemptions
    assert (line.service_date, line.redeemed_at, line.state) == (journey.tenant.day_of(at), at, "redeemed")
    assert line.due_at == min(arrives, at + DAY) + 2 * DAY, "the person has 48 hours from when it was known"
    assert fresh(referral, booking, voucher) == ("completed", "done", "used_up")
    assert fresh(booking) == ("done",)
    assert (booking.due_at, pool(journey).reserved) == (None, 0)
    assert lines("commit") == [(journey.tenant.day_of(at), at.year)]
    facts = AuditEntry.objects.get(action="voucher.redeem").facts
    assert (facts["clock_off_ms"], datetime.fromisoformat(facts["noted_at"])) == (3000, at)
    with as_of(arrives + HOUR):
        dispute(actor=journey.staff, tenant=journey.tenant, redemption_id=line.pk, reason="not_received")
    assert even()


def test_a_note_is_taken_for_24_hours_and_not_a_second_longer(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    at = over(booking) - MINUTE
    asked = take(journey, voucher, at, at + DAY + timedelta(seconds=1))
    assert (asked.redemptions, asked.booking and asked.booking.pk) == ([], booking.pk)
    assert fresh(booking, voucher) == ("unresolved", "issued")
    assert booking.agency_says == "yes"
    say(journey, journey.staff, booking, "yes", over(booking) + 2 * DAY - MINUTE)
    assert fresh(booking, voucher) == ("done", "used_up")
    assert Redemption.objects.get().state == "validated", "both said so"
    _referral, second, other = booked(journey, days=2)
    at = over(second) - MINUTE
    assert take(journey, other, at, at + DAY).redemptions
    assert even()


def test_the_school_says_how_long(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    Tenant.objects.filter(pk=journey.tenant.pk).update(rules={"mark_hours": 2})
    at = over(booking) - MINUTE
    assert not take(journey, voucher, at, at + 2 * HOUR + MINUTE).redemptions
    _referral, booking, voucher = booked(journey, days=2)
    at = over(booking) - MINUTE
    assert take(journey, voucher, at, at + 2 * HOUR).redemptions


def test_after_a_late_note_a_silent_person_is_asked_by_the_office(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    at = booking.starts_at
    assert take(journey, voucher, at, over(booking) + DAY + HOUR).booking
    sweep(over(booking) + 2 * DAY)
    assert fresh(referral, booking, voucher) == ("confirmed", "disputed", "issued")
    with pytest.raises(Refused, match="note_too_late"):
        take(journey, voucher, at, over(booking) + 2 * DAY + MINUTE)
    assert not Redemption.objects.exists()
    assert even()


def test_a_person_who_said_no_is_not_overruled(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    say(journey, journey.staff, booking, "no", over(booking) + MINUTE)
    found = take(journey, voucher, over(booking) - HOUR, over(booking) + HOUR)
    assert not found.redemptions
    assert fresh(booking, voucher) == ("disputed", "issued")
    assert not Redemption.objects.exists()
    assert even()


def test_a_note_of_another_day_is_none_of_the_voucher(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey, days=2)
    day = start_of_day(journey.tenant.day_of(booking.starts_at), booking.zone)
    for noted in (day - MINUTE, day - HOUR):
        with pytest.raises(Refused, match="not_yet"):
            take(journey, voucher, noted, noted + MINUTE)
        with pytest.raises(Refused, match="not_yet"):
            take(journey, voucher, noted, day + HOUR)
    later = over(booking)
    assert not take(journey, voucher, later, later + MINUTE).redemptions, "the day was over: both are asked"
    assert fresh(voucher) == ("issued",)
    assert even()


def test_a_device_whose_clock_runs_ahead_says_nothing(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    at = booking.starts_at
    with pytest.raises(Refused, match="note_too_late"):
        take(journey, voucher, at + ALLOWED + timedelta(seconds=1), at)
    line = take(journey, voucher, at + ALLOWED, at).redemptions[0]
    assert line.redeemed_at == at, "never later than it arrived"
    assert even()


def test_two_devices_note_one_voucher_and_one_of_them_counts(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    at = booking.starts_at
    assert take(journey, voucher, at, over(booking) + HOUR).redemptions
    with pytest.raises(Conflict, match="already_redeemed"):
        take(journey, voucher, at + MINUTE, over(booking) + HOUR)
    assert Redemption.objects.count() == 1
    assert even()


def test_a_course_goes_on_from_the_day_that_was_noted(journey: Journey) -> None:
    referral, booking, voucher = booked(journey, units=2)
    with pytest.raises(Refused, match="over_quota"):
        take(journey, voucher, booking.starts_at, over(booking) + HOUR, units=2)
    assert take(journey, voucher, booking.starts_at, over(booking) + HOUR).redemptions
    assert fresh(referral, booking, voucher) == ("in_service", "done", "active")
    assert voucher.units_left == 1
    assert even()


@pytest.mark.parametrize("swept", [False, True])
def test_hours_of_an_open_voucher_count_for_the_day_and_end_with_it(journey: Journey, *, swept: bool) -> None:
    """Two visits on one day, of an hour each: what was noted on the last day of a voucher that is over comes too late."""
    _referral, booking, voucher = booked(journey, units=3)
    Service.objects.filter(pk=journey.counselling.pk).update(kind="home_help", unit="hour")
    Referral.objects.update(kind="home_help")
    last = voucher.valid_from + timedelta(days=3)
    Voucher.objects.update(valid_until=last)
    end = day_over_at(booking.ends_at + 3 * DAY, booking.zone)
    Booking.objects.update(due_at=end)
    [line] = take(journey, voucher, booking.starts_at, booking.starts_at + DAY).redemptions
    assert line.service_date == journey.tenant.day_of(booking.starts_at)
    with pytest.raises(Conflict, match="already_redeemed"):
        take(journey, voucher, booking.starts_at + MINUTE, booking.starts_at + DAY)
    assert take(journey, voucher, booking.starts_at + DAY, booking.starts_at + DAY + HOUR).redemptions
    if swept:
        sweep(end + MINUTE)
        assert fresh(voucher) == ("expired",)
    with pytest.raises(Refused, match="note_too_late"):
        take(journey, voucher, end - HOUR, end + HOUR)
    assert Redemption.objects.count() == 2
    assert even()


@pytest.mark.parametrize("what", ["cancelled", "suspended", "elsewhere"])
def test_what_ended_meanwhile_is_not_taken(journey: Journey, what: str) -> None:
    referral, booking, voucher = booked(journey, days=2)
    at, who, code = booking.starts_at, None, "note_too_late"
    if what == "cancelled":
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
        code = "void"
    elif what == "suspended":
        Institution.objects.filter(pk=journey.institution.pk).update(state="suspended", suspended_at=at + MINUTE)
        code = "suspended"
    else:
        who, code = journey.staff, ""
    with pytest.raises(Forbidden if what == "elsewhere" else DomainError, match=code or None):
        take(journey, voucher, at, at + HOUR, who=who)
    assert not Redemption.objects.exists()
    assert even()


def test_an_unknown_code_is_logged_and_tells_nothing(journey: Journey) -> None:
    note = Noted(uuid4(), booked(journey)[1].starts_at, timedelta())
    with as_of(note.at), pytest.raises(NotFound, match="unknown"):
        take_note(actor=journey.partner_counter, text="0000 0000 0000", noted=note)
    with use_tenant(journey.platform.id):
        assert ScanLog.objects.filter(outcome="unknown").count() == 1


def test_a_late_note_answers_for_its_own_voucher_and_its_own_agency_alone(journey: Journey) -> None:
    _referral, own, voucher = booked(journey)
    _referral, newer, _other = booked(journey, days=2, who=journey.staff2)
    elsewhere = make_partner(journey.operator, journey.platform)
    _user, foreign = make_partner_person(journey.operator, journey.platform, elsewhere, "partner_office")
    noted, arrives = over(newer) - MINUTE, over(newer) + MINUTE
    for at, code in ((noted, "wrong_partner"), (arrives + HOUR, "note_too_late")):
        with pytest.raises(Refused, match=code):
            take(journey, voucher, at, arrives, who=foreign)
    assert take(journey, voucher, noted, arrives).booking == own
    newer.refresh_from_db()
    assert (newer.agency_says, newer.state) == ("", "confirmed")


# By the page


def counter_of(journey: Journey) -> Client:
    client = Client(headers={"host": journey.platform.host, "accept-language": "zh-hans"})
    client.force_login(journey.counter_user)
    return client


def post(client: Client, body: Any) -> Any:
    return client.post("/partner/scan/noted/", json.dumps(body), content_type="application/json")


def test_a_page_sends_its_note_twice_and_it_is_taken_once(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    client, at = counter_of(journey), booking.starts_at
    note = {
        "id": str(uuid4()), "text": voucher.code, "units": 1, "at": (at - HOUR).isoformat(), "offset": 3_600_000,
    }  # fmt: skip
    with as_of(over(booking) + HOUR):
        assert set(post(client, {}).json()) == {"now"}
        answers = [post(client, note).json() for _ in range(2)]
    assert [each["state"] for each in answers] == ["redeemed"] * 2
    assert answers[0]["says"] == answers[1]["says"] == "已核销。请收：¥90.00"
    line = Redemption.objects.get()
    assert line.redeemed_at == at, "the device was an hour slow"
    assert even()


@pytest.mark.parametrize(
    "wrong",
    [
        [], None, 1, "x", {"id": "1"}, {"units": 0}, {"units": 61}, {"units": True}, {"units": 1.0}, {"offset": 1.5},
        {"offset": 86_400_001}, {"offset": None}, {"at": "today"}, {"at": "2026-11-30T10:00:00"}, {"at": 5}, {"text": ""},
        {"text": "1" * 2001}, {"text": None}, {"text": "1\0"},
    ],
)  # fmt: skip
def test_half_said_notes_change_nothing(journey: Journey, wrong: Any) -> None:
    _referral, booking, voucher = booked(journey)
    whole = {"id": str(uuid4()), "text": voucher.code, "units": 1, "at": booking.starts_at.isoformat(), "offset": 0}
    body = {**whole, **wrong} if isinstance(wrong, dict) else wrong
    with as_of(booking.starts_at):
        assert post(counter_of(journey), body).status_code == 400
    assert not Redemption.objects.exists()


def test_whoever_guesses_too_often_is_answered_later_and_no_note_is_lost(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    client, at = counter_of(journey), booking.starts_at
    note = {"id": str(uuid4()), "text": voucher.code, "units": 1, "at": at.isoformat(), "offset": 0}
    with as_of(at), use_tenant(journey.platform.id):
        for _ in range(GUESSES):
            ScanLog.objects.create(
                partner_id=journey.institution.pk, user_id=journey.counter_user.pk, at=at, outcome="unknown"
            )
    with as_of(at + MINUTE):
        assert post(client, note).status_code == 429
    with as_of(at + GUESSING_TIME + MINUTE):
        assert post(client, note).json()["state"] == "redeemed"
    assert Redemption.objects.get().redeemed_at == at
