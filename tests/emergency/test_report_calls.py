"""``POST /api/v1/reports/``: the same rules by program; no token is read, no key is kept."""

from datetime import timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import ApiToken
from api.models import IdempotencyKey
from audit.models import AuditEntry
from kernel.clock import now
from referrals.emergency.models import Chain, LeftOut, Report
from referrals.emergency.receipts import receipt_hash, receipt_in
from referrals.emergency.workflow.receiving import told_in
from tests.emergency.test_report_unknown import CALL, TELLING
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def call(world: World, headers: dict[str, str] | None = None, **said: Any) -> Any:
    body = {"about": "", "signs": "他说不想活了", "found_at": now().isoformat(), "anonymous": True} | said
    body = {name: value for name, value in body.items() if value is not ...}
    browser = Client(headers={"host": world.school.host})
    return browser.post(CALL, body, content_type="application/json", headers=headers or {})


def test_a_receipt_and_nothing_else_comes_back(world: World) -> None:
    answer = call(world, danger_now=True)
    assert answer.status_code == 201 and set(answer.json()) == {"receipt"}
    receipt = answer.json()["receipt"]
    assert receipt_in(receipt) == receipt
    report = Report.objects.get(receipt_hash=receipt_hash(receipt))
    assert report.danger_now and told_in(report).words == "他说不想活了"
    assert not answer.cookies


def test_a_key_is_neither_read_nor_kept_and_a_repeat_is_a_second_report(world: World) -> None:
    before = ApiToken.objects.count(), AuditEntry.objects.count()
    answers = [call(world, headers=TELLING), call(world, headers=TELLING)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() != answers[1].json() and Report.objects.count() == 2
    assert not IdempotencyKey.objects.exists()
    assert (ApiToken.objects.count(), AuditEntry.objects.count()) == before


def test_the_zone_of_whoever_sends_it_is_not_kept(world: World) -> None:
    """The offset of a moment tells where a program stands, and which one it is."""
    moment = now()
    for hours in (-7, 0, 8):
        zone = timezone(timedelta(hours=hours))
        assert call(world, found_at=moment.astimezone(zone).isoformat()).status_code == 201
    own = moment.astimezone(ZoneInfo(world.school.time_zone)).isoformat(timespec="minutes")
    assert {told_in(row).noticed for row in Report.objects.all()} == {own}


def test_an_anonymous_one_keeps_no_name(world: World) -> None:
    call(world, name="赵六", phone="13912345678")
    assert (told_in(Report.objects.get()).name, told_in(Report.objects.get()).number) == ("", "")
    call(world, anonymous=False, name="赵六", phone="13912345678")
    assert {told_in(row).name for row in Report.objects.all()} == {"", "赵六"}


def test_whoever_must_not_know_is_left_out(world: World) -> None:
    call(world, not_told=["principal"], not_told_names="老师1")
    assert {row.member_id for row in LeftOut.objects.all()} == {
        world.members["principal"].pk, world.members["duty"].pk,
    }  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        {"signs": ""}, {"signs": ...}, {"signs": 1}, {"signs": "长" * 4_001}, {"signs": "x\0"}, {"about": ...}, {"about": "长" * 201},
        {"found_at": "yesterday"}, {"found_at": "2026-01-01T00:00:00"}, {"found_at": ...}, {"anonymous": ...}, {"anonymous": "yes"},
        {"danger_now": "yes"}, {"not_told": ["nobody"]}, {"not_told": "principal"}, {"person": "x"}, {"user": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_leaves_nothing(said: dict[str, Any], world: World) -> None:
    before = AuditEntry.objects.count()
    answer = call(world, **said)
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Report.objects.exists() and AuditEntry.objects.count() == before


def test_a_chain_that_is_not_live_says_so(world: World) -> None:
    Chain.objects.update(state="off")
    answer = call(world, danger_now=True)
    assert answer.status_code == 422 and answer.json()["code"] == "chain_off"
    assert not Report.objects.exists()


def test_in_a_flood_others_wait(world: World) -> None:
    call(world)
    first = Report.objects.get()
    Report.objects.bulk_create(
        Report(incident=first.incident, receipt_hash=bytes([n]), own_key=b"", next_at=now()) for n in range(200)
    )
    answer = call(world)
    assert answer.status_code == 429 and answer.json()["code"] == "reports_wait"
    assert call(world, danger_now=True).status_code == 201


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_nothing_can_be_read_there(method: str, world: World) -> None:
    browser = Client(headers={"host": world.school.host})
    assert getattr(browser, method)(CALL).status_code == 405


def test_not_on_the_platforms_host(world: World) -> None:
    body = {"about": "", "signs": "x", "found_at": now().isoformat(), "anonymous": True}
    answer = Client(headers={"host": "localhost"}).post(CALL, body, content_type="application/json")
    assert answer.status_code == 404 and not Report.objects.exists()
