"""Two hands write at the same moment whom an incident is about: the person has one that is open, and it has it all."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from referrals.emergency.models import Incident, Leg, Timeline
from referrals.emergency.rules.incident_moves import LIVE
from referrals.emergency.workflow import naming
from referrals.emergency.workflow.naming import name_person
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.emergency.world import World
from tests.tenancy.catalogue import owner

pytestmark = pytest.mark.usefixtures("committed")
ONE_OF_PERSON = "incident_one_live_of_person"


def unknown(world: World, count: int) -> list[Incident]:
    with use_tenant(world.school.pk):
        return [world.open(person_id=None) for _number in range(count)]


def named_at_once(world: World, incidents: list[Incident], *, opens: bool = False) -> list[object]:
    person = world.members["person"].pk
    acts = [
        lambda one=one, post=post: name_person(actor=world.actor(post), incident_id=one.pk, person_id=person)
        for one, post in zip(incidents, ("duty", "second", "centre", "deputy"), strict=False)
    ]
    return at_once(world.school, [*acts, lambda: world.open(by="head")] if opens else acts)


def live(world: World) -> list[Incident]:
    with use_tenant(world.school.pk):
        rows = Incident.objects.filter(person=world.members["person"], state__in=sorted(LIVE))
        return list(rows)


def test_the_person_has_one_and_the_others_are_joined_to_it(world: World) -> None:
    incidents = unknown(world, 3)
    results = named_at_once(world, incidents, opens=True)
    assert not [result for result in results if isinstance(result, Exception)]
    [one] = live(world)
    with use_tenant(world.school.pk):
        assert Timeline.objects.filter(incident=one, code="report.joined").count() == 3
        others = Incident.objects.exclude(pk=one.pk)
        assert {row.state for row in others} == {"merged"}
        assert not Leg.objects.filter(incident__in=others, next_at__isnull=False).exists()


def test_one_incident_named_twice_at_once_is_named_once(world: World) -> None:
    [incident] = unknown(world, 1)
    results = named_at_once(world, [incident, incident])
    assert [str(result) for result in results if isinstance(result, Exception)] == ["person_known"]
    with use_tenant(world.school.pk):
        assert Timeline.objects.filter(code="person.named").count() == 1


@contextmanager
def without_the_key(world: World) -> Iterator[None]:
    """As the owner of the database, which a process of the product is not: without the key of one open incident a person."""
    with owner() as connection:
        row = connection.execute("SELECT pg_get_indexdef(%s::regclass)", [ONE_OF_PERSON]).fetchone()
        assert row
        connection.execute(f"DROP INDEX {ONE_OF_PERSON}")  # type: ignore[arg-type]
        try:
            yield
        finally:
            with use_tenant(world.school.pk):
                Incident.objects.update(person=None)  # what the key would not bear
            connection.execute(row[0])


def test_control_without_the_key_the_person_has_several(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "known_live", lambda person_id: None)  # as both had looked before the other wrote
    with without_the_key(world):
        named_at_once(world, unknown(world, 2))
        assert len(live(world)) == 2
