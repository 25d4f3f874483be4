"""The database's disk is full (SQLSTATE 53100) under whoever reports, takes or grades: 503, nothing of it stands, the same press works later."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Report
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.emergency.programs import INCIDENTS, one, program, recorded, rows, told, track
from tests.emergency.test_board import page_of
from tests.emergency.test_no_room import full
from tests.emergency.world import World, codes, legs_of, make_world

pytestmark = pytest.mark.usefixtures("committed")
WORDS = "他说不想活了，把东西都送人了"
Press = Callable[[], Any]
"""One press: what is sent is the same each time."""


@pytest.fixture
def world() -> World:
    school = make_school()
    with use_tenant(school.pk):
        return make_world(school)


@pytest.fixture
def paging(world: World) -> Incident:
    """A head told it: nobody has graded it or taken it."""
    with use_tenant(world.school.pk):
        incident = world.open(by="head")
        decide_school()
    return incident


def page(world: World, post: str, path: str, said: dict[str, Any]) -> Press:
    """A form that ``post`` sends, or anybody where it is empty; what the server hides is not raised."""
    browser = Client(headers={"host": world.school.host}, raise_request_exception=False)
    if post:
        user = world.members[post].user
        assert user is not None
        browser.force_login(user)
    return lambda: browser.post(path, said)


def standing(world: World) -> dict[str, Any]:
    """Every row that a report or an act could write, and the record."""
    with use_tenant(world.school.pk):
        reports = list(Report.objects.order_by("pk").values_list())
    return rows(world) | {"reports": reports, "record": recorded(world)}


def tried_without_room(world: World, table: str, press: Press, *, by_program: bool) -> None:
    """While nothing can be added to ``table``: 503, when to come back, and whom to call meanwhile; all stands as it was."""
    before = standing(world)
    with full(table, world.school):
        answer = press()
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "10"), answer.content[:500]
    if by_program:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "unavailable"
    else:
        text = answer.content.decode()
        assert all(f'href="tel:{number}"' in text for number in ("120", "110", "12356"))
    assert standing(world) == before


@pytest.mark.parametrize("by_program", [False, True], ids=["page", "program"])
@pytest.mark.parametrize("table", ["emergency_report", "emergency_incident", "emergency_leg"])
def test_anybody_reports_a_danger(table: str, by_program: bool, world: World) -> None:
    if by_program:
        body = {"about": "", "signs": WORDS, "found_at": now().isoformat(), "anonymous": True, "danger_now": True}
        browser = Client(headers={"host": world.school.host}, raise_request_exception=False)

        def press() -> Any:
            return browser.post("/api/v1/reports/", body, content_type="application/json")
    else:
        press = page(world, "", "/report/", {"words": WORDS, "danger_now": "on"})
    tried_without_room(world, table, press, by_program=by_program)
    assert press().status_code == 201
    with use_tenant(world.school.pk):
        assert (Report.objects.count(), Incident.objects.count()) == (1, 1)
        decide_school()
        assert legs_of(Incident.objects.get())["school"].state == "paging"


@pytest.mark.parametrize("by_program", [False, True], ids=["page", "program"])
@pytest.mark.parametrize("table", ["emergency_incident", "emergency_leg", "emergency_timeline"])
def test_a_head_reports_and_the_centre_opens(table: str, by_program: bool, world: World) -> None:
    if by_program:
        caller, body = program(world, "duty"), told(world)

        def press() -> Any:
            return caller.post(INCIDENTS, body, key="once")
    else:
        found_at = now().astimezone(ZoneInfo(world.school.time_zone)).strftime("%Y-%m-%dT%H:%M")
        said = {
            "person": "", "grade": "extreme", "kind": "psychological", "signs": WORDS, "danger_now": "on",
            "found_at": found_at, "place": "school", "place_words": "", "company": "nobody", "home": "unknown", "can_be_asked": "",
        }  # fmt: skip
        press = page(world, "head", "/my/report/", said)
    tried_without_room(world, table, press, by_program=by_program)
    assert press().status_code == (201 if by_program else 302)
    with use_tenant(world.school.pk):
        assert Incident.objects.count() == 1
        decide_school()
        assert legs_of(Incident.objects.get())["school"].state == "paging"


@pytest.mark.parametrize("by_program", [False, True], ids=["page", "program"])
@pytest.mark.parametrize("table", ["emergency_timeline", "audit_auditentry"])
def test_whoever_is_called_takes_it(table: str, by_program: bool, world: World, paging: Incident) -> None:
    if by_program:
        caller = program(world, "duty")

        def press() -> Any:
            return caller.post(track(paging, "school", "acknowledge"), {"eta": 30}, key="once")
    else:
        press = page(world, "duty", f"{page_of(paging)}school/acknowledge/", {"eta": "30"})
    tried_without_room(world, table, press, by_program=by_program)
    assert press().status_code == (200 if by_program else 302)
    with use_tenant(world.school.pk):
        leg = legs_of(paging)["school"]
        assert (leg.state, leg.owner_id) == ("acknowledged", world.members["duty"].pk)
        assert codes(paging).count("leg.acknowledge") == 1


@pytest.mark.parametrize("by_program", [False, True], ids=["page", "program"])
@pytest.mark.parametrize("table", ["emergency_timeline", "audit_auditentry"])
def test_whoever_is_on_duty_grades_it(table: str, by_program: bool, world: World, paging: Incident) -> None:
    if by_program:
        caller = program(world, "duty")

        def press() -> Any:
            return caller.post(f"{one(paging)}grade/", {"grade": "extreme"}, key="once")
    else:
        press = page(world, "duty", f"{page_of(paging)}grade/", {"grade": "extreme", "reason": ""})
    tried_without_room(world, table, press, by_program=by_program)
    assert press().status_code == (200 if by_program else 302)
    with use_tenant(world.school.pk):
        assert Incident.objects.get(pk=paging.pk).grade == "extreme"
