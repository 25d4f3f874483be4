"""By program: the next sessions, an offered seat, the words on crisis relief, the list of a suspended agency's requests."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.clock import as_of
from partners.calendars.resource_workflow import ResourceDraft, add_resource
from partners.models import Resource, Service
from partners.states import InstitutionEvent
from partners.workflow import move_institution
from referrals.due import run_due
from referrals.models import Referral, ReliefWord, WaitingEntry
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow.redeeming import redeem
from referrals.workflow.relief import submit_relief
from referrals.workflow.second_word import TO_SECOND
from seats import places
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, contents, office_of, staff_of
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_journey, soon
from tests.workflow.missed_steps import booked
from tests.workflow.several_steps import agency_with, pay_for

pytestmark = pytest.mark.django_db
SESSION = timedelta(minutes=50)
NOTED = ("audit.AuditEntry", "audit.AuditHead", "api.IdempotencyKey", "accounts.ApiToken", "accounts.TryCount")


# The next sessions


@pytest.fixture
def had(journey: Journey) -> tuple[Referral, datetime]:
    with use_tenant(journey.tenant.id):
        referral, booking, voucher = booked(journey)
        with as_of(booking.starts_at):
            redeem(actor=journey.partner_counter, text=voucher.code)
        return referral, booking.starts_at


def test_the_next_sessions_are_priced_and_sent_once(journey: Journey, had: Any) -> None:
    referral, at = had
    staff, address = staff_of(journey), f"{API}referrals/{referral.pk}/next/"
    with as_of(at + timedelta(days=1)):
        plan = staff.get(address).json()
        assert plan["service"]["id"] == str(referral.service_id)
        assert plan["windows"]
        body = {"token": plan["quote"]["token"], "review": plan["review"]}
        wrong = staff.post(address, {**body, "review": "" if plan["review"] else "centre"})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "review_changed")
        made = [staff.post(address, body) for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 201]
        assert made[0].json()["id"] == made[1].json()["id"] != str(referral.pk)
        gone = staff.get(address)
        assert (gone.status_code, gone.json()["code"]) == (422, "not_continued"), "it is asked for already"


def test_next_sessions_of_nobody_else_late_or_half_said(journey: Journey, had: Any, other_school: Any) -> None:
    referral, at = had
    staff, address = staff_of(journey), f"{API}referrals/{referral.pk}/next/"
    foreign = staff_of(make_journey(other_school))
    others = [staff_of(journey, "staff2"), staff_of(journey, "centre"), office_of(journey), foreign]
    with as_of(at + timedelta(days=1)):
        body = {"token": staff.get(address).json()["quote"]["token"], "review": ""}
        before = contents(journey.tenant, without=NOTED)
        for wrong in ({}, {"token": ""}, {**body, "review": "moon"}, {**body, "more": 1}, {"review": ""}):
            assert staff.post(address, wrong).status_code == 400, wrong
        assert staff.post(address, {**body, "token": "bought"}).status_code in (409, 422)
        for caller in others:
            assert caller.get(address).status_code in (403, 404)
            assert caller.post(address, body).status_code in (403, 404)
        assert contents(journey.tenant, without=NOTED) == before
    with as_of(at + timedelta(days=200)):
        assert staff.get(address).json()["code"] == "not_continued"
        assert staff.post(address, body).status_code in (409, 422)


# An offered seat


@pytest.fixture
def group(journey: Journey) -> Iterator[Resource]:
    with use_tenant(journey.tenant.id):
        Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name="减压小组", services=[journey.counselling.pk], capacity=2)
        yield add_resource(actor=journey.partner_office, kind="group", draft=draft)


def offered(journey: Journey, group: Resource) -> str:
    start = soon(days=4)[0].replace(minute=0)
    with use_tenant(journey.tenant.id):
        slots = [places.take(group.place, start, start + SESSION, capacity=2).slot for _ in range(2)]
    body = {"service": str(journey.counselling.pk), "starts_at": start.isoformat()}
    made = staff_of(journey).post(f"{API}waitlist/", body)
    assert made.status_code == 201, made.content
    with use_tenant(journey.tenant.id):
        places.free(slots[0])
        run_due()
    return str(made.json()["id"])


def test_an_offered_seat_is_taken_in_one_call(journey: Journey, group: Resource, real_clock: None) -> None:
    entry, staff = offered(journey, group), staff_of(journey)
    [mine] = staff.get(f"{API}waitlist/").json()["results"]
    assert mine["is_offered"]
    address = f"{API}waitlist/{entry}/accept/"
    for wrong in ({}, {"consent": ["gossip"]}, {"consent": []}, {"consent": ["referral"], "more": 1}):
        assert staff.post(address, wrong).status_code == 400, wrong
    assert staff.get(f"{API}waitlist/").json()["results"][0]["is_offered"], "a refusal leaves the offer"
    assert staff_of(journey, "staff2").post(address, {"consent": ["referral"]}).status_code == 404
    made = [staff.post(address, {"consent": ["referral"]}, key="seat") for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201], made[0].content
    assert made[0].json()["windows"][0]["starts_at"] == mine["starts_at"]
    assert made[0].json()["state"] in ("confirmed", "offered", "submitted")
    assert staff.post(address, {"consent": ["referral"]}).status_code == 409
    with use_tenant(journey.tenant.id):
        assert WaitingEntry.objects.get().state == "taken"
        assert Referral.objects.count() == 1
        start = WaitingEntry.objects.get().starts_at
        assert sum(row.seats for row in places.busy([group.place], start, start + SESSION)) == 2, "no seat taken twice"


def test_an_offer_that_has_run_out_is_nobodys(journey: Journey, group: Resource, real_clock: None) -> None:
    entry, staff = offered(journey, group), staff_of(journey)
    with use_tenant(journey.tenant.id):
        until = WaitingEntry.objects.get().until
    assert until is not None
    with as_of(until):
        late = staff.post(f"{API}waitlist/{entry}/accept/", {"consent": ["referral"]})
        assert (late.status_code, late.json()["code"]) == (422, "too_late")
    with use_tenant(journey.tenant.id):
        assert (WaitingEntry.objects.get().state, Referral.objects.count()) == ("offered", 0)
    assert staff.post(f"{API}waitlist/{entry}/leave/", {}).json()["state"] == "left", "a no is leaving"


# The second word


def test_the_words_of_two_of_the_union(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        pay_for(journey, "crisis_relief", share_bp=10_000)
        service, _office = agency_with(journey, "home_help", ONE_CASE_FEN + 1, mode="confirm")
        start, _end = soon(days=5)
        asked = submit_relief(
            actor=journey.centre, tenant=journey.tenant, person_id=journey.members["staff"].pk, service_id=service.pk,
            units=1, windows=[(start, start + timedelta(hours=3))],
        )  # fmt: skip
        second = Caller(journey.tenant, actor_of(make_person(journey.tenant, "union", "staff")))
    first, address = staff_of(journey, "union"), f"{API}referrals/{asked.pk}/"
    assert first.get(f"{address}words/").json() == {"needs_second": True, "needs_lead": False, "results": []}
    assert first.post(f"{address}approve/", {}).json()["state"] == "submitted"
    [word] = first.get(f"{address}words/").json()["results"]
    assert (word["state"], word["case_fen"], word["is_mine"]) == ("waiting", ONE_CASE_FEN + 1, True)
    assert first.post(f"{address}approve/", {}).json()["code"] == "same_person"
    with use_tenant(journey.tenant.id):
        ends = ReliefWord.objects.get().given_at + TO_SECOND
    with as_of(ends):
        [late] = second.get(f"{address}words/").json()["results"]
        assert late["state"] == "lapsed", "by the dates, swept or not"
    [other] = second.get(f"{address}words/").json()["results"]
    assert other["is_mine"] is False
    assert second.post(f"{address}approve/", {}).json()["state"] == "offered"
    assert second.get(f"{address}words/").json()["results"][0]["state"] == "seconded"
    for caller in (staff_of(journey), staff_of(journey, "centre"), staff_of(journey, "finance"), office_of(journey)):
        assert caller.get(f"{address}words/").status_code in (403, 404)
    assert first.get(f"{API}referrals/{uuid4()}/words/").status_code == 404


# A suspended agency


def test_each_office_lists_what_it_decides_and_nobody_is_named(journey: Journey, other_school: Any) -> None:
    with use_tenant(journey.tenant.id):
        referral, booking, _voucher = booked(journey)
    centre = staff_of(journey, "centre")
    assert centre.get(f"{API}paused/").json() == {"results": [], "next": None}
    with use_tenant(journey.platform.id):
        move_institution(actor=journey.operator, institution_id=journey.institution.pk, event=InstitutionEvent.SUSPEND)
    [row] = centre.get(f"{API}paused/").json()["results"]
    assert (row["referral"], row["state"]) == (str(referral.pk), "open")
    assert datetime.fromisoformat(row["next_at"]) == booking.starts_at
    assert journey.members["staff"].name not in str(row)
    assert staff_of(journey, "union").get(f"{API}paused/").json()["results"] == [], "another office's kind"
    foreign = make_journey(other_school)
    assert staff_of(foreign, "centre").get(f"{API}paused/").json()["results"] == []
    for caller in (staff_of(journey), staff_of(journey, "finance"), office_of(journey)):
        assert caller.get(f"{API}paused/").status_code in (403, 404)
    decided = centre.post(f"{API}referrals/{referral.pk}/paused/", {"choice": "keep"})
    assert decided.json()["state"] == "kept"
    assert [each["state"] for each in centre.get(f"{API}paused/").json()["results"]] == ["kept"]
