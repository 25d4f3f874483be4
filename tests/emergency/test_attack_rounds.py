"""No page waits for what calls nobody, and no kind of clock holds another up (chain §5)."""

from datetime import timedelta

import pytest

from kernel.clock import now
from notifications.models import OutboxMessage
from referrals.emergency.engine import rounds
from referrals.emergency.engine.rounds import decide_round
from referrals.emergency.models import Incident, Leg
from tenancy.scope import use_tenant
from tests.emergency.test_decide_together import worlds as worlds  # noqa: PLC0414  a fixture
from tests.emergency.test_follow_ups import closed, make_due, of
from tests.emergency.world import World, paged

pytestmark = pytest.mark.django_db
DUE = "emergency_follow_up_due"


def talks_due(world: World, *posts: str) -> None:
    with use_tenant(world.school.pk):
        for post in posts:
            make_due(of(closed(world, post=post)))


def told(worlds: list[World]) -> int:
    found = 0
    for world in worlds:
        with use_tenant(world.school.pk):
            found += OutboxMessage.objects.filter(template=DUE).count()
    return found


def test_talks_that_are_due_come_behind_the_pages_of_every_school(worlds: list[World]) -> None:
    talks_due(worlds[0], "person")
    with use_tenant(worlds[1].school.pk):
        incident = worlds[1].open()
        Leg.objects.filter(incident=incident, kind="school").update(next_at=now() - timedelta(seconds=1))
    seen: list[tuple[list[str], int]] = []

    def look() -> int:
        with use_tenant(worlds[1].school.pk):
            who = paged(incident, "school")
        seen.append((who, told(worlds)))
        return 0

    decide_round(between=look)
    assert seen[1] == (["on_duty:1"], 0), "the page first"
    assert told(worlds) == 1


def test_a_round_says_no_more_than_its_share_of_them(worlds: list[World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_WORDS", 1)
    talks_due(worlds[0], "person", "doctor")
    talks_due(worlds[1], "person")
    for count in (1, 2, 3):
        assert decide_round() == 1
        assert told(worlds) == count
    assert decide_round() == 0


def test_a_kind_that_fails_as_a_whole_holds_no_other_up(
    worlds: list[World], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> int:
        raise ValueError("王一")

    monkeypatch.setattr(rounds, "CALLING", (broken, *rounds.CALLING))
    with use_tenant(worlds[0].school.pk):
        incident = worlds[0].open(grade="major", by="head")
        Incident.objects.filter(pk=incident.pk).update(next_at=now() - timedelta(seconds=1))
    decide_round()
    with use_tenant(worlds[0].school.pk):
        assert Incident.objects.get(pk=incident.pk).next_at > now()
    assert "ValueError" in caplog.text and "王一" not in caplog.text
