"""A line that has ended, of an incident that goes on: the centre has it called anew, two where a call could hurt (chain §9)."""

from typing import Any

import pytest

from kernel.errors import Conflict, Forbidden, IllegalMove, NotFound, Refused
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, LeftOut, Recipient
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.workflow import answering, ending, grading, holding
from tests.emergency.test_board import client, get, page_of, press
from tests.emergency.world import World, legs_of, paged

pytestmark = pytest.mark.django_db
REASON = "本人说家里安全，先不要打给家属，等值班老师说"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def reopened(world: World, grade: str = "major", **values: Any) -> Incident:
    """Closed by two, and opened again by the centre; the school's line is called."""
    incident = world.open(grade=grade, **values)
    decide_school()
    end(world, incident)
    ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    decide_school()
    incident.refresh_from_db()
    return incident


def end(world: World, incident: Incident) -> None:
    for post in ("centre", "deputy"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)


def test_the_family_of_a_reopened_incident_has_a_button(world: World) -> None:
    incident = reopened(world)
    assert legs_of(incident)["family"].state == "false_alarm"
    door = f'href="{page_of(incident)}family/again/"'
    assert door in get(world, "centre", page_of(incident))
    assert door not in get(world, "duty", page_of(incident)), "the centre says so"
    refused = client(world, "centre").post(f"{page_of(incident)}family/again/", {"agreed_how": ""})
    assert refused.status_code == 422 and legs_of(incident)["family"].state == "false_alarm"
    before = paged(incident, "family")
    press(world, "centre", incident, "family/again", {"agreed_how": "今天上午在办公室当面同意"})
    leg = legs_of(incident)["family"]
    assert (leg.state, leg.is_required, leg.owner_id, leg.round) == ("paging", True, None, 0)
    decide_school()
    assert paged(incident, "family") == [*before, "contact:1"], "from the first step"
    assert f"{page_of(incident)}family/again/" not in get(world, "centre", page_of(incident))


def test_below_the_gravest_grade_the_persons_yes_is_asked(world: World) -> None:
    incident = reopened(world)
    with pytest.raises(Refused, match="agreement_missing"):
        grading.call_again(actor=world.actor("centre"), incident_id=incident.pk, kind="family")
    assert grading.call_again(actor=world.actor("centre"), incident_id=incident.pk, kind="community")
    grave = reopened(world, "extreme", person_id=world.members["head"].pk)
    assert grading.call_again(actor=world.actor("centre"), incident_id=grave.pk, kind="family")


@pytest.mark.parametrize("why", ["home", "held"])
def test_where_a_call_could_hurt_it_takes_two(world: World, why: str) -> None:
    incident = world.open(home="danger" if why == "home" else "safe")
    decide_school()
    if why == "held":
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
    assert legs_of(incident)["family"].state == "held"
    end(world, incident)
    ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    before = paged(incident, "family")
    for _ in range(2):
        assert not grading.call_again(actor=world.actor("centre"), incident_id=incident.pk, kind="family")
    decide_school()
    assert (legs_of(incident)["family"].state, paged(incident, "family")) == ("false_alarm", before)
    assert f"{page_of(incident)}family/again/" not in get(world, "centre", page_of(incident)), "said already"
    press(world, "deputy", incident, "family/again", {"agreed_how": ""})
    assert legs_of(incident)["family"].state == "paging"


def test_nobody_else_and_nothing_else_is_called_again(world: World) -> None:
    incident = reopened(world)
    before = {kind: leg.state for kind, leg in legs_of(incident).items()}
    with pytest.raises(Forbidden):
        grading.call_again(actor=world.actor("duty"), incident_id=incident.pk, kind="community")
    with pytest.raises(IllegalMove):
        grading.call_again(actor=world.actor("centre"), incident_id=incident.pk, kind="school")
    LeftOut.objects.create(incident=incident, member=world.members["deputy"])
    with pytest.raises(NotFound):
        grading.call_again(actor=world.actor("deputy"), incident_id=incident.pk, kind="community")
    assert {kind: leg.state for kind, leg in legs_of(incident).items()} == before
    ending.say_false_alarm(actor=world.actor("centre"), incident_id=incident.pk)
    ending.say_false_alarm(actor=world.actor("duty"), incident_id=incident.pk)
    with pytest.raises(Conflict, match="incident_ended"):
        grading.call_again(actor=world.actor("centre"), incident_id=incident.pk, kind="community")
    drill = world.open(is_drill=True)
    with pytest.raises(IllegalMove):
        grading.call_again(actor=world.actor("centre"), incident_id=drill.pk, kind="community")


def test_a_persons_no_is_called_after_all_once_they_agree(world: World) -> None:
    incident = world.open(grade="major")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    grading.refuse_leg(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
    assert incident.tasks.filter(kind=TaskKind.WATCH).exists()
    assert grading.call_again(
        actor=world.actor("centre"), incident_id=incident.pk, kind="family", agreed_how="当面同意"
    )
    decide_school()
    assert paged(incident, "family") == ["contact:1"]


def test_who_must_not_know_any_more_is_not_counted_among_the_team(world: World) -> None:
    incident = world.open()
    decide_school()
    for post in ("principal", "moral"):
        answering.acknowledge(actor=world.actor(post), incident_id=incident.pk, kind="team")
    assert "2 位应了" in get(world, "centre", page_of(incident))
    LeftOut.objects.create(incident=incident, member=world.members["moral"])
    assert "1 位应了" in get(world, "centre", page_of(incident))
    who = Recipient.objects.filter(leg__incident=incident, leg__kind="team", member=world.members["principal"])
    LeftOut.objects.create(incident=incident, number_hash=bytes(who[0].target_hash))
    assert "0 位应了" in get(world, "centre", page_of(incident)), "also by number"
