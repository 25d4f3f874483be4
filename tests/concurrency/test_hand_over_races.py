"""Two hands at the same moment: a leg is taken over or kept, a contact called by two is told of once (chain §2, §9)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db.utils import OperationalError

from families.models import Consent
from kernel.errors import IllegalMove
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.task_clocks import decide_tasks
from referrals.emergency.models import AgreedPlan, Incident, Leg, Timeline, WatchTask
from referrals.emergency.workflow import agreeing, by_hand, handing_over, holding, moving, standing
from referrals.emergency.workflow.moving import Locked, chain_now
from tenancy.scope import use_tenant
from tests.concurrency.chain_steps import asked
from tests.concurrency.together import at_once
from tests.emergency.incident_rows import task_row
from tests.emergency.world import World

pytestmark = pytest.mark.usefixtures("committed")


def both(world: World, incident: Incident) -> list[Any]:
    return at_once(
        world.school,
        [
            lambda: handing_over.accept(actor=world.actor("second"), incident_id=incident.pk, kind="school"),
            lambda: handing_over.undo(actor=world.actor("duty"), incident_id=incident.pk, kind="school"),
        ],
    )


def happened(world: World) -> int:
    with use_tenant(world.school.pk):
        return Timeline.objects.filter(code__in=["leg.hand_over_accepted", "leg.hand_over_undone"]).count()


def test_of_an_overdue_task_two_engines_say_so_once(world: World) -> None:
    with use_tenant(world.school.pk):
        incident, ago = world.open(), chain_now() - timedelta(minutes=1)
        task_row(incident, world.members["duty"], due_at=ago, next_at=ago)
    assert sum(at_once(world.school, [decide_tasks] * 4)) == 1
    with use_tenant(world.school.pk):
        assert Timeline.objects.filter(code="watch_due").count() == 1


def test_taken_over_or_kept_and_never_both(world: World) -> None:
    incident = asked(world)
    results = both(world, incident)
    refused = [result for result in results if isinstance(result, Exception)]
    assert len(refused) == 1 and type(refused[0]).__name__ in {IllegalMove.__name__, "Forbidden"}
    assert happened(world) == 1
    with use_tenant(world.school.pk):
        leg = Leg.objects.get(incident=incident, kind="school")
        was_taken = Timeline.objects.filter(code="leg.hand_over_accepted").exists()
        assert leg.owner_id == world.members["second" if was_taken else "duty"].pk
        assert leg.asked_id is None


def test_control_without_the_lock_it_is_taken_and_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = asked(world)
    gate = threading.Barrier(2)

    def unlocked(incident_id: Any) -> Locked:
        found = Incident.objects.get(pk=incident_id)
        legs = {leg.kind: leg for leg in Leg.objects.filter(incident=found)}
        gate.wait(timeout=30)
        return Locked(found, legs, chain_now())

    monkeypatch.setattr(standing, "lock", unlocked)
    results = both(world, incident)
    deadlocked = [result for result in results if isinstance(result, OperationalError)]
    assert happened(world) == 2 or deadlocked, "the race is there; it is the lock that ends it"


def test_an_answer_in_the_instant_in_which_the_time_runs_out_leaves_one_owner_or_none(world: World) -> None:
    incident = asked(world)
    with use_tenant(world.school.pk):
        Leg.objects.filter(incident=incident, kind="school").update(
            next_event="life_unanswered", next_at=moving.chain_now()
        )
    at_once(
        world.school,
        [
            decide_school,
            lambda: handing_over.accept(actor=world.actor("second"), incident_id=incident.pk, kind="school"),
        ],
    )
    with use_tenant(world.school.pk):
        leg = Leg.objects.get(incident=incident, kind="school")
        expected = {("engaged", world.members["second"].pk), ("paging", None)}
        assert (leg.state, leg.owner_id) in expected and leg.asked_id is None


def called_by_two(world: World) -> list[Any]:
    with use_tenant(world.school.pk):
        brother = world.contacts["brother"]
        Consent.objects.filter(relative=brother.relative).update(state="refused")
        incident = world.open()
    return at_once(
        world.school,
        [
            lambda post=post: by_hand.call_by_hand(
                actor=world.actor(post),
                incident_id=incident.pk,
                contact_id=brother.pk,
                reason="他已经站在天台边上，第一联系人不接，只有弟弟在附近",
            )
            for post in ("duty", "second")
        ],
    )


def test_two_who_call_one_contact_owe_one_telling(world: World) -> None:
    results = called_by_two(world)
    assert not [result for result in results if isinstance(result, Exception)]
    assert len({task.pk for task in results}) == 1
    with use_tenant(world.school.pk):
        assert WatchTask.objects.count() == 1
        assert Timeline.objects.filter(code="contact.by_hand").count() == 2


def test_control_without_the_lock_the_second_runs_into_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Barrier(2)
    create = WatchTask.objects.create

    def unlocked(incident_id: Any) -> Locked:
        found = Incident.objects.get(pk=incident_id)
        return Locked(found, {leg.kind: leg for leg in Leg.objects.filter(incident=found)}, chain_now())

    def at_the_same_time(**values: Any) -> WatchTask:
        gate.wait(timeout=30)
        made: WatchTask = create(**values)
        return made

    monkeypatch.setattr(standing, "lock", unlocked)
    monkeypatch.setattr(WatchTask.objects, "create", at_the_same_time)
    results = called_by_two(world)
    assert [type(result).__name__ for result in results if isinstance(result, Exception)] == ["IntegrityError"], (
        "the race is there; the constraint is the second fence"
    )


def test_somebody_else_and_a_lift_at_once_call_one_list(world: World) -> None:
    reason = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"
    with use_tenant(world.school.pk):
        incident = world.open()
        decide_school()
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=reason)
        holding.lift(actor=world.actor("second"), incident_id=incident.pk, kind="family")
    at_once(
        world.school,
        [
            lambda: holding.lift(actor=world.actor("centre"), incident_id=incident.pk, kind="family"),
            lambda: holding.replace(
                actor=world.actor("duty"), incident_id=incident.pk, kind="family", choice="contact:2"
            ),
        ],
    )
    with use_tenant(world.school.pk):
        happened = Timeline.objects.filter(code__in=["leg.lift", "leg.replace"]).values_list("code", flat=True)
        assert len(happened) == 1
        leg = Leg.objects.get(incident=incident, kind="family")
        assert (leg.first_position > 0) is (happened[0] == "leg.replace")


def written_by_two(world: World) -> list[Any]:
    with use_tenant(world.school.pk):
        incident = world.open(grade="general")
    words = dict.fromkeys(AgreedPlan.PARTS, "每周三下午见一面")
    day = world.school.today()
    return at_once(
        world.school,
        [
            lambda post=post: agreeing.write_plan(
                actor=world.actor(post), incident_id=incident.pk, agreed_on=day, words=words
            )
            for post in ("duty", "centre")
        ],
    )


def test_two_who_write_the_agreed_plan_at_once_are_one_version(world: World) -> None:
    results = written_by_two(world)
    refused = [result for result in results if isinstance(result, Exception)]
    assert [getattr(error, "reason", "") for error in refused] == ["plan_moved_on"]
    with use_tenant(world.school.pk):
        assert list(AgreedPlan.objects.values_list("version", flat=True)) == [1]


def test_control_without_the_lock_the_second_version_runs_into_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Barrier(2)
    newest = agreeing.newest

    def unlocked(incident_id: Any) -> Locked:
        return Locked(Incident.objects.get(pk=incident_id), {}, chain_now())

    def at_the_same_time(incident: Incident) -> AgreedPlan | None:
        found = newest(incident)
        gate.wait(timeout=30)
        return found

    monkeypatch.setattr(agreeing, "lock", unlocked)
    monkeypatch.setattr(agreeing, "newest", at_the_same_time)
    refused = [type(result).__name__ for result in written_by_two(world) if isinstance(result, Exception)]
    assert refused == ["IntegrityError"], "the race is there; the version's key is the second fence"
