"""What a school sets of the chain itself (chain, every ⚙): each has its place, its usual value, and an effect."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as installation

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.models import Delivery, Incident, PlanStep, Recipient
from referrals.emergency.rules.clocks import HOME_UNKNOWN
from referrals.emergency.rules.grades import STEP_WAIT, Grade
from referrals.emergency.rules.incident_moves import LENGTH, IncidentClock
from referrals.emergency.rules.sending import VOICE_AFTER, sends
from referrals.emergency.workflow import answering, grading
from schools.forms import SettingsForm
from tenancy.rules import BOUNDS, TenantRules
from tests.emergency.world import World, legs_of, make_due

TABLE = Path(__file__).parents[2] / "docs/emergency.md"
ROWS = 10
"""How many ⚙ the chain's rules have."""


def rows() -> list[tuple[str, str, str]]:
    """What is set, its usual value, where: the table of the page."""
    found = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \| (school|plan|installation): `(\w+)`", TABLE.read_text(), re.MULTILINE
    )
    return [(kind, name, usual.strip()) for _what, usual, kind, name in found]


def test_every_setting_of_the_chain_has_its_place_and_its_usual_value() -> None:
    assert len(rows()) == ROWS
    usual = TenantRules()
    for kind, name, said in rows():
        match kind:
            case "school":
                assert name in SettingsForm.RULES and name in BOUNDS
                assert str(getattr(usual, name)) in said.split(), name
            case "plan":
                assert hasattr(PlanStep, name)
            case "installation":
                assert hasattr(installation, name)
    of_chain = re.findall(r"``(\w+)``:[^`]*?\(chain §", TenantRules.__doc__ or "")
    assert set(of_chain) == {name for kind, name, _said in rows() if kind == "school"}


def test_what_runs_where_no_school_is_asked_is_the_usual_value() -> None:
    usual = TenantRules()
    assert timedelta(minutes=usual.suggestion_minutes) == LENGTH[IncidentClock.SUGGESTION]
    assert timedelta(minutes=usual.grade_minutes) == LENGTH[IncidentClock.GRADE]
    assert timedelta(minutes=usual.home_unknown_minutes) == HOME_UNKNOWN
    assert timedelta(seconds=usual.voice_seconds) == VOICE_AFTER
    assert {grade: wait // timedelta(minutes=1) for grade, wait in STEP_WAIT.items()} == {
        Grade.EXTREME: 2, Grade.MAJOR: 5, Grade.GENERAL: 10,
    }  # fmt: skip


@pytest.mark.parametrize("seconds", [0, 60, 90, 120])
def test_a_call_comes_once_more_within_three_minutes_whenever_it_came_first(seconds: int) -> None:
    given = {"is_family": False, "is_first": True, "is_drill": False, "voice_after": timedelta(seconds=seconds)}
    first, second = [one.after for one in sends(["sms", "voice"], **given) if one.channel == "voice"]
    assert first == timedelta(seconds=seconds)
    assert first + timedelta(seconds=60) <= second <= timedelta(minutes=3)


def sets(world: World, **rules: Any) -> None:
    world.school.rules = rules
    world.school.save(update_fields=["rules"])


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.mark.django_db
class TestEffects:
    def test_minutes_until_an_extreme_report_counts(self, world: World) -> None:
        sets(world, suggestion_minutes=3)
        incident = world.open(by="head", danger_now=True)
        assert incident.next_at is not None
        assert incident.next_at - incident.opened_at == timedelta(minutes=3)

    def test_minutes_until_the_grade_is_written_and_once_more(self, world: World) -> None:
        sets(world, grade_minutes=7)
        incident = world.open(by="head")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=15)
        incident.refresh_from_db()
        assert about(incident, 7)
        Incident.objects.filter(pk=incident.pk).update(next_at=now() - timedelta(seconds=1))
        assert decide_incidents() == 1
        incident.refresh_from_db()
        assert about(incident, 7)

    def test_minutes_that_the_family_is_called_later(self, world: World) -> None:
        sets(world, home_unknown_minutes=12)
        incident = world.open(home="unknown")
        family = legs_of(incident)["family"]
        assert (family.next_event, family.next_at - family.since) == ("start_due", timedelta(minutes=12))
        sets(world, home_unknown_minutes=1)
        family.refresh_from_db()
        assert family.next_at - family.since == timedelta(minutes=12), "a clock that runs stays as it was"

    def test_the_same_when_the_grade_comes_later(self, world: World) -> None:
        sets(world, home_unknown_minutes=12)
        incident = world.open(by="head", home="unknown")
        decide_school()
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        family = legs_of(incident)["family"]
        assert family.next_event == "start_due"
        assert timedelta(minutes=11, seconds=50) < family.next_at - now() <= timedelta(minutes=12)

    @pytest.mark.parametrize(("needed", "posts"), [(1, ("principal",)), (3, ("doctor", "moral", "principal"))])
    def test_how_many_of_the_team_answer(self, world: World, needed: int, posts: tuple[str, ...]) -> None:
        sets(world, team_answers=needed)
        incident = world.open()
        decide_school()
        for post in posts:
            assert legs_of(incident)["team"].state == "paging"
            answering.acknowledge(actor=world.actor(post), incident_id=incident.pk, kind="team")
        assert legs_of(incident)["team"].state == "acknowledged"

    def test_one_of_them_may_decide_however_few_are_asked_for(self, world: World) -> None:
        sets(world, team_answers=1)
        incident = world.open()
        decide_school()
        answering.acknowledge(actor=world.actor("doctor"), incident_id=incident.pk, kind="team")
        assert legs_of(incident)["team"].state == "paging"

    @pytest.mark.parametrize("is_alarm", [False, True])
    def test_seconds_from_the_message_to_the_call(self, world: World, is_alarm: bool) -> None:
        sets(world, voice_seconds=20)
        incident = world.open(grade="major")
        decide_school()
        if is_alarm:
            while legs_of(incident)["school"].state == "paging":
                make_due(incident, "school")
                decide_school()
        role = "team:principal" if is_alarm else "on_duty:1"
        page = Recipient.objects.filter(leg__incident=incident, leg__kind="school", role=role).order_by("paged_at")[0]
        due = {
            row.channel: row.due_at
            for row in Delivery.objects.filter(recipient=page, key__endswith=":1").order_by("pk")
        }
        assert due["voice"] - due["sms"] == timedelta(seconds=20)

    def test_a_setting_that_only_newer_code_knows_stops_no_incident(self, world: World) -> None:
        """An old process beside the new one, whose page has saved it already."""
        sets(world, grade_minutes=7, called_by_drone=1)
        incident = world.open(by="head", home="unknown")
        assert decide_school()
        assert about(incident, 7)


def about(incident: Incident, minutes: int) -> bool:
    assert incident.next_at is not None
    return abs(incident.next_at - now() - timedelta(minutes=minutes)) < timedelta(seconds=10)
