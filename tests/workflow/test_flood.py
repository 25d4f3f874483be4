"""Too many refusals of one person are slowed down on pages and in the API, and do not fill the record."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import brake
from audit.models import AuditEntry
from audit.workflow import refuse
from families.models import Relative
from kernel.clock import as_of, now
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from ui.refusals import explain

LIMIT = 5


@pytest.fixture(autouse=True)
def fresh_limits(settings: Any) -> None:
    settings.REFUSALS_PER_MINUTE = LIMIT
    cache.clear()


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute does not end under the test."""
    monkeypatch.setattr(brake.time, "time", lambda: 1_800_000_000.0)


def browser(school: Any, member: Any) -> Client:
    client = Client(HTTP_HOST=school.host)
    client.force_login(member.user)
    return client


def rows(school: Any) -> list[tuple[str, str]]:
    with use_tenant(school.id):
        found = AuditEntry.objects.filter(action__endswith=".refused").order_by("seq")
        return [(row.action, row.facts["code"]) for row in found]


def cancel(client: Client) -> int:
    return client.post(f"/my/referrals/{uuid4()}/cancel/").status_code


def test_refused_acts_without_end_are_slowed_down_and_leave_a_row_of_the_flood(school: Any) -> None:
    client = browser(school, make_person(school))
    assert [cancel(client) for _ in range(20)] == [404] * LIMIT + [429] * 15
    page = client.get("/my/")
    assert page.status_code == 429
    assert 1 <= int(page.headers["Retry-After"]) <= 61
    assert str(explain("too_many").title) in page.content.decode()
    assert client.get("/help/").status_code == 200
    assert rows(school) == [
        ("page.staff_referral_cancel.post.refused", "not_found"),
        ("page.unknown.post.refused", "too_many"),
        ("page.unknown.get.refused", "too_many"),
    ]


def test_the_budget_is_the_person_s_by_page_and_call_alike(school: Any) -> None:
    member = make_person(school)
    client = browser(school, member)
    for _ in range(LIMIT):
        assert client.get(f"/api/v1/referrals/{uuid4()}/").status_code == 404
    assert cancel(client) == 429
    assert client.get("/api/v1/services/").status_code == 429
    assert cancel(browser(school, make_person(school))) == 404, "a colleague's is another"


def test_what_is_right_is_never_counted(school: Any, settings: Any) -> None:
    client = browser(school, make_person(school))
    assert {client.get("/my/").status_code for _ in range(3 * LIMIT)} == {200}
    settings.REFUSALS_PER_MINUTE = 0
    assert {cancel(client) for _ in range(3 * LIMIT)} == {404}


def test_the_same_refusal_within_ten_minutes_leaves_one_row_and_another_its_own(school: Any) -> None:
    first, second = (actor_of(make_person(school)) for _ in range(2))
    with use_tenant(school.id):

        def no(actor: Any, code: str = "forbidden", **more: Any) -> bool:
            return refuse(actor=actor, action="policy.approve", code=code, **more) is not None

        one, other = uuid4(), uuid4()
        assert [no(first), no(first), no(first)] == [True, False, False]
        assert [no(second), no(first, "conflict"), no(first, object_type="x", object_id=one)] == [True] * 3
        assert [no(first, object_type="x", object_id=other), no(first, object_type="x", object_id=one)] == [True, False]
        with as_of(now() + timedelta(minutes=9, seconds=50)):
            assert not no(first)
        with as_of(now() + timedelta(minutes=10, seconds=1)):
            assert no(first)
        assert AuditEntry.objects.count() == 6


@pytest.mark.parametrize("phone", ["138001", "not a number", ""])
def test_a_slip_of_the_finger_is_no_act(school: Any, phone: str) -> None:
    """What a person mistypes is shown at its field and stands in no record (field or rule, form or writer)."""
    client = browser(school, make_person(school))
    answer = client.post("/my/family/relatives/new/", {"relation": "spouse", "name": "王小明", "phone": phone})
    assert answer.status_code == 422
    assert rows(school) == []
    with use_tenant(school.id):
        assert not Relative.objects.exists()


def test_a_rule_s_no_leaves_its_row_also_when_a_form_shows_it(school: Any) -> None:
    admin = make_person(school, "admin")
    client = browser(school, admin)
    sent = {"name": "李明华", "roles": ["staff"], "staff_no": "", "department": "", "gender": "", "confirmed": "1"}
    assert client.post(f"/school/members/{admin.pk}/", sent).status_code == 422
    assert client.post(f"/school/members/{admin.pk}/", {**sent, "name": ""}).status_code == 422
    assert rows(school) == [("page.school_member.post.refused", "own_roles")]
