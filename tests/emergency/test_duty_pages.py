"""The pages of the emergency desk: who opens which, what is said, what a press does, and what looking leaves alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from referrals.emergency.models import Chain, DutyLine, DutyShift, Plan, PlanStep, Seat, chain_moment
from referrals.emergency.rota import duty_at
from referrals.emergency.rules.on_duty import rota_day
from referrals.emergency.workflow.seats import appoint
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.emergency.ready import Ready, make_ready
from tests.emergency.rota import SPELLINGS, line_row, shift_row
from ui.navigation import office_items

pytestmark = pytest.mark.django_db
HERE = "/centre/emergency"
LINE = {"name": "市心理热线", "number": "0571-87654321", "kind": "hotline", "answers": "每天夜里"}


@pytest.fixture
def ready(open_school: Any) -> Ready:
    return make_ready(open_school)


def browser(school: Any, member: Any) -> Client:
    client = Client(headers={"host": school.host})
    client.force_login(member.user)
    return client


PLACES = ("duty/", "seats/", "lines/", "plans/", "chain/")


def test_who_opens_what(open_school: Any, ready: Ready) -> None:
    for role, opens in {
        "duty": True, "principal": True, "admin": True, "staff": False, "head": False, "union": False,
        "moral": False, "finance": False, "district": False,
    }.items():  # fmt: skip
        client = browser(open_school, make_person(open_school, role))
        for place in PLACES:
            assert client.get(f"{HERE}/{place}").status_code == (200 if opens else 404), (role, place)
        for place in ("duty/new/", "duty/week/", "lines/new/", "seats/doctor/", "chain/line/"):
            assert client.get(f"{HERE}/{place}").status_code == 404, (role, place)
    assert Client(headers={"host": open_school.host}).get(f"{HERE}/duty/").status_code == 302


@pytest.mark.parametrize("day", ["2026-02-31", "2026-13-01", "0000-00-00", "-", "9999-12-31", "2026-02-28"])
def test_a_day_that_cannot_be_opens_the_page_as_if_none_was_asked(open_school: Any, day: str) -> None:
    """An address is shortened, mistyped, or of another year."""
    client = browser(open_school, make_person(open_school, "centre"))
    for place in ("duty/new/", "duty/week/"):
        assert client.get(f"{HERE}/{place}", {"day": day}).status_code == 200, place


def test_an_empty_school_is_told_what_to_do(open_school: Any) -> None:
    client = browser(open_school, make_person(open_school, "centre"))
    for place in PLACES:
        assert client.get(f"{HERE}/{place}").status_code == 200
    assert "现在没有人值班" in client.get(f"{HERE}/duty/").text
    assert "请登记市里的夜间热线" in client.get(f"{HERE}/lines/").text
    assert not Chain.objects.exists() and not AuditEntry.objects.exists()


def test_a_gap_is_red_and_said_in_words(open_school: Any) -> None:
    centre = make_person(open_school, "centre")
    shift_row(make_person(open_school, "duty", title="周老师"), hours=30)
    page = browser(open_school, centre).get(f"{HERE}/duty/").text
    assert page.count('class="gap"') >= 20 and "周老师" in page
    assert "没有人值班" in page and "连值" in page


@pytest.mark.parametrize("number", SPELLINGS)
def test_the_form_refuses_every_spelling_of_a_service_number(open_school: Any, number: str) -> None:
    client = browser(open_school, make_person(open_school, "centre"))
    page = client.post(f"{HERE}/lines/new/", {**LINE, "number": number})
    assert page.status_code == 422 and "不能由系统拨打" in page.text
    assert not DutyLine.objects.exists()


def test_a_line_is_entered_changed_ended_and_called_again(open_school: Any) -> None:
    client = browser(open_school, make_person(open_school, "centre"))
    assert client.post(f"{HERE}/lines/new/", LINE).status_code == 302
    line = DutyLine.objects.get()
    client.post(f"{HERE}/lines/{line.pk}/", {**LINE, "name": "新名字", "number": "120"})
    line.refresh_from_db()
    assert (line.name, line.number) == ("新名字", "+8657187654321")
    assert client.get(f"{HERE}/lines/{line.pk}/end/").status_code == 200
    assert DutyLine.objects.get().is_active
    client.post(f"{HERE}/lines/{line.pk}/end/")
    assert not DutyLine.objects.get().is_active
    client.post(f"{HERE}/lines/{line.pk}/resume/")
    assert DutyLine.objects.get().is_active


def test_shifts_are_entered_by_day_and_by_week_and_an_overlap_is_said(open_school: Any) -> None:
    client = browser(open_school, make_person(open_school, "centre"))
    line = line_row()
    today = rota_day(chain_moment(), open_school.time_zone)
    given = {"who": f"l-{line.pk}", "layer": "1", "first_day": today.isoformat(), "part": "whole"}
    assert client.post(f"{HERE}/duty/new/", given).status_code == 302
    held = DutyShift.objects.count()
    assert 1 <= held <= 2 and duty_at(open_school, chain_moment())[1].who == line.pk
    again = client.post(f"{HERE}/duty/new/", {**given, "part": "night"})
    assert again.status_code == 422 and "已经有人值班" in again.text
    assert client.post(f"{HERE}/duty/new/", {**given, "part": "other"}).status_code == 422
    assert client.post(f"{HERE}/duty/new/", {**given, "last_day": "2020-01-01"}).status_code == 422
    assert DutyShift.objects.count() == held
    page = client.get(f"{HERE}/duty/week/").context["form"]
    names = list(page.fields)
    assert client.post(f"{HERE}/duty/week/", {names[0]: f"l-{line.pk}", names[3]: f"l-{line.pk}"}).status_code == 302
    assert DutyShift.objects.count() == held + 2
    assert client.post(f"{HERE}/duty/week/", {}).status_code == 302
    assert DutyShift.objects.count() == held + 2
    later = DutyShift.objects.latest("starts_at")
    assert client.get(f"{HERE}/duty/{later.pk}/remove/").status_code == 200
    client.post(f"{HERE}/duty/{later.pk}/remove/")
    running = DutyShift.objects.earliest("starts_at")
    client.post(f"{HERE}/duty/{running.pk}/end/")
    assert duty_at(open_school, chain_moment()) == {}


def test_take_it_now_by_a_press(open_school: Any, ready: Ready) -> None:
    shen = make_person(open_school, "duty", title="沈老师")
    client = browser(open_school, shen)
    page = client.get(f"{HERE}/duty/take/")
    assert duty_at(open_school, chain_moment())[1].who == ready.duty.pk
    seen = dict(page.context["hidden"])
    assert client.post(f"{HERE}/duty/take/", {"instead_of": ""}).status_code == 409
    assert client.post(f"{HERE}/duty/take/", {"instead_of": "x"}).status_code == 404
    assert client.post(f"{HERE}/duty/take/", seen).status_code == 302
    assert duty_at(open_school, chain_moment())[1].who == shen.pk
    assert client.get(f"{HERE}/duty/take/").status_code == 302
    assert "您在值班" in client.get(f"{HERE}/duty/").text


def test_a_seat_is_filled_and_left(open_school: Any) -> None:
    head = make_person(open_school, "centre")
    client = browser(open_school, head)
    day = open_school.day_of(chain_moment()).isoformat()
    wrong = client.post(
        f"{HERE}/seats/centre_head/", {"holder": f"m-{head.pk}", "deputy": f"m-{head.pk}", "since": day}
    )
    assert wrong.status_code == 422 and "自己不能代理自己" in wrong.text and not Seat.objects.exists()
    client.post(f"{HERE}/seats/centre_head/", {"holder": f"m-{head.pk}", "since": day})
    assert Seat.objects.get().holder_id == head.pk
    assert "没有代理人" in client.get(f"{HERE}/seats/").text
    with use_tenant(open_school.pk):
        held, later = Seat.objects.get(), open_school.day_of(chain_moment()) + timedelta(days=9)
        other = make_person(open_school, "centre")
        appoint(actor=actor_of(head), kind="centre_head", since=later, holder_id=other.pk)
    form = {"holder": f"m-{head.pk}", "deputy": f"m-{other.pk}", "since": day}
    assert client.post(f"{HERE}/seats/centre_head/", form).status_code == 302, "though the next holder is known"
    held.refresh_from_db()
    assert (held.deputy_id, held.until, Seat.objects.count()) == (other.pk, later, 2), "the same seat, not a new one"
    assert client.post(f"{HERE}/seats/centre_head/", {**form, "holder": f"m-{other.pk}"}).status_code == 422
    Seat.objects.filter(since=later).delete()
    Seat.objects.update(until=None)
    assert client.get(f"{HERE}/seats/king/").status_code == 404
    assert client.get(f"{HERE}/seats/centre_head/end/").status_code == 200
    client.post(f"{HERE}/seats/centre_head/end/")
    assert not Seat.objects.exists()


def test_a_plan_is_drafted_edited_read_and_put_in_use(open_school: Any, ready: Ready) -> None:
    client = browser(open_school, ready.head)
    client.post(f"{HERE}/plans/draft/", {"kind": "psychological", "grade": "extreme"})
    draft = Plan.objects.get(state="draft")
    at = f"{HERE}/plans/{draft.pk}"
    community = draft.steps.get(leg="community")
    client.post(f"{at}/steps/{community.pk}/remove/")
    assert "谁也叫不到" in client.get(f"{at}/").text
    assert client.post(f"{at}/use/").status_code == 422
    assert client.post(f"{at}/community/new/", {"target": "", "channels": ["voice"]}).status_code == 422
    assert client.post(f"{at}/community/new/", {"target": "contact/1", "channels": ["voice"]}).status_code == 422
    assert client.get(f"{at}/street/new/").status_code == 404
    client.post(f"{at}/community/new/", {"target": "home_community", "channels": ["voice"], "wait_minutes": "3"})
    step = draft.steps.get(leg="community")
    assert (step.wait_minutes, step.channels) == (3, ["voice"])
    wrong = client.post(
        f"{at}/steps/{step.pk}/", {"target": "home_community", "channels": ["voice"], "wait_minutes": "9"}
    )
    assert wrong.status_code == 422 and draft.steps.get(leg="community").wait_minutes == 3
    last = draft.steps.filter(leg="school").latest("position")
    client.post(f"{at}/steps/{last.pk}/move/", {"to": "up"})
    assert PlanStep.objects.get(pk=last.pk).position == last.position - 1
    assert client.get(f"{at}/use/").status_code == 200
    client.post(f"{at}/use/")
    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("in_use", 2)
    assert client.get(f"{at}/steps/{step.pk}/").status_code == 404
    page = client.get(f"{at}/").text
    assert "第 2 版" in page and "市立医院" in page and "第 1 版" in page
    client.post(f"{HERE}/plans/{draft.pk}/retire/")
    assert not Plan.objects.filter(kind="psychological", grade="extreme", state="in_use").exists()
    assert "没有使用中的预案：心理 · 极端" in client.get(f"{HERE}/chain/").text


def test_two_people_go_live_by_two_presses(open_school: Any, ready: Ready) -> None:
    head, principal = browser(open_school, ready.head), browser(open_school, ready.principal)
    assert "什么都不缺" in head.get(f"{HERE}/chain/").text
    assert head.get(f"{HERE}/chain/jump/").status_code == 404
    assert head.get(f"{HERE}/chain/go_live/").status_code == 302
    head.post(f"{HERE}/chain/rehearse/")
    assert head.get(f"{HERE}/chain/go_live/").status_code == 200
    head.post(f"{HERE}/chain/go_live/")
    again = head.post(f"{HERE}/chain/go_live/", follow=True)
    assert again.redirect_chain and "第二" in again.text or "另一" in again.text
    assert Chain.objects.get().state == "rehearsal"
    asked = f'href="{HERE}/chain/go_live/"'
    mine, theirs = head.get(f"{HERE}/chain/").text, principal.get(f"{HERE}/chain/").text
    assert "提出：正式启用" in theirs and "确认正式启用" in theirs and theirs.count(asked) == 1, (
        "the yes bears its name"
    )
    assert "不同意，撤下" in theirs and "不同意，撤下" not in mine
    assert asked not in mine and "在本页确认" in mine, "whoever asked is not offered the same again"
    principal.post(f"{HERE}/chain/go_live/")
    assert Chain.objects.get().state == "live"
    principal.post(f"{HERE}/chain/switch_off/")
    principal.post(f"{HERE}/chain/withdraw/")
    assert Chain.objects.get().wanted == ""


def test_what_stands_in_another_school_is_missing_here(open_school: Any, ready: Ready) -> None:
    other = make_school()
    with use_tenant(other.pk):
        foreign = make_ready(other)
        plan = Plan.objects.first()
        step, shift = plan.steps.first(), DutyShift.objects.first()
    client = browser(open_school, ready.head)
    for place in (
        f"plans/{plan.pk}/", f"plans/{plan.pk}/use/", f"plans/{plan.pk}/steps/{step.pk}/", f"lines/{foreign.line.pk}/",
        f"lines/{foreign.line.pk}/end/", f"duty/{shift.pk}/remove/", f"duty/{shift.pk}/end/",
    ):  # fmt: skip
        assert client.get(f"{HERE}/{place}").status_code == 404, place
        assert client.post(f"{HERE}/{place}").status_code in (404, 405), place
    day = open_school.day_of(chain_moment()).isoformat()
    chosen = {"holder": f"l-{foreign.line.pk}", "since": day}
    assert client.post(f"{HERE}/seats/district/", chosen).status_code == 422


@pytest.mark.parametrize(
    ("role", "door"),
    [
        ("centre", "/centre/emergency/"),
        ("duty", "/centre/emergency/"),
        ("principal", "/centre/emergency/duty/"),
        ("admin", "/centre/emergency/duty/"),
    ],
)
def test_the_office_leads_to_the_board_and_whoever_may_not_see_it_to_the_rota(
    open_school: Any, role: str, door: str
) -> None:
    member = make_person(open_school, "staff", role)
    items = office_items(actor_of(member), "/centre/emergency/seats/")
    [office] = [item for item in items if item.url.startswith("/centre/emergency/")]
    assert (office.url, office.current) == (door, True)
    client = Client(headers={"host": open_school.host})
    client.force_login(member.user)
    assert client.get(door).status_code == 200
