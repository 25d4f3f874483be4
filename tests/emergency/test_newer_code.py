"""While an update runs: an old web process beside a new engine reads steps that it does not know, and goes on (chain §7)."""

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, LegStep, Recipient
from referrals.emergency.workflow import answering, grading
from referrals.emergency.workflow.answering import extend
from tests.emergency.test_board import BOARD, get, page_of
from tests.emergency.world import World, legs_of, paged

pytestmark = pytest.mark.django_db
UNKNOWN = [{"target": "drone"}, {"target": "seat", "seat": "pilot"}]


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def with_unknown(incident: Incident, rule: dict[str, str]) -> None:
    """One of each purpose behind those that are known, in every leg."""
    purposes = LegStep.Purpose.values
    LegStep.objects.bulk_create(
        LegStep(leg=leg, purpose=purpose, position=90, rule=rule, channels=[])
        for leg in legs_of(incident).values()
        for purpose in purposes
    )


@pytest.fixture(params=UNKNOWN, ids=["target", "seat"])
def incident(request: pytest.FixtureRequest, world: World) -> Incident:
    opened = world.open(by="head", home="unknown")
    decide_school()
    with_unknown(opened, request.param)
    return opened


def test_a_grade_is_written_and_what_was_copied_by_newer_code_stays(world: World, incident: Incident) -> None:
    before = {(row.leg_id, row.purpose, row.position) for row in LegStep.objects.filter(leg__incident=incident)}
    assert grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
    rows = list(LegStep.objects.filter(leg__incident=incident))
    assert before <= {(row.leg_id, row.purpose, row.position) for row in rows}
    own = [row for row in rows if row.leg.kind == "school" and row.purpose == "step"]
    assert len({row.position for row in own}) == len(own), "nothing takes the place of the one that is not read"
    assert sum(row.rule.get("target") == "on_duty" for row in own) == 2, "none of those that are known is copied twice"


def test_pages_and_acts_go_on_by_what_is_known(world: World, incident: Incident) -> None:
    for post in ("duty", "centre", "principal", "doctor"):
        assert get(world, post, page_of(incident))
    assert incident.number in get(world, "duty", BOARD)
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=15)
    for _ in range(2):
        extend(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=60)
    told = Recipient.objects.filter(leg__incident=incident, leg__kind="school", deliveries__text="emergency_put_off")
    assert told.exists(), "and the team hears that it was put off twice"
    assert legs_of(incident)["school"].owner_id == world.members["duty"].pk
    assert "on_duty:1" in paged(incident, "school")
