"""``/partner/opening/``: an agency keeps its own hours; no time outside them is asked for, proposed or booked (rules §2)."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from partners.calendars.selectors import opening_of
from partners.calendars.workflow import close, reopen, save_hours
from partners.models import Closure, OpeningHours
from referrals.models import Booking, Offer, Proposal, Referral
from referrals.workflow.answering import accept_proposal, confirm_offer, propose_times
from referrals.workflow.submitting import decline_referral, look_again, submit_referral
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.api.journey_client import API, office_of, request_body, staff_of
from tests.conftest import school_time
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import ask

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
PAGE = "/partner/opening/"
NINE_TO_SIX = {weekday: [(540, 1080)] for weekday in range(5)}
MONDAY = "2026-11-30 09:00"


@pytest.fixture
def office(journey: Journey) -> Client:
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.partner_user)
    return client


def week_of(journey: Journey) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for row in opening_of(journey.institution.pk).hours:
        found.setdefault(row.weekday, []).append((row.opens, row.closes))
    return found


def keep(journey: Journey, week: Any = NINE_TO_SIX) -> None:
    with use_tenant(journey.platform.id):
        save_hours(actor=journey.partner_office, week=week)


def shut(journey: Journey, first: str, last: str, reason: str = "") -> Closure:
    with use_tenant(journey.platform.id):
        return close(
            actor=journey.partner_office, starts_at=school_time(first), ends_at=school_time(last), reason=reason
        )


def test_the_office_types_its_week_and_it_is_recorded(journey: Journey, office: Client) -> None:
    OpeningHours.objects.all().delete()
    assert "You have not entered your hours yet" in office.get(PAGE).content.decode()
    sent = {"day_0": "9:00–12:00，14:00～18:00", "day_5": "１０：００-１２：００"}
    assert office.post(PAGE, sent).status_code == 302
    assert week_of(journey) == {0: [(540, 720), (840, 1080)], 5: [(600, 720)]}
    shown = office.get(PAGE).content.decode()
    assert "9:00–12:00, 14:00–18:00" in shown
    assert "You have not entered" not in shown
    with use_tenant(journey.platform.id):
        entry = AuditEntry.objects.get(action="opening.change")
        assert entry.facts == {"weekdays": [0, 5]}
        assert office.post(PAGE, sent).status_code == 302
        assert AuditEntry.objects.filter(action="opening.change").count() == 1, "the same again writes nothing"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("18:00–9:00", "The end must come after the start"),
        ("9:00–12:00 11:00–13:00", "Two stretches of this day overlap"),
        ("1-2 3-4 5-6 7-8 9-10", "too many stretches"),
        ("all day", "Write it like this"),
        ("9:00-26:00", "Write it like this"),
        ("", "Enter the hours of one day at least"),
    ],
)
def test_hours_that_cannot_be_are_refused_at_their_day(journey: Journey, office: Client, day: str, told: str) -> None:
    before = week_of(journey)
    answer = office.post(PAGE, {"day_0": day})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert week_of(journey) == before
    with use_tenant(journey.platform.id):
        assert not AuditEntry.objects.filter(action="opening.change").exists()


def test_the_writer_refuses_what_no_form_would_send(journey: Journey) -> None:
    for week in ({7: [(0, 60)]}, {0: [(0, 1441)]}, {0: [(60, 60)]}, {}):
        with use_tenant(journey.platform.id), pytest.raises(Invalid) as refused:
            save_hours(actor=journey.partner_office, week=week)
        assert refused.value.reason == "hours_invalid"


def test_the_database_lets_no_stretch_overlap(journey: Journey) -> None:
    with pytest.raises(IntegrityError, match="opening_hours_no_overlap"), transaction.atomic():
        OpeningHours.objects.create(institution=journey.institution, weekday=0, opens=600, closes=660)
    shut(journey, "2026-12-24 00:00", "2026-12-26 00:00")
    row = Closure.objects.get()
    with pytest.raises(IntegrityError, match="closure_no_overlap"), transaction.atomic():
        Closure.objects.create(institution=journey.institution, during=row.during)


def test_a_closure_is_kept_with_its_note_and_taken_back(journey: Journey, office: Client) -> None:
    day = (now() + timedelta(days=3)).date()
    sent = {"first_day": day.isoformat(), "last_day": "", "starts": "12:00", "ends": "", "reason": "盘点"}
    assert office.post(f"{PAGE}closures/new/", sent).status_code == 302
    (closure,) = Closure.objects.all()
    assert closure.during.upper - closure.during.lower == timedelta(hours=12)
    assert "盘点" in office.get(PAGE).content.decode()
    with use_tenant(journey.platform.id):
        facts = AuditEntry.objects.get(action="closure.add").facts
        assert "盘点" not in str(facts), "the note is the agency's own"
    assert office.post(f"{PAGE}closures/{closure.pk}/remove/").status_code == 302
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (1, 0, "end_before_start"),
        (-3, -2, "in_the_past"),
        (1, 400, "closure_too_long"),
    ],
)
def test_a_closure_that_cannot_be_is_refused(journey: Journey, first: int, last: int, code: str) -> None:
    with use_tenant(journey.platform.id), pytest.raises(Invalid) as refused:
        close(actor=journey.partner_office, starts_at=now() + timedelta(first), ends_at=now() + timedelta(last))
    assert refused.value.reason == code
    assert not Closure.objects.exists()


def test_two_closures_do_not_overlap(journey: Journey, office: Client) -> None:
    with use_tenant(journey.platform.id):
        close(actor=journey.partner_office, starts_at=now() + timedelta(1), ends_at=now() + timedelta(5))
        with pytest.raises(Conflict) as refused:
            close(actor=journey.partner_office, starts_at=now() + timedelta(4), ends_at=now() + timedelta(6))
    assert refused.value.reason == "closures_overlap"
    assert Closure.objects.count() == 1


def test_the_office_is_told_who_must_be_rung(journey: Journey, office: Client) -> None:
    with use_tenant(journey.tenant.id):
        referral = ask(journey, days=3)
        offer = Offer.objects.get(referral=referral)
        start = referral.windows.get().starts_at
        confirm_offer(
            actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, starts_at=start,
            ends_at=start + timedelta(minutes=50),
        )  # fmt: skip
    day = journey.tenant.day_of(start)
    sent = {"first_day": day.isoformat(), "last_day": ""}
    told = office.post(f"{PAGE}closures/new/", sent, follow=True).content.decode()
    assert "1 appointment stands in these days" in told
    with use_tenant(journey.tenant.id):
        assert Booking.objects.get().state == "confirmed"


def test_only_the_office_keeps_the_hours_and_only_its_own(journey: Journey, office: Client) -> None:
    counter = Client(headers={"host": journey.platform.host})
    counter.force_login(journey.counter_user)
    assert counter.get(PAGE).status_code in (403, 404)
    with use_tenant(journey.platform.id), pytest.raises(Forbidden):
        save_hours(actor=journey.partner_counter, week=NINE_TO_SIX)
    closure = shut(journey, "2099-01-01 00:00", "2099-01-02 00:00")
    assert office.post(f"{PAGE}closures/{uuid4()}/remove/").status_code == 404
    assert Closure.objects.filter(pk=closure.pk).exists()


def test_another_agency_cannot_open_it_again(journey: Journey, other_school: Any) -> None:
    closure = shut(journey, "2099-01-01 00:00", "2099-01-02 00:00")
    stranger = make_journey(other_school)
    with use_tenant(journey.platform.id), pytest.raises(NotFound):
        reopen(actor=stranger.partner_office, closure_id=closure.pk)
    assert Closure.objects.filter(pk=closure.pk).exists()


# --- the one rule, asked by every writer ---

BAD = [
    ("2026-12-01 03:00", "2026-12-01 03:50", "outside_hours"),  # at night
    ("2026-12-05 10:00", "2026-12-05 10:50", "outside_hours"),  # a Saturday
    ("2026-12-02 10:00", "2026-12-02 10:50", "in_closure"),
    ("2026-12-01 10:00", "2026-12-01 10:10", "shorter_than_session"),
    ("2026-11-27 10:00", "2026-11-27 10:50", "in_the_past"),
]
"""As seen from Monday 30 November 2026, 9:00; the agency is open on workdays 9–18 and closed on 2 December."""


@pytest.fixture
def office_hours(journey: Journey) -> Journey:
    with as_of(school_time("2026-11-01 09:00")):
        keep(journey)
        shut(journey, "2026-12-02 00:00", "2026-12-03 00:00")
    return journey


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Referral, Offer, Proposal, Booking))


def refused_with(code: str, act: Callable[[], Any]) -> None:
    before = counts()
    with pytest.raises(Invalid) as refused:
        act()
    assert code in {row[1] for row in refused.value.fields}
    assert counts() == before


@pytest.mark.parametrize(("first", "last", "code"), BAD)
def test_no_writer_takes_a_time_that_cannot_be(office_hours: Journey, first: str, last: str, code: str) -> None:
    bad = school_time(first), school_time(last)
    journey = office_hours
    with use_tenant(journey.tenant.id), as_of(school_time(MONDAY)):
        refused_with(
            code,
            lambda: submit_referral(
                actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
                windows=[bad], consent=["referral"],
            ),
        )  # fmt: skip
        good = school_time("2026-12-01 09:00"), school_time("2026-12-01 12:00")
        submit_referral(
            actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
            windows=[good], consent=["referral"],
        )  # fmt: skip
        offer = Offer.objects.get()
        office = {"actor": journey.partner_office, "tenant": journey.tenant, "offer_id": offer.pk}
        refused_with(code, lambda: propose_times(**office, windows=[bad]))
        refused_with(code, lambda: confirm_offer(**office, starts_at=bad[0], ends_at=bad[1]))
        offer.refresh_from_db()
        assert offer.state == "open"


@pytest.mark.parametrize(("first", "last", "code"), BAD)
def test_the_interface_refuses_the_same(office_hours: Journey, first: str, last: str, code: str) -> None:
    with as_of(school_time(MONDAY)):
        staff, office = staff_of(office_hours), office_of(office_hours)
        bad = {"starts_at": school_time(first).isoformat(), "ends_at": school_time(last).isoformat()}
        answer = staff.post(f"{API}referrals/", request_body(office_hours, windows=[bad]))
        assert (answer.status_code, answer.json()["code"]) == (400, "windows_invalid")
        assert answer.json()["errors"][0]["code"] == code
        good = {"starts_at": "2026-12-01T09:00:00+08:00", "ends_at": "2026-12-01T12:00:00+08:00"}
        assert staff.post(f"{API}referrals/", request_body(office_hours, windows=[good])).status_code == 201
        (offer,) = office.get(f"{API}partner/offers/").json()["results"]
        for path, body in (("confirm/", bad), ("propose/", {"windows": [bad]})):
            told = office.post(f"{API}partner/offers/{offer['id']}/{path}", body)
            assert (told.status_code, told.json()["errors"][0]["code"]) == (400, code)


def test_a_proposal_into_which_a_closure_falls_is_taken_no_longer(office_hours: Journey) -> None:
    journey = office_hours
    time = school_time("2026-12-03 10:00"), school_time("2026-12-03 10:50")
    with use_tenant(journey.tenant.id), as_of(school_time(MONDAY)):
        referral = submit_referral(
            actor=journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
            windows=[(school_time("2026-12-01 09:00"), school_time("2026-12-01 12:00"))], consent=["referral"],
        )  # fmt: skip
        (proposal,) = propose_times(
            actor=journey.partner_office, tenant=journey.tenant, offer_id=Offer.objects.get().pk, windows=[time]
        )
    with as_of(school_time(MONDAY)):
        shut(journey, "2026-12-03 00:00", "2026-12-04 00:00")
    with use_tenant(journey.tenant.id), as_of(school_time(MONDAY)):
        take = {"actor": journey.staff, "tenant": journey.tenant, "referral_id": referral.pk}
        refused_with("in_closure", lambda: accept_proposal(**take, proposal_id=proposal.pk))


# --- whose clock runs on which days ---


def test_the_answer_is_due_at_the_same_clock_time_on_the_agency_s_next_open_day(office_hours: Journey) -> None:
    friday = school_time("2026-11-27 15:40")
    with use_tenant(office_hours.tenant.id), as_of(friday):
        submit_referral(
            actor=office_hours.staff, tenant=office_hours.tenant, service_id=office_hours.counselling.pk, units=1,
            windows=[(school_time("2026-12-01 09:00"), school_time("2026-12-01 12:00"))], consent=["referral"],
        )  # fmt: skip
        assert Offer.objects.get().deadline == school_time("2026-11-30 15:40")


def test_a_closure_of_the_agency_stops_its_clock(office_hours: Journey) -> None:
    with use_tenant(office_hours.tenant.id), as_of(school_time("2026-12-01 15:40")):
        submit_referral(
            actor=office_hours.staff, tenant=office_hours.tenant, service_id=office_hours.counselling.pk, units=1,
            windows=[(school_time("2026-12-04 09:00"), school_time("2026-12-04 12:00"))], consent=["referral"],
        )  # fmt: skip
        assert Offer.objects.get().deadline == school_time("2026-12-03 15:40")


def test_the_office_s_word_is_due_on_the_school_s_next_workday(office_hours: Journey) -> None:
    """Four sessions wait for the centre; its no is looked at again by the same clock."""
    window = school_time("2026-12-07 09:00"), school_time("2026-12-07 12:00")
    with use_tenant(office_hours.tenant.id), as_of(school_time("2026-11-28 15:40")):
        asked = submit_referral(
            actor=office_hours.staff, tenant=office_hours.tenant, service_id=office_hours.counselling.pk, units=4,
            windows=[window], consent=["referral"],
        )  # fmt: skip
        assert (asked.state, asked.deadline) == ("submitted", school_time("2026-11-30 15:40"))
    with use_tenant(office_hours.tenant.id), as_of(school_time("2026-11-30 10:00")):
        decline_referral(actor=office_hours.centre, referral_id=asked.pk, reason="talk_first")
    with use_tenant(office_hours.tenant.id), as_of(school_time("2026-12-04 10:00")):
        again = look_again(actor=office_hours.staff, tenant=office_hours.tenant, referral_id=asked.pk)
        assert again.deadline == school_time("2026-12-07 10:00")


@pytest.mark.parametrize(
    ("hours", "rules"), [(24, {}), (1, {}), (25, {"partner_answer_days": 2}), (168, {"partner_answer_days": 5})]
)
def test_stored_hours_become_days(school: Any, hours: int, rules: dict[str, int]) -> None:
    Tenant.objects.filter(pk=school.pk).update(rules={"partner_answer_hours": hours, "quote_minutes": 15})
    import_module("tenancy.migrations.0004_answer_days").hours_to_days(apps, None)
    stored = Tenant.objects.get(pk=school.pk)
    assert stored.rules == {"quote_minutes": 15, **rules}
    assert stored.settings.partner_answer_days == rules.get("partner_answer_days", 1)
