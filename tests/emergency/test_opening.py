"""Opening an incident: what is refused, and that then nothing stands (chain §1)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel.clock import now
from kernel.errors import Conflict, DomainError, Forbidden, NotFound
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Chain, Incident, Leg, LegStep, Timeline
from referrals.emergency.rules.step_rules import StepRule
from referrals.emergency.workflow import answering, ending, grading
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "other"}, "not_in_list"),
        ({"grade": "huge"}, "not_in_list"),
        ({"home": "maybe"}, "not_in_list"),
        ({"place": "moon"}, "not_in_list"),
        ({"company": "dog"}, "not_in_list"),
        ({"signs": " \u200b "}, "signs_missing"),
        ({"signs": "字" * 2001}, "signs_too_long"),
        ({"found_at": now() + timedelta(hours=1)}, "time_ahead"),
        ({"found_at": now() - timedelta(days=31)}, "time_long_ago"),
        ({"found_at": datetime(2026, 11, 28, 9)}, "time_without_offset"),
    ],
)
def test_what_cannot_be_read_opens_nothing(values: dict[str, Any], code: str, world: World) -> None:
    with pytest.raises(DomainError) as refused:
        world.open(**values)
    assert refused.value.reason == code
    assert not Incident.objects.exists()
    assert not Leg.objects.exists()
    assert not Timeline.objects.exists()


def test_nobody_opens_one_about_themself(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        world.open(person_id=world.members["duty"].pk)
    assert refused.value.reason == "own_incident"


@pytest.mark.parametrize("post", ["person", "moral", "doctor", "principal"])
def test_who_may_not_open_one_is_refused(post: str, world: World) -> None:
    with pytest.raises(Forbidden):
        world.open(by=post, person_id=world.members["head"].pk)


def test_a_person_of_nowhere_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.open(person_id="01a222b1-be14-7c64-ad7b-d3a1be354636")


def test_while_the_chain_is_off_nothing_opens_and_in_rehearsal_only_drills(world: World) -> None:
    for state, opens in (("off", False), ("rehearsal", True)):
        Chain.objects.update(state=state)
        with pytest.raises(DomainError) as refused:
            world.open()
        assert refused.value.reason == "chain_off"
        if opens:
            assert world.open(by="centre", is_drill=True).is_drill
        else:
            with pytest.raises(DomainError):
                world.open(by="centre", is_drill=True)


def test_its_words_are_in_no_column_that_can_be_read(world: World) -> None:
    incident = world.open(signs="他说：活着没有意思，别管我！", place="elsewhere", place_words="江边（三号码头）")
    row = Incident.objects.filter(pk=incident.pk).values().get()
    assert "活着" not in str({name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()})
    assert incident.read_words("signs") == "他说：活着没有意思，别管我！"
    assert incident.read_words("place") == "江边（三号码头）"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda w, i: answering.acknowledge(actor=w.actor("duty"), incident_id=i.pk, kind="school", eta=7), "eta_unknown"),
        (lambda w, i: answering.pass_on(actor=w.actor("duty"), incident_id=i.pk, kind="school", receiver=" "), "receiver_missing"),
        (lambda w, i: grading.write_grade(actor=w.actor("centre"), incident_id=i.pk, grade="major"), "same_grade"),
        (lambda w, i: grading.write_grade(actor=w.actor("centre"), incident_id=i.pk, grade="general", reason="小事"), "reason_too_short"),
        (lambda w, i: grading.start_leg(actor=w.actor("duty"), incident_id=i.pk, kind="family"), "agreement_missing"),
        (lambda w, i: ending.close(actor=w.actor("centre"), incident_id=i.pk, outcome="supported"), "legs_open"),
    ],
)  # fmt: skip
def test_a_refused_act_moves_nothing(act: Any, code: str, world: World) -> None:
    incident = world.open(grade="major")
    decide_school()
    before = list(Leg.objects.order_by("pk").values()), Timeline.objects.count()
    with pytest.raises(DomainError) as refused:
        act(world, incident)
    assert refused.value.reason == code
    assert (list(Leg.objects.order_by("pk").values()), Timeline.objects.count()) == before


def test_what_has_ended_takes_no_answer_and_is_opened_again_once(world: World) -> None:
    incident = world.open()
    decide_school()
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    with pytest.raises(Conflict) as refused:
        answering.decline(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    assert refused.value.reason == "incident_ended"
    other = world.open()
    with pytest.raises(Conflict) as refused:
        ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    assert refused.value.reason == "incident_open"
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=other.pk)
    Incident.objects.filter(pk=incident.pk).update(closed_at=now() - timedelta(days=31))
    with pytest.raises(Conflict) as refused:
        ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    assert refused.value.reason == "too_long_ago"


def test_a_step_that_a_leg_has_is_not_copied_again_by_another_grade(world: World) -> None:
    """The database keeps the keys of a rule in an order of its own: a rule is the same whatever their order."""
    incident = world.open(by="head", grade="major")
    for post, grade in (("duty", "major"), ("duty", "extreme"), ("centre", "major"), ("deputy", "major")):
        grading.write_grade(
            actor=world.actor(post),
            incident_id=incident.pk,
            grade=grade,
            reason="核实过了，比开始想的轻，也比开始想的清楚得多",
        )
    roles = [
        StepRule.from_json(step.rule).role
        for step in LegStep.objects.filter(leg__incident=incident, leg__kind="school", purpose="step").order_by(
            "position"
        )
    ]
    assert roles == ["on_duty:1", "on_duty:2", "seat:centre_head", "seat:principal"]
