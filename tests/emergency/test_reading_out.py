"""A card is read out by telephone: by whom, to whom, written down and told to the person afterwards (chain §4)."""

from typing import Any

import pytest

from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, NotFound
from referrals.emergency.models import Timeline
from referrals.emergency.workflow import holding
from referrals.emergency.workflow.reading_out import read_out
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import browser, called, leg_of, link_of, press, recipient_of
from tests.emergency.test_board import client, get, page_of
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"


@pytest.fixture
def incident(world: World) -> Any:
    return called(world, place="home", place_words="家里，反锁了门", can_be_asked=False)


@pytest.fixture
def taken(world: World, incident: Any) -> Any:
    """The hospital's desk has it."""
    press(browser(), link_of(recipient_of(world, incident, "medical")), "take")
    return incident


@pytest.mark.parametrize("post", ["centre", "deputy", "duty", "second"])
def test_it_is_written_who_read_it_to_whom(world: World, taken: Any, post: str) -> None:
    before = leg_of(world, taken, "medical")
    with use_tenant(world.school.pk):
        read_out(actor=world.actor(post), incident_id=taken.pk, kind="medical")
        row = Timeline.objects.get(code="card.read_out")
        assert (row.by_id, row.leg_id, row.facts) == (world.members[post].pk, before.pk, {"to": "partner"})
        entry = AuditEntry.objects.get(action="incident.read_out")
        assert entry.facts == {"leg": "medical", "to": "partner"}
    after = leg_of(world, taken, "medical")
    assert (after.state, after.epoch, after.next_at) == (before.state, before.epoch, before.next_at)


@pytest.mark.parametrize(
    ("post", "error"), [("head", Forbidden), ("principal", Forbidden), ("doctor", Forbidden), ("person", NotFound)]
)
def test_nobody_else_reads_it_out(world: World, taken: Any, post: str, error: type[Exception]) -> None:
    with use_tenant(world.school.pk):
        with pytest.raises(error):
            read_out(actor=world.actor(post), incident_id=taken.pk, kind="medical")
        assert not Timeline.objects.filter(code="card.read_out").exists()


@pytest.mark.parametrize("why", ["nobody has it", "held"])
def test_without_a_card_there_is_nothing_to_read(world: World, taken: Any, why: str) -> None:
    kind = "community" if why == "nobody has it" else "medical"
    with use_tenant(world.school.pk):
        if why == "held":
            holding.hold(actor=world.actor("duty"), incident_id=taken.pk, kind=kind, reason=REASON)
        with pytest.raises(Conflict) as refused:
            read_out(actor=world.actor("centre"), incident_id=taken.pk, kind=kind)
        assert refused.value.reason == "no_card_out"
        assert not Timeline.objects.filter(code="card.read_out").exists()


def test_the_page_shows_what_to_read_and_then_who_knows_it(world: World, taken: Any) -> None:
    with use_tenant(world.school.pk):
        path = f"{page_of(taken)}medical/read_out/"
        assert path in get(world, "centre", page_of(taken))
        assert path not in get(world, "principal", page_of(taken))
        asked = get(world, "centre", path)
        assert world.members["person"].name in asked and "反锁了门" in asked
        assert world.members["wife" if "wife" in world.members else "person"].phone not in asked
        assert client(world, "centre").post(path).status_code == 302
        shown = get(world, "duty", page_of(taken))
        assert "已在电话里念过" in shown and "内容已在电话里念给对方" in shown
