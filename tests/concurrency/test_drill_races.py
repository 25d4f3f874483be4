"""A drill and something real in the same moment: whichever is first, no drill runs beside it; and the word in an answer's second."""

import pytest

from kernel.errors import DomainError, IllegalMove, Refused
from referrals.emergency.models import Delivery, Drill, Incident, Leg
from referrals.emergency.workflow import answering, drilling, in_drill
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.emergency.drill_steps import WORD, all_read, begun, planned
from tests.emergency.world import World

pytestmark = pytest.mark.usefixtures("committed")
TIMES = 6


def ready(world: World) -> Drill:
    """Planned, and read by all: it begins by one press."""
    with use_tenant(world.school.pk):
        drill = planned(world)
        all_read(world, drill)
    return drill


def begin_and_open(world: World) -> tuple[list[object], str]:
    drill = ready(world)
    results = at_once(
        world.school,
        [
            lambda: drilling.begin(actor=world.actor("deputy"), drill_id=drill.pk),
            lambda: world.open(),
        ],
    )
    with use_tenant(world.school.pk):
        state = Drill.objects.get(pk=drill.pk).state
        # For the next time: nothing is open.
        Leg.objects.update(state="closed", next_event="", next_at=None, asked=None)
        rows = Incident.objects.filter(closed_at=None)
        rows.update(state="closed", outcome="supported", closed_at="2026-11-28T00:00:00Z", next_event="", next_at=None)
        Drill.objects.filter(next_at__isnull=False).update(
            state="aborted", ended_at="2026-11-28T00:00:00Z", frozen_at=None, next_event="", next_at=None
        )
    return results, state


def test_begun_in_the_second_of_something_real_it_is_refused_or_stands_still(world: World) -> None:
    for _time in range(TIMES):
        (began, opened), state = begin_and_open(world)
        assert isinstance(opened, Incident), opened
        if isinstance(began, Exception):
            assert isinstance(began, Refused) and str(began) == "drill_real_open"
            assert state == "planned"
        else:
            assert state == "frozen"


def test_without_the_lock_between_them_both_would_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same race, and whoever begins a drill does not wait for what opens."""
    monkeypatch.setattr(drilling, "hold_off_the_real", lambda: None)
    stood = in_drill.make_way
    seen: list[str] = []
    for _time in range(20):
        (_began, _opened), state = begin_and_open(world)
        seen.append(state)
        if state == "running":
            break
    assert in_drill.make_way is stood
    assert "running" in seen


def test_the_word_in_the_second_of_an_answer_leaves_nothing_open(world: World) -> None:
    for _time in range(TIMES):
        with use_tenant(world.school.pk):
            drill = begun(world)
            pk = Incident.objects.get(drill=drill).pk
        answered, stopped = at_once(
            world.school,
            [
                lambda pk=pk: answering.acknowledge(actor=world.actor("duty"), incident_id=pk, kind="school", eta=15),
                lambda drill=drill: drilling.abort(actor=world.actor("moral"), drill_id=drill.pk, word=WORD),
            ],
        )
        assert isinstance(stopped, Drill), stopped
        assert not isinstance(answered, Exception) or isinstance(answered, DomainError), answered
        with use_tenant(world.school.pk):
            assert Drill.objects.get(pk=drill.pk).state == "aborted"
            assert not Leg.objects.filter(incident_id=pk, next_at__isnull=False).exists()
            assert not Delivery.objects.filter(leg__incident_id=pk, state="queued").exists()


def test_two_who_begin_it_at_once_are_one(world: World) -> None:
    drill = ready(world)
    acts = [lambda: drilling.begin(actor=world.actor("deputy"), drill_id=drill.pk)] * 2
    results = at_once(world.school, acts)
    assert sorted(type(result).__name__ for result in results) in (["Drill", "IllegalMove"], ["AlreadyDone", "Drill"])
    assert any(isinstance(result, IllegalMove) for result in results)
    with use_tenant(world.school.pk):
        assert Incident.objects.filter(is_drill=True).count() == 1
