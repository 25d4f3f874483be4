"""Calendars by program: an agency's week and people, lines for full times, several prices, other times beside a taken one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.clock import now
from partners.models import Resource, Service
from referrals.models import Booking, WaitingEntry
from seats import places
from tenancy.scope import use_tenant
from tests.api.journey_client import API, confirmed, contents, office_of, staff_of, window
from tests.fixtures_journey import Journey, soon
from tests.workflow.journey_steps import second_agency
from tests.workflow.test_resources import add

pytestmark = pytest.mark.django_db
SESSION = timedelta(minutes=50)
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")


@pytest.fixture
def group(journey: Journey) -> Resource:
    """A group of two places at an agency whose times are chosen."""
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    journey.counselling.refresh_from_db()
    return add(journey, "减压小组", kind="group", capacity=2)


def full_time(journey: Journey, group: Resource) -> datetime:
    start = soon(days=4)[0].replace(minute=0)
    with use_tenant(journey.tenant.id):
        for _ in range(2):
            places.take(group.place, start, start + SESSION, capacity=2)
    return start


def test_an_office_reads_its_week_and_its_people_and_no_name_of_a_person(journey: Journey) -> None:
    counsellor = add(journey, "黄春燕", gender="female")
    confirmed(journey, windows=[window(days=3)])
    with use_tenant(journey.tenant.id):
        booking = Booking.objects.get()
    office = office_of(journey)
    day = journey.tenant.day_of(booking.starts_at)
    found = office.get(f"{API}partner/week/?day={day}").json()
    assert found["first"] == str(day - timedelta(days=day.weekday()))
    [row] = found["rows"]
    assert (row["resource"], row["name"]) == (str(counsellor.pk), "黄春燕")
    [visit] = [entry for entry in row["entries"] if entry["kind"] == "visit"]
    assert visit["booking"] == str(booking.pk)
    assert datetime.fromisoformat(visit["starts_at"]) == booking.starts_at
    [one] = office.get(f"{API}partner/resources/").json()["results"]
    assert (one["id"], one["kind"], one["capacity"], one["active"]) == (str(counsellor.pk), "counsellor", 1, True)
    with use_tenant(journey.tenant.id):
        name = booking.referral.person.name
    assert name not in office.get(f"{API}partner/week/?day={day}").content.decode()


@pytest.mark.parametrize("page", ["partner/week/", "partner/resources/"])
def test_only_people_of_the_agency_read_them(journey: Journey, page: str) -> None:
    assert office_of(journey).get(f"{API}{page}").status_code == 200
    for who in ("staff", "centre", "union"):
        assert staff_of(journey, who).get(f"{API}{page}").status_code in (403, 404), who
    assert office_of(journey).get(f"{API}partner/week/?day=soon").status_code == 400


def test_somebody_stands_in_line_for_a_full_time_and_leaves_it(journey: Journey, group: Resource) -> None:
    start = full_time(journey, group)
    first, second = staff_of(journey), staff_of(journey, "staff2")
    body = {"service": str(journey.counselling.pk), "starts_at": start.isoformat()}
    made = first.post(f"{API}waitlist/", body)
    assert made.status_code == 201, made.content
    assert (made.json()["state"], made.json()["place"], made.json()["is_offered"]) == ("waiting", 1, False)
    assert second.post(f"{API}waitlist/", body).json()["place"] == 2
    assert first.post(f"{API}waitlist/", body).json()["code"] == "waiting_already"
    [mine] = second.get(f"{API}waitlist/").json()["results"]
    assert mine["partner"]["id"] == str(journey.institution.pk)
    stranger = f"{API}waitlist/{made.json()['id']}/leave/"
    assert second.post(stranger, {}).status_code == 404
    assert first.post(stranger, {}).json()["state"] == "left"
    assert first.post(stranger, {}).status_code == 409
    assert first.get(f"{API}waitlist/").json()["results"] == []
    assert second.get(f"{API}waitlist/").json()["results"][0]["place"] == 1


def test_a_line_that_cannot_be_joined_changes_nothing(journey: Journey, group: Resource) -> None:
    start, staff = full_time(journey, group), staff_of(journey)
    service = str(journey.counselling.pk)
    before = contents(journey.tenant, without=NOTED)
    for body, status in (
        ({}, 400), ({"service": service}, 400), ({"service": service, "starts_at": "soon"}, 400),
        ({"service": service, "starts_at": start.replace(tzinfo=None).isoformat()}, 400),
        ({"service": str(uuid4()), "starts_at": start.isoformat()}, 404),
        ({"service": service, "starts_at": (start + timedelta(days=1)).isoformat()}, 422),
        ({"service": service, "starts_at": start.isoformat(), "size": 2}, 400),
    ):  # fmt: skip
        assert staff.post(f"{API}waitlist/", body).status_code == status, body
    assert office_of(journey).post(
        f"{API}waitlist/", {"service": service, "starts_at": start.isoformat()}
    ).status_code in (
        403,
        404,
    )
    assert contents(journey.tenant, without=NOTED) == before
    with use_tenant(journey.tenant.id):
        assert not WaitingEntry.objects.exists()


def test_whoever_comes_too_late_is_told_three_other_times_and_can_take_one(journey: Journey, group: Resource) -> None:
    start, staff = full_time(journey, group), staff_of(journey)

    def body(at: datetime) -> dict[str, Any]:
        times = [{"starts_at": at.isoformat(), "ends_at": (at + SESSION).isoformat()}]
        return {
            "service": str(journey.counselling.pk),
            "units": 1,
            "consent": ["referral"],
            "at_once": True,
            "windows": times,
        }

    refused = staff.post(f"{API}referrals/", body(start))
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_taken")
    others = [datetime.fromisoformat(text) for text in refused.json()["other_times"]]
    assert len(others) == 3
    assert others == sorted(others)
    assert start not in others
    assert all(other > now() for other in others)
    assert staff.post(f"{API}referrals/", body(others[0])).status_code == 201


def test_prices_of_several_agencies_in_one_call_are_those_of_each(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        other = second_agency(journey)
    Service.objects.filter(pk__in=[journey.counselling.pk, other.pk]).update(mode="query")
    staff, day = staff_of(journey), str(journey.tenant.today() + timedelta(days=3))
    asked = {"units": 2, "service_date": day}
    ids = [str(journey.counselling.pk), str(other.pk)]
    found = staff.post(f"{API}quotes/several/", {**asked, "services": ids})
    assert found.status_code == 200, found.content
    rows = found.json()["results"]
    assert [row["service"] for row in rows] == ids
    for row in rows:
        alone = staff.post(f"{API}quotes/", {**asked, "service": row["service"]}).json()
        assert row["fee_fen"] == alone["fee_fen"]
        assert row["fee_fen"] == row["subsidy_fen"] + row["self_fen"]
        assert row["subsidy_fen"] <= alone["subsidy_fen"]
    assert found.json()["self_fen"] == max(row["self_fen"] for row in rows)
    for services in ([], [ids[0], ids[0]], [*ids, ids[0], ids[1], ids[0], ids[1]], ["x"]):
        assert staff.post(f"{API}quotes/several/", {**asked, "services": services}).status_code == 400, services
    past = {"units": 1, "service_date": str(journey.tenant.today() - timedelta(days=1)), "services": ids}
    assert staff.post(f"{API}quotes/several/", past).status_code == 400
    assert staff.post(f"{API}quotes/several/", {**asked, "services": [str(uuid4())]}).status_code == 422
