"""``/school/settings/``: the duty line and the ⚙ rules that work today, by the school's administrator (rules §2)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from kernel.errors import Forbidden, Invalid
from referrals.models import Referral
from schools.workflow import save_settings
from tenancy.hosts import forget
from tenancy.models import Tenant
from tenancy.rules import BOUNDS, TenantRules
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
PAGE = "/school/settings/"
USUAL = {
    "duty_phone": "", "duty_hours": "", "automatic_approval": "on", "self_referral_sessions": "3",
    "partner_answer_days": "1", "free_cancel_hours": "24", "open_voucher_days": "90", "quote_minutes": "30",
    "draft_days": "14", "review_months": "12", "fewest_people": "5", "incident_years": "3",
    "follow_up_months": "3", "suggestion_minutes": "5", "grade_minutes": "15", "home_unknown_minutes": "5",
    "team_answers": "2", "voice_seconds": "60", "leaver_days": "30", "closing_month": "3", "tips_unread_months": "12", "visitor_name_days": "7",
    "mark_hours": "24", "move_days": "30", "pause_days": "3", "first_missed_paid": "on", "reminder_days": ["30", "7", "1"],
}  # fmt: skip


@pytest.fixture
def admin(school: Any) -> Any:
    return make_person(school, "admin", name="王校办")


@pytest.fixture
def desk(school: Any, admin: Any) -> Client:
    return browser(school, admin)


def browser(school: Any, member: Any) -> Client:
    client = Client(headers={"host": school.host, "accept-language": "en"})
    client.force_login(member.user)
    return client


def entries(school: Any) -> list[dict[str, Any]]:
    with use_tenant(school.id):
        return list(AuditEntry.objects.filter(action="setting.change").order_by("seq").values_list("facts", flat=True))


def stored(school: Any) -> Tenant:
    return Tenant.objects.get(pk=school.pk)


def test_every_rule_that_a_school_may_set_is_kept(school: Any, desk: Client) -> None:
    most = {name: str(most) for name, (_least, most) in BOUNDS.items()}
    assert desk.post(PAGE, {**USUAL, **most}).status_code == 302
    usual = TenantRules()
    assert stored(school).rules == {
        name: int(value) for name, value in most.items() if int(value) != getattr(usual, name)
    }


def test_a_change_is_kept_recorded_and_seen_on_every_page_at_once(
    school: Any, desk: Client, django_capture_on_commit_callbacks: Any
) -> None:
    public = Client(headers={"host": school.host})
    assert "0571" not in public.get("/help/").content.decode()
    typed = {
        **USUAL, "duty_phone": "０５７１-5550123", "duty_hours": "工作日 8:00–20:00", "free_cancel_hours": "48",
        "asked_kinds": ["elder_care", "camp"],
    }  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.post(PAGE, typed).status_code == 302
    seen = public.get("/help/").content.decode()
    assert "tel:0571-5550123" in seen
    assert "工作日 8:00–20:00" in seen
    row = stored(school)
    assert row.rules == {"free_cancel_hours": 48, "asked_kinds": ["camp", "elder_care"]}, "only what differs"
    assert entries(school) == [
        {"setting": "duty_phone"},
        {"setting": "duty_hours"},
        {"setting": "asked_kinds", "old": [], "new": ["camp", "elder_care"]},
        {"setting": "free_cancel_hours", "old": 24, "new": 48},
    ]
    shown = desk.get("/school/record/").content.decode()
    assert "Setting of the school changed" in shown
    assert "Holiday camp, Elder care" in shown
    assert "5550123" not in shown.partition("<main")[2]
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(PAGE, {**typed, "free_cancel_hours": "24", "automatic_approval": ""})
    assert stored(school).rules == {"automatic_approval": False, "asked_kinds": ["camp", "elder_care"]}
    assert entries(school)[4:] == [
        {"setting": "automatic_approval", "old": True, "new": False},
        {"setting": "free_cancel_hours", "old": 48, "new": 24},
    ]


def test_another_process_s_memory_does_not_hide_the_change_from_who_made_it(school: Any, desk: Client) -> None:
    """Without the commit's own forgetting: as if the next page came from the other worker."""
    assert desk.get(PAGE).status_code == 200
    desk.post(PAGE, {**USUAL, "duty_phone": "0571-5550123"})
    assert "tel:0571-5550123" in desk.get(PAGE).content.decode()
    forget()


def test_the_page_says_what_each_rule_does_its_usual_value_and_its_bounds(school: Any, desk: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(PAGE).content.decode()
    assert len(queries) <= 15
    assert "Usually 24; from 0 to 336." in page
    assert "Usually 3; from 0 to 20." in page
    assert "Elder care – The trade union" in page
    assert "Counselling – The psychological centre" in page
    assert 'href="/school/settings/"' in desk.get("/school/").content.decode()


def test_saving_the_same_again_writes_nothing(school: Any, desk: Client) -> None:
    assert desk.post(PAGE, USUAL).status_code == 302
    assert stored(school).rules == {}
    assert entries(school) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("self_referral_sessions", "21"), ("free_cancel_hours", "337"), ("partner_answer_days", "0"),
        ("quote_minutes", "4"), ("draft_days", "0"), ("fewest_people", "4"), ("fewest_people", "51"), ("open_voucher_days", "6"), ("open_voucher_days", ""), ("quote_minutes", "1_0"),
        ("asked_kinds", "gym"), ("reminder_days", "5"), ("duty_phone", "call us"), ("duty_phone", "1" * 31),
    ],
)  # fmt: skip
def test_what_lies_outside_is_refused_and_nothing_moves(school: Any, desk: Client, field: str, value: str) -> None:
    answer = desk.post(PAGE, {**USUAL, "duty_hours": "工作日", "free_cancel_hours": "12", field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{field}' in page
    assert "工作日" in page, "what was typed stays"
    row = stored(school)
    assert (row.rules, row.duty_hours) == ({}, "")
    assert entries(school) == []


@pytest.mark.parametrize(
    "rules",
    [
        {"quote_minutes": 4}, {"quote_minutes": True}, {"quote_minutes": "30"}, {"automatic_approval": 1}, {"first_missed_paid": 1},
        {"mark_hours": 49}, {"move_days": 6}, {"pause_days": 0},
        {"asked_kinds": ["gym"]}, {"reminder_days": ["5"]}, {"nonsense": 1},
    ],
)  # fmt: skip
def test_the_writer_takes_only_these_rules_within_these_bounds(school: Any, admin: Any, rules: dict[str, Any]) -> None:
    with use_tenant(school.id), pytest.raises(Invalid) as refused:
        save_settings(actor=actor_of(admin), duty_phone="", duty_hours="", rules={"free_cancel_hours": 12, **rules})
    assert [row[0] for row in refused.value.fields] == [*rules]
    assert stored(school).rules == {}
    assert entries(school) == []


@pytest.mark.parametrize("role", ["staff", "union", "finance", "centre", "head", "editor", "principal", "district"])
def test_nobody_else_sets_anything(school: Any, other_school: Any, role: str) -> None:
    member = make_person(school, role)
    client = browser(school, member)
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {**USUAL, "quote_minutes": "60"}).status_code == 404
    with use_tenant(school.id), pytest.raises(Forbidden):
        save_settings(actor=actor_of(member), duty_phone="", duty_hours="", rules={})
    assert stored(school).rules == {}


def test_an_administrator_sets_the_own_school_only(school: Any, other_school: Any, desk: Client) -> None:
    foreign = desk.post(PAGE, {**USUAL, "quote_minutes": "60"}, headers={"host": other_school.host})
    assert foreign.status_code == 302
    assert "/accounts/login/" in foreign["Location"]
    assert stored(other_school).rules == {} == stored(school).rules


def always_ask(journey: Journey, admin: Any, *kinds: str) -> None:
    with use_tenant(journey.tenant.id):
        save_settings(actor=actor_of(admin), duty_phone="", duty_hours="", rules={"asked_kinds": kinds})
    journey.tenant.refresh_from_db()
    forget()


def test_a_kind_the_school_always_asks_about_waits_for_its_office(journey: Journey, admin: Any) -> None:
    with use_tenant(journey.tenant.id):
        assert ask(journey).state == "offered"
    always_ask(journey, admin, "counselling")
    with use_tenant(journey.tenant.id):
        waiting = ask(journey, days=2)
        assert (waiting.state, waiting.needs_person) == ("submitted", True)
    staff = browser(journey.tenant, journey.members["staff"])
    for promise in ("/my/", "/apply/?kind=counselling"):
        offered = staff.get(promise).content.decode().partition("<main")[2]
        assert "the school decides first, within one working day" in offered
    assert "answer within one working day" in staff.get("/apply/?kind=childcare").content.decode()
    page = staff.get(f"/my/referrals/{waiting.pk}/").content.decode()
    assert "The psychological centre is looking at it" in page
    assert "answers by" in page
    centre = browser(journey.tenant, journey.members["centre"])
    assert waiting.number in centre.get("/centre/").content.decode()
    assert centre.post(f"/centre/referrals/{waiting.pk}/approve/").status_code == 302
    with use_tenant(journey.tenant.id):
        assert Referral.objects.get(pk=waiting.pk).state == "offered"


def test_what_is_not_ticked_goes_on_by_the_rules(journey: Journey, admin: Any) -> None:
    always_ask(journey, admin, "elder_care", "childcare")
    with use_tenant(journey.tenant.id):
        assert ask(journey).state == "offered"
