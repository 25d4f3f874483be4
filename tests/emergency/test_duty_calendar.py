"""The calendar of whoever is on duty: by a secret address, revocable, without a personal word (issue E)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from audit.models import AuditEntry
from kernel.errors import Forbidden
from kernel.redaction import quiet
from referrals.emergency.models import DutyFeed, DutyShift, chain_moment
from referrals.emergency.workflow.feeds import end_feed, make_feed
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.emergency.rota import line_row, shift_row
from tests.emergency.test_duty_pages import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhou(open_school: Any) -> Any:
    return make_person(open_school, "duty", name="周晓燕", title="周老师", phone="13800001002")


def address(token: str) -> str:
    return f"/duty-calendar/{token}/duty.ics"


def fetch(school: Any, token: str) -> Any:
    return Client(headers={"host": school.host}).get(address(token))


def test_it_says_when_and_nothing_else(open_school: Any, zhou: Any) -> None:
    token = make_feed(actor=actor_of(zhou))
    first = shift_row(zhou, begins_in=5)
    shift_row(zhou, begins_in=50, layer=2)
    shift_row(make_person(open_school, "duty", name="钱文清"), begins_in=30)
    shift_row(line=line_row(), begins_in=60)
    answer = fetch(open_school, token)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    assert answer["Cache-Control"] == "private, no-store" and not answer.cookies
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events if str(event["uid"]).startswith(str(first.pk))] == [
        first.starts_at.replace(microsecond=0)
    ]
    assert len(events) == 2 and {str(event["summary"]) for event in events} == {"值班 / On duty"}
    assert {str(event["uid"]) for event in events} == {
        f"{row.pk}@{open_school.host}" for row in DutyShift.objects.filter(holder=zhou)
    }
    for word in ("周", "13800001002", zhou.email or "@@", "钱", "热线", token):
        assert word not in answer.content.decode(), word


def test_a_secret_that_was_guessed_ended_or_replaced_opens_nothing(open_school: Any, zhou: Any) -> None:
    old = make_feed(actor=actor_of(zhou))
    new = make_feed(actor=actor_of(zhou))
    assert DutyFeed.objects.count() == 1 and bytes(DutyFeed.objects.get().token_hash) not in new.encode()
    for guess in (old, new[:-1], new.swapcase(), "x", str(zhou.pk), "%00"):
        assert fetch(open_school, guess).status_code == 404, guess
    assert fetch(open_school, new).status_code == 200
    assert end_feed(actor=actor_of(zhou)) and not end_feed(actor=actor_of(zhou))
    assert fetch(open_school, new).status_code == 404
    assert AuditEntry.objects.filter(action="duty_feed.end").count() == 1
    with pytest.raises(Forbidden):
        make_feed(actor=actor_of(make_person(open_school, "staff")))
    assert not DutyFeed.objects.exists()


def test_of_whoever_has_left_or_lost_the_role_it_is_missing(open_school: Any, zhou: Any) -> None:
    token = make_feed(actor=actor_of(zhou))
    shift_row(zhou, begins_in=5)
    zhou.roles = ["staff"]
    zhou.save()
    assert fetch(open_school, token).status_code == 404
    zhou.roles, zhou.left_on = ["duty"], open_school.day_of(chain_moment())
    zhou.save()
    assert fetch(open_school, token).status_code == 200, "the last day counts"
    zhou.active_from, zhou.left_on = None, open_school.day_of(chain_moment()) - timedelta(days=1)
    zhou.save()
    assert fetch(open_school, token).status_code == 404


def test_another_schools_host_knows_it_not(open_school: Any, zhou: Any) -> None:
    token = make_feed(actor=actor_of(zhou))
    other = make_school()
    with use_tenant(other.pk):
        assert not DutyFeed.objects.exists()
    assert fetch(other, token).status_code == 404


def test_the_address_is_shown_once_and_stands_in_no_log(open_school: Any, zhou: Any) -> None:
    client = browser(open_school, zhou)
    made = client.post("/centre/emergency/duty/calendar/new/")
    assert made["Cache-Control"] == "private, no-store"
    [url] = [word for word in made.text.replace('"', " ").split() if word.endswith("/duty.ics")]
    token = url.split("/")[-2]
    assert fetch(open_school, token).status_code == 200
    assert token not in client.get("/centre/emergency/duty/away/").text
    assert token not in quiet(f"GET {address(token)} 500") and "/duty-calendar/…/duty.ics" in quiet(
        f"GET {address(token)}"
    )
    assert client.post("/centre/emergency/duty/calendar/end/").status_code == 302
    assert fetch(open_school, token).status_code == 404
    assert client.post("/centre/emergency/duty/calendar/end/", follow=True).status_code == 200
    assert Client(headers={"host": open_school.host}).post(address(token)).status_code == 405
