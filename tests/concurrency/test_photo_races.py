"""Two families of one invitation, one registered child, and the yes said for both in the same second: one stands (books §6)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from content.opendays.links import party_of
from content.opendays.models import Guest
from content.opendays.rules import Band
from content.opendays.workflow import photos
from families.workflow import register_child
from kernel.errors import Refused
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.opendays.world import World, come, family, make_world

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def world(committed: None) -> World:
    school = make_school()
    with use_tenant(school.pk):
        found = make_world(school)
        register_child(actor=found.host, name="知夏", born=school.day_of(found.day.starts_at) - timedelta(days=365 * 9))
    return found


def yeses(world: World, families: int) -> list[Callable[[], Any]]:
    """The guardian's yes for a child of each of so many families that answered the one invitation."""
    with use_tenant(world.school.pk):
        parties = [party_of(come(world, family(1, child=1))) for _ in range(families)]
        pairs = [(party.pk, party.guests.get(band=Band.CHILD).pk) for party in parties]
    say: Any = {"actor": world.host, "school": world.school, "yes": True}

    def said(party: Any, guest: Any) -> Callable[[], Any]:
        return lambda: photos.say_photo_as_guardian(**say, party_id=party, guest_id=guest)

    return [said(*pair) for pair in pairs]


def photographed(world: World) -> int:
    with use_tenant(world.school.pk):
        return Guest.objects.filter(may_photograph=True).count()


def test_one_registered_child_is_one_yes(world: World) -> None:
    told = at_once(world.school, yeses(world, 4))
    refused = [answer.reason for answer in told if isinstance(answer, Refused)]
    assert refused == ["no_such_child"] * 3
    assert photographed(world) == 1


def test_control_without_the_lock_each_counts_before_the_other_has_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = yeses(world, 2)
    usual, meanwhile = photos._answers_for, list[Any]()

    def counted_before(*asked: Any) -> bool:
        found = usual(*asked)
        if not meanwhile:
            meanwhile.append(None)
            meanwhile.extend(at_once(world.school, [second]))
        return found

    monkeypatch.setattr(photos, "_one_after_another", lambda invitation: None)
    monkeypatch.setattr(photos, "_answers_for", counted_before)
    assert isinstance(at_once(world.school, [first])[0], Guest)
    assert isinstance(meanwhile[1], Guest)
    assert photographed(world) == 2, "one child is registered, and two are photographed"
