"""The control for choosing a time: no time of the night, one tap a day, what is chosen stays chosen, all without script."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from kernel.clock import as_of
from partners.calendars.choosing import BoxesForm, open_days
from partners.calendars.opening import Hours, Opening
from partners.calendars.workflow import close, save_hours
from referrals.models import Booking, Offer, Proposal
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.conftest import school_time
from tests.fixtures_journey import Journey
from tests.workflow.apply_steps import begin, send, step
from workdays.clock import Mark, WorkCalendar

pytestmark = pytest.mark.django_db
MONDAY = "2026-11-30 09:05"
WEEK = {weekday: [(540, 1080)] for weekday in range(5)}


@pytest.fixture
def journey(own_journey: Journey) -> Journey:
    with use_tenant(own_journey.platform.id), as_of(school_time("2026-11-01 09:00")):
        save_hours(actor=own_journey.partner_office, week=WEEK)
        shut = school_time("2026-12-02 00:00")
        close(actor=own_journey.partner_office, starts_at=shut, ends_at=shut + timedelta(days=1))
    return own_journey


@pytest.fixture
def office(journey: Journey) -> Client:
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.partner_user)
    return client


def ask(journey: Journey, first: str, last: str, who: str = "staff") -> Offer:
    with use_tenant(journey.tenant.id):
        referral = submit_referral(
            actor=journey.actors[who], tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
            windows=[(school_time(first), school_time(last))], consent=["referral"],
        )  # fmt: skip
        return Offer.objects.get(referral=referral)


def clocks(page: str, name: str) -> list[str]:
    """The starts that can be chosen, as ``dd HH:MM`` in the school's zone."""
    keys = re.findall(rf'name="{name}" value="([^"]+)"', page)
    moments = [datetime.fromisoformat(key).astimezone(school_time(MONDAY).tzinfo) for key in keys]
    return [f"{moment:%d %H:%M}" for moment in moments]


def test_the_agency_sees_only_starts_within_the_wish_and_its_hours(journey: Journey, office: Client) -> None:
    with as_of(school_time(MONDAY)):
        offer = ask(journey, "2026-12-01 16:00", "2026-12-01 20:00")
        page = office.get(f"/partner/offers/{offer.pk}/").content.decode()
        assert clocks(page, "starts_at") == ["01 16:00", "01 16:30", "01 17:00"], "the last session ends at 18:00"
        assert "<small>over</small>" not in page, "today was not asked for; nothing of it is over"
        chosen = re.findall(r'value="([^"]+)"[^>]* checked', page)
        assert len(chosen) == 1, "one tap takes the first"
        assert office.post(f"/partner/offers/{offer.pk}/", {"starts_at": chosen[0]}).status_code == 302
    with use_tenant(journey.tenant.id):
        assert Booking.objects.get().starts_at == school_time("2026-12-01 16:00")


def test_a_busy_hour_is_drawn_as_taken(journey: Journey, office: Client) -> None:
    with as_of(school_time(MONDAY)):
        first = ask(journey, "2026-12-01 10:00", "2026-12-01 11:00")
        key = school_time("2026-12-01 10:00").isoformat()
        page = office.get(f"/partner/offers/{first.pk}/").content.decode()
        assert (
            office.post(
                f"/partner/offers/{first.pk}/", {"starts_at": re.findall(r'value="(20[^"]+)"', page)[0]}
            ).status_code
            == 302
        )
        second = ask(journey, "2026-12-01 10:00", "2026-12-01 12:00", who="staff2")
        page = office.get(f"/partner/offers/{second.pk}/").content.decode()
    assert "taken" in page
    assert clocks(page, "starts_at") == ["01 11:00"], key


def test_another_day_is_looked_at_and_what_is_chosen_stays(journey: Journey, office: Client) -> None:
    with as_of(school_time(MONDAY)):
        offer = ask(journey, "2026-12-01 10:00", "2026-12-01 12:00")
        url = f"/partner/offers/{offer.pk}/propose/"
        page = office.get(url).content.decode()
        assert clocks(page, "start")[0] == "30 09:30", "today from now on"
        start = school_time("2026-11-30 14:00").isoformat()
        moved = office.post(url, {"start": start, "day": "2026-12-03"})
        assert moved.status_code == 303
        query = parse_qs(urlsplit(moved["Location"]).query)
        assert query["day"] == ["2026-12-03"]
        page = office.get(moved["Location"]).content.decode()
        assert "03 09:00" in clocks(page, "start")
        assert clocks(page, "start")[0] == "30 14:00", "chosen before, still there"
        with use_tenant(journey.tenant.id):
            assert not Proposal.objects.exists(), "looking at a day sends nothing"
        sent = [start, school_time("2026-12-03 09:00").isoformat()]
        assert office.post(url, {"start": sent}).status_code == 302
    with use_tenant(journey.tenant.id):
        assert list(Proposal.objects.values_list("starts_at", flat=True)) == [
            school_time("2026-11-30 14:00"),
            school_time("2026-12-03 09:00"),
        ]


def test_a_closed_day_cannot_be_pressed(journey: Journey, office: Client) -> None:
    with as_of(school_time(MONDAY)):
        offer = ask(journey, "2026-12-01 10:00", "2026-12-01 12:00")
        page = office.get(f"/partner/offers/{offer.pk}/propose/?day=2026-12-02").content.decode()
    days = re.findall(r'name="day" value="([^"]+)"', page)
    assert "2026-12-02" not in days, "the closure"
    assert "2026-12-05" not in days, "a Saturday"
    assert {"2026-12-01", "2026-12-03", "2026-12-04"} <= set(days)
    assert all(clock.startswith("30") for clock in clocks(page, "start")), "the first open day is shown instead"


@pytest.mark.parametrize(
    ("starts", "told"),
    [
        ([], "Please give at least one time"),
        (["2026-12-03T09:00"], "Choose a time from the page"),
        (["soon"], "Choose a time from the page"),
        (["2026-12-03T03:00:00+08:00"], "The agency is not open then"),
        (["2026-12-02T10:00:00+08:00"], "The agency is closed on this day"),
        (["2026-11-30T09:00:00+08:00"], "This time has passed"),
        ([f"2026-12-03T{hour:02d}:00:00+08:00" for hour in range(9, 15)], "Five times at most"),
    ],
)
def test_what_cannot_be_proposed_is_said_and_nothing_is_sent(
    journey: Journey, office: Client, starts: list[str], told: str
) -> None:
    with as_of(school_time(MONDAY)):
        offer = ask(journey, "2026-12-01 10:00", "2026-12-01 12:00")
        answer = office.post(f"/partner/offers/{offer.pk}/propose/", {"start": starts})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    with use_tenant(journey.tenant.id):
        assert not Proposal.objects.exists()
        assert Offer.objects.get().state == "open"


@pytest.mark.parametrize(
    "query", ["day=x&from=y&start=z", "day=9999-12-31&from=0001-01-01", "start=2026-12-03T09:00", "from=2199-12-31"]
)
def test_an_address_that_makes_no_sense_shows_the_page(journey: Journey, office: Client, query: str) -> None:
    with as_of(school_time(MONDAY)):
        offer = ask(journey, "2026-12-01 10:00", "2026-12-01 12:00")
        for path in ("", "propose/"):
            assert office.get(f"/partner/offers/{offer.pk}/{path}?{query}").status_code == 200


# --- the six boxes of a person ---


def boxes(moment: str, data: dict[str, Any] | None = None, minutes: int = 50) -> BoxesForm:
    opening = Opening(tuple(Hours(weekday, 540, 1080) for weekday in range(5)))
    return BoxesForm(data, opening=opening, calendar=WorkCalendar(), minutes=minutes, moment=school_time(moment))


def test_only_boxes_in_which_the_agency_is_open_can_be_ticked() -> None:
    form = boxes(MONDAY)
    offered = {row.key for _kind, rows in form.rows() for row in rows if row.is_offered}
    assert offered == {"box_workday_morning", "box_workday_afternoon"}
    refused = boxes(MONDAY, {"box_workday_evening": "on"})
    assert "box_workday_evening" in refused.errors, "the agency is shut then"
    assert "__all__" in boxes(MONDAY, {"units": "1"}).errors, "one box at least"
    assert "__all__" in boxes(MONDAY, {"box_x_y": "on"}).errors


def test_ticked_boxes_are_times_of_the_next_two_weeks() -> None:
    form = boxes(MONDAY, {"box_workday_morning": "on"})
    assert form.is_valid(), form.errors
    times = [(row.starts_at.astimezone(school_time(MONDAY).tzinfo), row.ends_at) for row in form.times()]
    assert f"{times[0][0]:%m-%d %H:%M}" == "11-30 09:15", "today from the next quarter on"
    assert len(times) == 10
    assert all(end - start <= timedelta(hours=3) for start, end in times)


def test_the_two_weeks_say_holiday_and_swapped_saturday_by_their_signs() -> None:
    cells = open_days(Opening(), WorkCalendar(), 50, school_time("2026-09-28 07:00"))
    marks = {cell.day.day: cell.mark for cell in cells if cell.day}
    assert (marks[1], marks[3], marks[10], marks[8]) == (Mark.REST, Mark.REST, Mark.WORK, Mark.NONE)
    assert [cell.day is None for cell in cells][:2] == [False, False], "28 September is a Monday"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_what_passes_between_the_steps_is_left_out_and_the_rest_is_sent(journey: Journey) -> None:
    """Ticked at 9:05, sent at 9:25: the first quarter of this morning is over, the request is not."""
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members["staff"].user)
    with as_of(school_time(MONDAY)):
        when = begin(client, journey.counselling)
        client.post(when, {"go": "times", "units": "1", "box_workday_morning": "on"})
        client.post(step(when, "consent"), {"go": "consent", "note": "", "consent": "on"})
        check = client.get(step(when, "check"))
        assert "Workdays Morning" in check.content.decode()
    with as_of(school_time("2026-11-30 09:25")):
        assert send(client, check)["Location"].startswith("/apply/done/")
    with use_tenant(journey.tenant.id):
        starts = list(Offer.objects.get().referral.windows.order_by("starts_at").values_list("starts_at", flat=True))
    assert starts[0] == school_time("2026-11-30 09:30")
    assert len(starts) == 9, "nine open mornings in two weeks: ten, and one closed"


def test_a_person_cannot_tick_a_box_in_which_the_agency_is_shut(journey: Journey) -> None:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members["staff"].user)
    with as_of(school_time(MONDAY)):
        when = begin(client, journey.counselling)
        page = client.get(when).content.decode()
        assert 'name="box_workday_morning"' in page
        assert 'name="box_weekend_morning"' not in page
        for ticked in ({"box_weekend_morning": "on"}, {}):
            answer = client.post(when, {"go": "times", "units": "1", **ticked})
            assert answer["Location"].endswith("/when/?check=1")
            assert "Choose at least one box" in client.get(answer["Location"]).content.decode() or ticked
