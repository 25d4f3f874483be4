"""``/apply/<draft>/when/`` of a service with free times: choose who and when, held at once, sent and confirmed (books §4)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel.clock import now
from partners.calendars.resource_workflow import ResourceDraft, add_resource
from partners.models import Resource, Service
from referrals.models import Booking, Offer, Referral, ReferralDraft, TimeHold
from seats import places
from tenancy.scope import use_tenant
from tests.api.journey_client import API, staff_of
from tests.fixtures_journey import BOXES, Journey

pytestmark = pytest.mark.django_db
SESSION = timedelta(minutes=50)


@pytest.fixture(autouse=True)
def instant(journey: Journey) -> Iterator[None]:
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    yield


@pytest.fixture
def staff(journey: Journey) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    assert journey.members["staff"].user is not None
    client.force_login(journey.members["staff"].user)
    return client


def add(journey: Journey, name: str, **facts: Any) -> Resource:
    with use_tenant(journey.platform.id):
        draft = ResourceDraft(name=name, services=[journey.counselling.pk], **facts)
        return add_resource(actor=journey.partner_office, kind="counsellor", draft=draft)


def begin(journey: Journey, staff: Client) -> str:
    """The first step's address, with the draft's key in it."""
    answer = staff.get(f"/apply/{journey.counselling.pk}/")
    assert answer.status_code == 302
    return str(answer["Location"])


def starts_on(page: str) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', page)


def draft_key(url: str) -> UUID:
    return UUID(url.split("/")[2])


def later(page_url: str, staff: Client, days: int = 3) -> str:
    """The address of a day that is open as a whole."""
    day = (now() + timedelta(days=days)).date().isoformat()
    return f"{page_url}&day={day}" if "?" in page_url else f"{page_url}?day={day}"


def test_the_whole_way_from_the_days_to_the_voucher(journey: Journey, staff: Client) -> None:
    url = begin(journey, staff)
    page = staff.get(later(url, staff)).content.decode()
    assert not ReferralDraft.objects.exists(), "looking writes nothing"
    start = starts_on(page)[0]
    sent = staff.post(url, {"units": "1", "start": start, "page": "a"})
    assert sent.status_code == 302
    hold = TimeHold.objects.get()
    assert hold.starts_at == datetime.fromisoformat(start)
    shown = staff.get(sent["Location"]).content.decode()
    assert "kept for you until" in shown
    assert 'aria-pressed="true"' in shown
    when = f"/apply/{draft_key(url)}/when/"
    assert staff.post(when, {"units": "1", "go": "times", "page": "b"})["Location"].endswith("/consent/")
    staff.post(f"/apply/{draft_key(url)}/consent/", {"consent": "on", "go": "consent"})
    check = staff.get(f"/apply/{draft_key(url)}/check/").content.decode()
    assert "Confirmed as soon as you send it" in check
    assert "kept for you until" in check
    answer = send(staff, draft_key(url), check)
    referral = Referral.objects.get()
    assert answer["Location"] == f"/apply/done/{referral.pk}/"
    assert (referral.state, Booking.objects.get().starts_at) == ("confirmed", hold.starts_at)
    assert staff.get(answer["Location"]).status_code == 200
    assert staff.get(f"/my/referrals/{referral.pk}/").status_code == 200


def send(staff: Client, draft: UUID, check: str) -> Any:
    fields = dict(re.findall(r'name="(version|quote|review)" value="([^"]*)"', check))
    return staff.post(f"/apply/{draft}/check/", {**fields, "go": "send"})


def ready(journey: Journey, staff: Client, **more: str) -> tuple[UUID, datetime]:
    """A draft with a held time and every step done."""
    url = begin(journey, staff)
    start = starts_on(staff.get(later(url, staff)).content.decode())[0]
    staff.post(url, {"units": "1", "start": start, "page": "a", **more})
    staff.post(f"/apply/{draft_key(url)}/consent/", {"consent": "on", "go": "consent"})
    return draft_key(url), datetime.fromisoformat(start)


def test_whoever_comes_too_late_is_shown_three_other_times_and_loses_nothing(journey: Journey, staff: Client) -> None:
    draft, start = ready(journey, staff)
    check = staff.get(f"/apply/{draft}/check/").content.decode()
    hold = TimeHold.objects.get()
    assert hold.slot and hold.resource
    places.free(hold.slot)
    places.take(journey.institution.pk, start, start + SESSION)
    answer = send(staff, draft, check)
    assert parse_qs(urlsplit(answer["Location"]).query)["told"] == ["taken"]
    page = staff.get(answer["Location"]).content.decode()
    assert "This time has just been taken" in page
    offered = re.findall(r'class="slot wide" name="start" value="([^"]+)"', page)
    assert len(offered) == 3
    assert not Referral.objects.exists()
    staff.post(f"/apply/{draft}/when/", {"units": "1", "start": offered[0], "page": "c"})
    send(staff, draft, staff.get(f"/apply/{draft}/check/").content.decode())
    assert Booking.objects.get().starts_at == datetime.fromisoformat(offered[0])


def test_a_start_that_was_taken_while_the_page_stood_is_told_on_the_page(journey: Journey, staff: Client) -> None:
    url = begin(journey, staff)
    start = starts_on(staff.get(later(url, staff)).content.decode())[0]
    moment = datetime.fromisoformat(start)
    places.take(journey.institution.pk, moment, moment + SESSION)
    answer = staff.post(url, {"units": "1", "start": start, "page": "a"})
    page = staff.get(answer["Location"]).content.decode()
    assert "This time has just been taken" in page
    assert start not in starts_on(page)
    assert not TimeHold.objects.exists()


def test_boxes_are_the_other_way_and_let_the_held_time_go(journey: Journey, staff: Client) -> None:
    draft, _start = ready(journey, staff)
    answer = staff.post(f"/apply/{draft}/when/", {"units": "1", "go": "boxes", "page": "d", **BOXES})
    assert answer["Location"].endswith("/check/")
    assert not TimeHold.objects.exists()
    check = staff.get(f"/apply/{draft}/check/").content.decode()
    assert "Times that suit you" in check
    send(staff, draft, check)
    assert Referral.objects.get().state == "offered"
    assert Offer.objects.get().state == "open"


def test_somebody_is_chosen_by_what_they_know_and_nothing_of_that_is_kept(journey: Journey, staff: Client) -> None:
    first = add(journey, "黄春燕", gender="female", specialities=["sleep", "grief"])
    add(journey, "沈一帆", gender="male", online=True)
    add(journey, "不出名", is_named=False)
    url = begin(journey, staff)
    who = url.replace("/when/", "/who/")
    page = staff.get(who).content.decode()
    assert "黄春燕" in page
    assert "Loss and grief" in page
    assert "不出名" not in page
    narrowed = staff.get(f"{who}&gender=male").content.decode()
    assert "沈一帆" in narrowed
    assert "黄春燕" not in narrowed
    chosen = f"{later(url, staff)}&with={first.pk}"
    start = starts_on(staff.get(chosen).content.decode())[0]
    staff.post(url, {"units": "1", "start": start, "with": str(first.pk), "page": "a"})
    assert TimeHold.objects.get().counsellor == first
    staff.post(f"/apply/{draft_key(url)}/consent/", {"consent": "on", "go": "consent"})
    check = staff.get(f"/apply/{draft_key(url)}/check/").content.decode()
    assert "黄春燕" in check
    send(staff, draft_key(url), check)
    referral = Referral.objects.get()
    assert referral.counsellor == first
    assert Booking.objects.get().resource == first.place


def test_a_stranger_s_draft_shows_and_takes_nothing(journey: Journey, staff: Client) -> None:
    draft, _start = ready(journey, staff)
    other = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    assert journey.members["staff2"].user is not None
    other.force_login(journey.members["staff2"].user)
    assert other.get(f"/apply/{draft}/when/").status_code == 404
    start = (now() + timedelta(days=3)).isoformat()
    url = f"/apply/{draft}/when/?service={journey.counselling.pk}"
    assert other.post(url, {"units": "1", "start": start, "page": "x"}).status_code == 404
    assert TimeHold.objects.get().person_id == journey.members["staff"].pk


def test_the_page_asks_the_same_few_questions_for_one_counsellor_and_for_twenty(
    journey: Journey, staff: Client
) -> None:
    url = begin(journey, staff)
    add(journey, "一")
    staff.get(url)
    with CaptureQueriesContext(connection) as few:
        staff.get(url)
    for number in range(19):
        add(journey, f"咨询师{number}")
    with CaptureQueriesContext(connection) as many:
        staff.get(url)
    assert len(many) == len(few)


def test_a_program_sees_free_times_and_takes_one(journey: Journey) -> None:
    counsellor = add(journey, "黄春燕", gender="female")
    client = staff_of(journey)
    seen = client.get(f"{API}services/{journey.counselling.pk}/free-times/").json()
    assert [row["name"] for row in seen["counsellors"]] == ["黄春燕"]
    row = next(row for row in seen["results"] if datetime.fromisoformat(row["starts_at"]) > now() + timedelta(days=2))
    assert row["counsellors"] == [str(counsellor.pk)]
    body = {
        "service": str(journey.counselling.pk), "units": 1, "consent": ["referral"], "at_once": True,
        "windows": [{"starts_at": row["starts_at"], "ends_at": row["ends_at"]}], "counsellor": str(counsellor.pk),
    }  # fmt: skip
    made = client.post(f"{API}referrals/", body)
    assert made.status_code == 201, made.content
    assert made.json()["state"] == "confirmed"
    again = client.get(f"{API}services/{journey.counselling.pk}/free-times/").json()
    assert row["starts_at"] not in [each["starts_at"] for each in again["results"]]
    taken = client.post(f"{API}referrals/", body)
    assert (taken.status_code, taken.json()["code"]) == (409, "slot_taken")
    longer = {**body, "windows": [{"starts_at": row["starts_at"], "ends_at": row["starts_at"]}, body["windows"][0]]}
    assert client.post(f"{API}referrals/", longer).status_code in (400, 422)
    assert client.get(f"{API}services/{counsellor.pk}/free-times/").status_code == 404
    assert client.get(f"{API}services/{journey.childcare.pk}/free-times/").json()["results"] == []
