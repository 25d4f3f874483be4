"""Calls about one incident in the same instant: one incident, one owner, two words (chain §1, §9)."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import FirstWord, Incident, Leg, Recipient, Timeline
from referrals.emergency.workflow import joining, opening
from tenancy.scope import use_tenant
from tests.api.platform_client import Program
from tests.concurrency.together import at_once
from tests.emergency.programs import INCIDENTS, one, program, told, track
from tests.emergency.world import World

pytestmark = pytest.mark.usefixtures("committed")
POSTS = ("duty", "second", "centre", "deputy")


def calls(world: World, posts: tuple[str, ...], call: Callable[[Program], Any]) -> list[Any]:
    """The answers to the same call by several at once, each with a program of their own."""
    programs = [program(world, post) for post in posts]
    answers = at_once(world.school, [lambda caller=caller: call(caller) for caller in programs])
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    return answers


@contextmanager
def owner() -> Iterator[psycopg.Connection]:
    """The tables' owner, past the wall; every statement counts at once."""
    place = settings.OWNER_DATABASE
    with psycopg.connect(
        host=place["HOST"], port=place["PORT"] or None, user=place["USER"], password=place["PASSWORD"],
        dbname=connection.settings_dict["NAME"], autocommit=True, **place["OPTIONS"],
    ) as db:  # fmt: skip
        db.execute("ALTER TABLE emergency_incident NO FORCE ROW LEVEL SECURITY")
        yield db
        db.execute("ALTER TABLE emergency_incident FORCE ROW LEVEL SECURITY")


def all_have_looked(monkeypatch: pytest.MonkeyPatch, count: int) -> list[int]:
    """Nobody writes before everybody has looked for an open one and found none; how often somebody looked is kept."""
    gate, looks, look = threading.Barrier(count), [], joining.known_live

    def looked(person_id: Any) -> Incident | None:
        found = look(person_id)
        looks.append(1)
        if len(looks) <= count:
            gate.wait(timeout=30)
        return found

    monkeypatch.setattr(joining, "known_live", looked)
    return looks


def test_several_who_tell_it_in_the_same_instant_open_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = all_have_looked(monkeypatch, len(POSTS))
    body = told(world)
    answers = calls(world, POSTS, lambda caller: caller.post(INCIDENTS, body, key="each-of-them"))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(looks) == 2 * len(POSTS) - 1, "the race was there: all but one were stopped by the key, and looked again"
    with use_tenant(world.school.pk):
        assert Incident.objects.count() == 1
        assert Leg.objects.count() == 5
        assert Timeline.objects.filter(code="report.joined").count() == 3


def test_control_without_the_key_each_of_them_opens_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look alone holds nobody: without the key of the database the same calls open several."""
    all_have_looked(monkeypatch, len(POSTS))
    body = told(world)
    with owner() as db:
        [(key,)] = db.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'incident_one_live_of_person'"
        ).fetchall()
        db.execute("DROP INDEX incident_one_live_of_person")
        try:
            answers = calls(world, POSTS, lambda caller: caller.post(INCIDENTS, body))
            with use_tenant(world.school.pk):
                assert Incident.objects.count() == len(POSTS)
        finally:
            db.execute(
                "UPDATE emergency_incident SET state = 'closed', closed_at = now(), next_at = NULL, next_event = ''"
                " WHERE tenant_id = %s",
                [world.school.pk],
            )
            db.execute(key)
    assert [answer.status_code for answer in answers] == [201] * len(POSTS)


def test_one_who_presses_twice_with_one_key_opens_one(world: World) -> None:
    caller, body = program(world, "duty"), told(world)
    answers = at_once(world.school, [lambda: caller_of(caller).post(INCIDENTS, body, key="k")] * 4)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"in_flight"}
    with use_tenant(world.school.pk):
        assert Incident.objects.count() == 1
        assert not Timeline.objects.filter(code="report.joined").exists()


def caller_of(known: Program) -> Program:
    """The same program on a connection of its own."""
    other = Program(known.school)
    other.headers = known.headers
    return other


def test_two_who_take_it_at_once_are_one_owner_and_both_are_answered(world: World) -> None:
    with use_tenant(world.school.pk):
        incident = world.open()
        decide_school()
        Leg.objects.filter(incident=incident, kind="school").update(next_at=opening.chain_now())
        decide_school()
    answers = calls(world, ("duty", "second"), lambda caller: caller.post(track(incident, "school", "acknowledge")))
    assert [answer.status_code for answer in answers] == [200, 200]
    owners = {
        leg["acknowledged_by"]["id"]
        for answer in answers
        for leg in answer.json()["tracks"][0]["legs"]
        if leg["leg"] == "school"
    }
    with use_tenant(world.school.pk):
        leg = Leg.objects.get(incident=incident, kind="school")
        assert owners == {str(leg.owner_id)}
        answers_kept = Recipient.objects.filter(leg=leg).exclude(answer="").values_list("answer", flat=True)
        assert sorted(answers_kept) == ["acknowledged", "also"]


def test_two_first_words_in_the_same_instant_are_two_people(world: World) -> None:
    with use_tenant(world.school.pk):
        incident = world.open()
    answers = calls(world, ("centre", "duty"), lambda caller: caller.post(f"{one(incident)}false_alarm/"))
    assert sorted(answer.status_code for answer in answers) == [200, 202]
    with use_tenant(world.school.pk):
        assert Incident.objects.get().state == "false_alarm"
        assert FirstWord.objects.count() == 1
