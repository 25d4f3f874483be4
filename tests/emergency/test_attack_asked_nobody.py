"""A question of the chain reaches somebody: not only who has left, and not only an empty seat (chain §3, §9)."""

from datetime import timedelta

import pytest

from accounts.models import Membership
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.models import Delivery, DutyShift, Incident, Recipient
from referrals.emergency.workflow import answering, grading, holding
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.shifts import take_duty
from tests.emergency.world import World, legs_of, make_due

pytestmark = pytest.mark.django_db
REASON = "家里的情况还没有弄清楚，先停下来问一问本人"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def gone(world: World, *posts: str) -> None:
    """They belong to the school no more, and nobody has taken out what stands in their name."""
    day = world.school.today() - timedelta(days=3)
    Membership.objects.filter(pk__in=[world.members[post].pk for post in posts]).update(left_on=day)


def goes_home(world: World) -> None:
    """Who was on duty has left the school; somebody else has the duty."""
    gone(world, "duty", "centre")
    running = DutyShift.objects.get(holder=world.members["duty"])
    take_duty(actor=world.actor("deputy"), instead_of=running.pk)


def held(world: World) -> Incident:
    """The family is held; the school's leg is with the psychologist."""
    incident = world.open()
    decide_school()
    for act in (answering.acknowledge, answering.engage):
        act(actor=world.actor("duty"), incident_id=incident.pk, kind="school")  # type: ignore[operator]
    holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
    return incident


def asked(incident: Incident, text: str) -> set[str]:
    """Roles of whoever has a page that says so."""
    rows = Delivery.objects.filter(leg__incident=incident, text=text, state="queued")
    return set(Recipient.objects.filter(pk__in=rows.values("recipient")).values_list("role", flat=True))


def test_where_who_has_it_has_left_whoever_is_on_duty_is_asked(world: World) -> None:
    incident = held(world)
    goes_home(world)
    make_due(incident, "family", "hold_due")
    decide_school()
    rows = Recipient.objects.filter(leg=legs_of(incident)["family"], role="owner")
    assert [row.member_id for row in rows] == [world.members["deputy"].pk]


@pytest.mark.parametrize("kind", ["family", "medical"])
def test_where_nobody_is_left_to_be_asked_team_and_operator_are(kind: str, world: World) -> None:
    incident = held(world)
    if kind != "family":
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind=kind, reason=REASON)
    gone(world, "duty", "second", "centre", "deputy")
    make_due(incident, kind, "hold_due")
    decide_school()
    assert {"team:principal", "operator"} <= asked(incident, "emergency_ask_hold")
    assert legs_of(incident)[kind].state == "held", "it is asked for, and nobody is called on it"


def test_an_incidents_own_clock_reaches_somebody_too(world: World) -> None:
    incident = held(world)
    gone(world, "duty", "second", "centre", "deputy")
    Incident.objects.filter(pk=incident.pk).update(next_at=chain_now() - timedelta(seconds=1))
    assert decide_incidents() == 1
    assert {"team:principal", "operator"} <= asked(incident, "emergency_ask_assessment")


def test_where_somebody_hears_it_the_team_is_left_alone(world: World) -> None:
    incident = held(world)
    gone(world, "duty")
    make_due(incident, "family", "hold_due")
    decide_school()
    assert "seat:centre_head" in asked(incident, "emergency_ask_hold")
    assert not {"team:principal", "operator"} & asked(incident, "emergency_ask_hold")


def test_120_is_dialled_by_who_is_on_duty_where_who_had_it_has_left(world: World) -> None:
    incident = world.open(grade="major")
    decide_school()
    for act in (answering.acknowledge, answering.engage):
        act(actor=world.actor("duty"), incident_id=incident.pk, kind="school")  # type: ignore[operator]
    goes_home(world)
    grading.write_grade(actor=world.actor("second"), incident_id=incident.pk, grade="extreme")
    decide_school()
    rows = Recipient.objects.filter(leg=legs_of(incident)["medical"], role="by_hand:120")
    assert [row.member_id for row in rows] == [world.members["deputy"].pk]


def test_who_said_no_to_one_thing_and_has_another_is_asked_whether_they_are_there(world: World) -> None:
    """The head of the centre cannot come as one of the team, and takes the school's leg when nobody answers it."""
    incident = world.open()
    decide_school()
    answering.decline(actor=world.actor("centre"), incident_id=incident.pk, kind="team")
    for _ in range(20):
        if legs_of(incident)["school"].state == "exhausted":
            break
        make_due(incident, "school", "step_due")
        decide_school()
    for act in (answering.acknowledge, answering.engage):
        act(actor=world.actor("centre"), incident_id=incident.pk, kind="school")  # type: ignore[operator]
    make_due(incident, "school", "life_due")
    decide_school()
    rows = Delivery.objects.filter(leg=legs_of(incident)["school"], text="emergency_ask_still_there")
    assert world.members["centre"].pk in set(rows.values_list("recipient__member_id", flat=True))
