"""``/partner/agency/``, ``/partner/people/``, ``/partner/week/``: an agency's own pages of who can be had and what stands."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now
from kernel.errors import Refused
from partners.calendars.resource_workflow import ResourceDraft, add_resource, set_mode
from partners.models import Absence, OpeningHours, Resource, Service
from referrals.models import Booking
from referrals.week import week_of
from referrals.workflow.holding import Chosen
from referrals.workflow.rescheduling import ask_reschedule
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.conftest import school_time
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import second_agency

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
SESSION = timedelta(minutes=50)
MONDAY = "2026-12-07"


@pytest.fixture
def office(journey: Journey) -> Client:
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.partner_user)
    return client


@pytest.fixture
def counter(journey: Journey) -> Client:
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.counter_user)
    return client


def add(journey: Journey, name: str, **facts: Any) -> Resource:
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name=name, services=[journey.counselling.pk], **facts)
        return add_resource(actor=journey.partner_office, kind="counsellor", draft=draft)


def booked(
    journey: Journey, start: datetime, counsellor: Resource | None = None, who: Any = None, units: int = 1
) -> Booking:
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    times = (start, start + SESSION)
    with use_tenant(journey.tenant.id):
        made = submit_referral(
            actor=who or journey.staff, tenant=journey.tenant, service_id=journey.counselling.pk, units=units,
            windows=[times], consent=["referral"], chosen=Chosen(*times, counsellor_id=counsellor and counsellor.pk),
        )  # fmt: skip
        return Booking.objects.get(referral=made)


def test_the_office_adds_a_counsellor_changes_her_and_enters_an_absence(journey: Journey, office: Client) -> None:
    assert "Nobody can be booked by name yet" in office.get("/partner/people/").content.decode()
    new = "/partner/people/new/counsellor/"
    assert "The appointments that stand are this person" in office.get(new).content.decode()
    sent = {
        "name": "黄春燕", "is_named": "on", "gender": "female", "specialities": ["sleep"], "on_site": "on",
        "services": [str(journey.counselling.pk)], "buffer_minutes": "10",
    }  # fmt: skip
    answer = office.post(new, sent)
    made = Resource.objects.get()
    assert answer["Location"] == f"/partner/people/{made.pk}/"
    assert (made.place, made.gender, made.specialities, made.buffer_minutes) == (
        journey.institution.pk, "female", ["sleep"], 10,
    )  # fmt: skip
    page = f"/partner/people/{made.pk}/"
    assert office.post(f"{page}change/", {**sent, "buffer_minutes": "0"}).status_code == 302
    assert office.post(f"{page}change/", {**sent, "services": []}).status_code == 422
    assert office.get(page).content.decode().count('placeholder="as the agency"') == 7
    assert office.post(page, {"day_0": "9:00–12:00"}).status_code == 302
    assert office.get(page).content.decode().count('placeholder="not there"') == 7
    assert office.post(page, {"day_0": "whenever"}).status_code == 422
    day = (local_day(now()) + timedelta(days=3)).isoformat()
    asked = office.get(f"{page}away/").content.decode()
    assert "First day away" in asked
    assert "closed" not in asked.lower(), "the agency stays open"
    assert office.post(f"{page}away/", {"first_day": day, "reason": "督导"}).status_code == 302
    again = office.post(f"{page}away/", {"first_day": day})
    assert (again.status_code, "An absence stands in this time already" in again.content.decode()) == (422, True)
    shown = office.get(page).content.decode()
    assert "督导" in shown
    assert "9:00–12:00" in shown
    for inner, tab in (
        (f"/partner/services/{journey.counselling.pk}/mode/", "/partner/agency/"),
        ("/partner/marks/", "/partner/bookings/"),
    ):
        lit = re.findall(r'<a [^>]*aria-current="[^"]*"[^>]*>', office.get(inner).content.decode())
        assert [tab in link for link in lit if "/partner/" in link] == [True], inner
    absence = Absence.objects.get()
    assert office.post(f"/partner/people/away/{absence.pk}/remove/").status_code == 302
    assert office.get(f"{page}switch/").status_code == 200
    office.post(f"{page}switch/", {"active": "0"})
    made.refresh_from_db()
    assert not made.active
    assert "takes nothing new" in office.get("/partner/people/").content.decode()
    assert "Nobody yet" in office.get("/partner/agency/").content.decode()


def test_names_that_look_alike_are_told_at_the_field(journey: Journey, office: Client) -> None:
    add(journey, "黄春燕")
    sent = {"name": "黄春燕", "on_site": "on", "services": [str(journey.counselling.pk)], "buffer_minutes": "0"}
    answer = office.post("/partner/people/new/counsellor/", sent)
    assert answer.status_code == 422
    assert "entered under this name already" in answer.content.decode()


def test_the_counter_sees_the_week_and_keeps_nobody(journey: Journey, counter: Client) -> None:
    add(journey, "黄春燕")
    assert counter.get("/partner/week/").status_code == 200
    assert "Hours and people" not in counter.get("/partner/week/").content.decode()
    for path in ("/partner/people/", "/partner/agency/", "/partner/people/new/counsellor/"):
        assert counter.get(path).status_code == 404


def test_the_week_shows_what_stands_what_is_held_and_what_is_free(journey: Journey, office: Client) -> None:
    first, second = add(journey, "黄春燕"), add(journey, "沈一帆", is_named=False)
    with as_of(school_time("2026-12-01 07:00")):
        confirmed = booked(journey, school_time(f"{MONDAY} 10:00"), first)
        pending = booked(journey, school_time(f"{MONDAY} 14:00"), second, journey.staff2, units=4)
        assert (confirmed.state, pending.state) == ("confirmed", "pending")
        with use_tenant(journey.platform.id):
            moment = school_time(f"{MONDAY} 07:00")
            week = week_of(journey.partner_office, moment.date(), now())
        by_name = {row.place.name: row.cells[0].entries for row in week.rows}
        kinds = {
            name: [(entry.kind, f"{entry.starts_at.astimezone(moment.tzinfo):%H:%M}") for entry in entries]
            for name, entries in by_name.items()
        }
        assert kinds["黄春燕"] == [("free", "00:00"), ("visit", "10:00"), ("free", "10:50")]
        assert kinds["沈一帆"] == [("free", "00:00"), ("held", "14:00"), ("free", "14:50")], (
            "by its own name, held, and no card"
        )
        assert week.counts == {moment.date(): 1}
        page = office.get(f"/partner/week/?day={MONDAY}").content.decode()
        assert confirmed.card in page
        assert "held" in page
        with use_tenant(journey.tenant.id):
            start = school_time(f"{MONDAY} 16:00")
            ask_reschedule(
                actor=journey.staff, tenant=journey.tenant, booking_id=confirmed.pk, starts_at=start,
                ends_at=start + SESSION,
            )  # fmt: skip
        page = office.get(f"/partner/week/?day={MONDAY}").content.decode()
        assert "entry wish" in page
        assert "Another time?" in page


def test_a_day_that_cannot_be_read_is_today(journey: Journey, office: Client) -> None:
    with as_of(school_time("2026-12-01 07:00")):
        stands = booked(journey, school_time(f"{MONDAY} 10:00"))
        page = office.get(f"/partner/week/?day={MONDAY}").content.decode()
        assert stands.card in page
        assert office.get("/partner/week/?day=someday").status_code == 200
        assert office.get("/partner/week/?day=9999-12-31").status_code == 200


def test_the_week_asks_the_same_few_questions_for_one_and_for_ten(journey: Journey, office: Client) -> None:
    add(journey, "一")
    office.get("/partner/week/")
    with CaptureQueriesContext(connection) as few:
        office.get("/partner/week/")
    for number in range(9):
        add(journey, f"咨询师{number}")
    with CaptureQueriesContext(connection) as many:
        office.get("/partner/week/")
    assert len(many) == len(few) <= 20


def test_the_office_lets_people_choose_free_times_and_takes_it_back(journey: Journey, office: Client) -> None:
    page = f"/partner/services/{journey.counselling.pk}/mode/"
    OpeningHours.objects.filter(institution=journey.institution).delete()
    refused = office.post(page, {"at_once": "1"})
    assert (refused.status_code, "Enter your opening hours first" in refused.content.decode()) == (422, True)
    office.post("/partner/opening/", {"day_0": "9:00–12:00"})
    assert "Let people choose free times?" in office.get(page).content.decode()
    for at_once, mode in (("1", "instant"), ("1", "instant"), ("0", "confirm")):
        assert office.post(page, {"at_once": at_once}).status_code == 302
        assert Service.objects.get(pk=journey.counselling.pk).mode == mode
    with use_tenant(journey.platform.id):
        assert [row.facts["mode"] for row in AuditEntry.objects.filter(action="service.mode").order_by("seq")] == [
            "instant", "confirm",
        ]  # fmt: skip
        with pytest.raises(Refused, match="hours_unsaid"):
            OpeningHours.objects.filter(institution=journey.institution).delete()
            set_mode(actor=journey.partner_office, service_id=journey.counselling.pk, at_once=True)
    other = second_of(journey)
    assert office.get(f"/partner/services/{other}/mode/").status_code == 404
    assert office.post(f"/partner/services/{other}/mode/", {"at_once": "1"}).status_code == 404


def second_of(journey: Journey) -> Any:
    """The service of another agency."""
    with use_tenant(journey.tenant.id):
        return second_agency(journey).pk


@pytest.mark.parametrize(
    ("today", "first", "shown"),
    [
        ("2026-12-05", "2026-11-30", "2026-12-05"),  # Saturday: the week that is on
        ("2026-12-06", "2026-12-07", "2026-12-07"),  # Sunday: the week to come
        ("2026-12-07", "2026-12-07", "2026-12-07"),
        ("2027-01-03", "2027-01-04", "2027-01-04"),  # the first Sunday of a year
    ],
)
@pytest.mark.parametrize("hour", [0, 7, 23])
def test_on_a_sunday_the_week_to_come_is_shown(
    journey: Journey, office: Client, today: str, first: str, shown: str, hour: int
) -> None:
    with as_of(school_time(f"{today} {hour:02}:59")):
        context = office.get("/partner/week/").context
        assert (context["week"].first.isoformat(), context["day"].isoformat()) == (first, shown)
        asked = office.get(f"/partner/week/?day={today}").context
        assert asked["day"].isoformat() == today, "a day that is asked for is shown"


def test_the_day_is_a_list_on_the_screen_and_on_paper(journey: Journey, office: Client, counter: Client) -> None:
    start = school_time(f"{MONDAY} 10:00")
    with as_of(school_time("2026-12-06 12:00")):
        who = add(journey, "林老师")
        booked(journey, start, who)
        booked(journey, start + timedelta(hours=2), who, who=journey.staff2)
        assert "Nobody has an appointment on this day" in office.get("/partner/day/").content.decode()
    with as_of(school_time(f"{MONDAY} 08:00")):
        for client in (office, counter):
            with CaptureQueriesContext(connection) as asked:
                page = client.get("/partner/day/")
            assert len(asked) <= 15
            body = page.content.decode()
            assert "10:00" in body and "12:00" in body and "林老师" in body
            assert "¥180.00" in body, "what is still to collect"
        pdf = office.get(f"/partner/day/list.pdf?day={MONDAY}")
        assert pdf.content.startswith(b"%PDF")
        assert pdf.headers["Content-Type"] == "application/pdf"
        assert office.get("/partner/day/?day=nonsense").status_code == 200
    with use_tenant(journey.platform.id):
        assert AuditEntry.objects.filter(action="booking.export").exists()


def test_the_link_that_changes_how_it_is_booked_does_not_read_as_a_confirmation(journey: Journey) -> None:
    chinese = Client(headers={"host": journey.platform.host, "accept-language": "zh-hans"})
    chinese.force_login(journey.partner_user)
    shown = chinese.get("/partner/agency/").content.decode()
    assert "修改" in shown
    assert "确认修改" not in shown


def test_a_group_with_fewer_than_five_people_is_told_to_the_agency(journey: Journey, office: Client) -> None:
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name="减压小组", services=[journey.counselling.pk], capacity=8)
        add_resource(actor=journey.partner_office, kind="group", draft=draft)
        Service.objects.filter(pk=journey.counselling.pk).update(takes=2)
    start = school_time(f"{MONDAY} 10:00")
    with as_of(school_time("2026-12-01 07:00")):
        for who in (journey.staff, journey.staff2):
            booked(journey, start, who=who)
        day = f"/partner/day/?day={MONDAY}"
        assert office.get(day).content.decode().count("减压小组 · 4 of at least 5 people") == 2
        Service.objects.filter(pk=journey.counselling.pk).update(takes=3)
        assert "of at least" not in office.get(day).content.decode()
