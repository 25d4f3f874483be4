"""Several schools in one batch: each by its own rows, behind its own wall, and none pays for another (chain §5)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from kernel.clock import now
from referrals.emergency.engine import decide as deciding
from referrals.emergency.engine.decide import decide_schools
from referrals.emergency.engine.rounds import MOST_TOGETHER, DueSchool, _batches, decide_round, schools_due
from referrals.emergency.models import Incident, Leg, LegStep, Recipient, WatchTask
from tenancy.scope import use_tenant
from tests.emergency.incident_rows import task_row
from tests.emergency.world import World, legs_of, make_due, make_world, paged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]


@pytest.fixture
def worlds(school: Any, other_school: Any) -> list[World]:
    made = []
    for place in (school, other_school):
        with use_tenant(place.pk):
            made.append(make_world(place))
    return made


def opened(worlds: list[World], **values: Any) -> list[Incident]:
    found = []
    for world in worlds:
        with use_tenant(world.school.pk):
            found.append(world.open(**values))
    return found


def keys(worlds: list[World]) -> list[Any]:
    return [world.school.pk for world in worlds]


def test_each_school_calls_its_own_people(worlds: list[World]) -> None:
    incidents = opened(worlds)
    assert decide_schools(keys(worlds)) == 10
    for world, incident in zip(worlds, incidents, strict=True):
        with use_tenant(world.school.pk):
            assert paged(incident, "school") == ["on_duty:1"]
            assert paged(incident, "family") == ["contact:1"]
            own = {member.pk for member in world.members.values()}
            called = set(Recipient.objects.exclude(member=None).values_list("member_id", flat=True))
            assert called and called <= own
    assert decide_schools(keys(worlds)) == 0


def test_the_questions_of_a_batch_do_not_grow_with_its_schools(worlds: list[World]) -> None:
    """One that looks and one that writes; a key of the vault is opened once in a process."""
    for wanted in (worlds[:1], worlds):
        opened(wanted, grade="major")
        decide_schools(keys(wanted))  # the keys
    for wanted in (worlds[:1], worlds):
        for world in wanted:
            with use_tenant(world.school.pk):
                for incident in Incident.objects.all():
                    make_due(incident, "school")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert decide_schools(keys(wanted)) == len(wanted)
        told = [query["sql"] for query in asked if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(told) == 2, told


def test_a_leg_that_no_rule_can_read_costs_the_other_school_nothing(worlds: list[World], caplog: Any) -> None:
    bad, good = opened(worlds, grade="major")
    with use_tenant(worlds[0].school.pk):
        leg = Leg.objects.get(incident=bad, kind="school")
        LegStep.objects.bulk_create([LegStep(leg=leg, position=90, rule={"target": "contact", "number": [1]})])
        Leg.objects.filter(pk=leg.pk).update(round=3, position=89)
    assert decide_schools(keys(worlds)) == 2
    with use_tenant(worlds[0].school.pk):
        assert (legs_of(bad)["school"].state, "operator" in paged(bad, "school")) == ("exhausted", True)
    with use_tenant(worlds[1].school.pk):
        assert paged(good, "school") == ["on_duty:1"]
    assert "a batch of schools" not in caplog.text, "what a rule refuses is that school's alone"


def test_what_the_database_refuses_is_done_again_school_by_school(
    worlds: list[World], caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write of many schools is one: when it fails nothing of it stands, and each is done by itself."""
    incidents = opened(worlds, grade="major")
    real = deciding.write

    def refusing(acts: Any) -> None:
        if len(acts) > 1:
            real(acts)
            raise IntegrityError
        real(acts)

    monkeypatch.setattr(deciding, "write", refusing)
    assert decide_schools(keys(worlds)) == 2
    assert "a batch of schools failed" in caplog.text
    for world, incident in zip(worlds, incidents, strict=True):
        with use_tenant(world.school.pk):
            assert paged(incident, "school") == ["on_duty:1"]


def test_a_round_finds_each_school_with_what_is_due_in_it(worlds: list[World]) -> None:
    opened(worlds[:1])
    assert schools_due() == [DueSchool(worlds[0].school.pk, 5, False)]


def test_a_round_finds_a_school_in_which_nothing_but_a_task_is_overdue(worlds: list[World]) -> None:
    [incident] = opened(worlds[:1])
    with use_tenant(worlds[0].school.pk):
        ago = now() - timedelta(minutes=1)
        Leg.objects.update(next_at=now() + timedelta(hours=1))
        task = task_row(incident, worlds[0].members["duty"], due_at=ago, next_at=ago)
    assert schools_due() == [DueSchool(worlds[0].school.pk, 0, True)]
    assert decide_round() == 1
    with use_tenant(worlds[0].school.pk):
        assert WatchTask.objects.get(pk=task.pk).next_at > now(), "it comes again, and not at once"
    assert decide_round() == 0


def test_schools_are_put_together_in_their_order_and_never_above_the_most() -> None:
    due = [DueSchool(number, legs, False) for number, legs in enumerate((90, 90, 30, 5_000, 1, 1))]  # type: ignore[arg-type]
    batches = list(_batches(due, 100))
    assert [row for batch in batches for row in batch] == due
    assert [sum(min(row.legs, 100) for row in batch) for batch in batches] == [180, 132]
    assert all(sum(min(row.legs, 100) for row in batch) <= MOST_TOGETHER for batch in batches)
