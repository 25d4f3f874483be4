"""Who is asked to dial, to look or to hear that nobody answers is not the hospital: the party's leg goes on being called."""

import pytest

from accounts.models import Membership
from kernel.errors import Forbidden, Invalid
from referrals.emergency.centre.incident_offers import declines, dials, takes, there
from referrals.emergency.centre.incident_reading import read
from referrals.emergency.centre.incident_telling import task_of
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Leg, LegStep, Recipient
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.outside import speaks_for_party
from referrals.emergency.workflow import answering, holding
from referrals.emergency.workflow.outside import Said, answer
from tests.emergency.rota import line_row
from tests.emergency.world import World, codes, legs_of, make_due, paged

pytestmark = pytest.mark.django_db

REASON = "家里的情况还没有弄清楚，先停下来问一问本人"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


class TestDialling:
    """120 by hand: 已拨 and "I have it" of whoever dials are no word of the hospital."""

    @pytest.mark.parametrize("act", ["acknowledge", "engage"])
    def test_whoever_dials_cannot_answer_for_the_hospital(self, act: str, world: World) -> None:
        incident = world.open(by="centre")
        decide_school()
        assert paged(incident, "medical") == ["by_hand:120"]
        with pytest.raises((Forbidden, Invalid)):
            getattr(answering, act)(actor=world.actor("duty"), incident_id=incident.pk, kind="medical")
        leg = legs_of(incident)["medical"]
        assert (leg.state, leg.owner_id, leg.epoch) == ("paging", None, 1)
        assert Recipient.objects.get(leg=leg).answer == ""

    def test_having_dialled_leaves_the_leg_calling(self, world: World) -> None:
        incident = world.open(by="centre")
        decide_school()
        before = legs_of(incident)["medical"]
        answering.dialled(actor=world.actor("duty"), incident_id=incident.pk, kind="medical", dial="120")
        after = legs_of(incident)["medical"]
        assert (after.state, after.next_event, after.next_at) == ("paging", before.next_event, before.next_at)
        assert "dialled" in codes(incident)

    def test_the_page_offers_dialling_and_not_the_hospitals_answer(self, world: World) -> None:
        incident = world.open(by="centre")
        decide_school()
        found = read(world.actor("duty"), world.school, incident.pk)
        leg = found.legs[LegKind.MEDICAL]
        assert (takes(found, leg), there(found, leg), dials(found, leg), declines(found, leg)) == (
            False, False, True, True,
        )  # fmt: skip

    def test_a_colleague_who_is_not_on_duty_by_office_is_told_to_dial_and_nothing_else(self, world: World) -> None:
        Membership.objects.filter(pk=world.members["duty"].pk).update(roles=["staff"])
        world.members["duty"].refresh_from_db()
        incident = world.open(by="centre")
        answering_for_the_school = world.actor("duty")
        decide_school()
        answering.decline(actor=answering_for_the_school, incident_id=incident.pk, kind="school")
        task = task_of(read(answering_for_the_school, world.school, incident.pk))
        assert task is not None and "已拨" in str(task.text), task

    def test_whoever_cannot_dial_says_so_and_the_next_step_comes(self, world: World) -> None:
        incident = world.open(by="centre")
        decide_school()
        answering.decline(actor=world.actor("duty"), incident_id=incident.pk, kind="medical")
        leg = legs_of(incident)["medical"]
        assert (leg.state, leg.next_event) == ("paging", "step_due")
        decide_school()
        assert legs_of(incident)["medical"].state == "exhausted", "nobody is left to dial: team and operator"

    def test_a_line_that_is_asked_to_dial_is_no_hospital_either(self, world: World) -> None:
        """The rota may have a line outside on duty: its link would answer as if it were the hospital's."""
        from_outside = line_row("+8657188880009", name="外线", kind="operator")
        incident = world.open(by="centre")
        leg = Leg.objects.get(incident=incident, kind="medical")
        step = LegStep.objects.filter(leg=leg, purpose="step").get()
        line = Recipient.objects.create(
            leg=leg, step=step, round=1, target_hash=b"l" * 32, role="by_hand:120", epoch=leg.epoch
        )
        Leg.objects.filter(pk=leg.pk).update(state="paging")
        assert from_outside.pk
        assert answer(recipient_id=line.pk, said=Said.TAKE) is False
        assert legs_of(incident)["medical"].state == "paging"

    def test_on_the_schools_own_leg_whoever_dials_is_of_the_school(self, world: World) -> None:
        incident = world.open(by="centre", kind="medical", grade="major", can_be_asked=True)
        decide_school()
        assert paged(incident, "school") == ["by_hand:120", "seat:doctor"]
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        assert legs_of(incident)["school"].state == "acknowledged"


class TestAskedToLook:
    """Whoever was asked about a leg that is held, or heard that nobody answers, is no family."""

    def test_the_head_of_the_centre_who_was_asked_about_a_hold_is_not_the_family(self, world: World) -> None:
        incident = world.open(home="danger")
        make_due(incident, "family", "hold_due")
        decide_school()
        assert "seat:centre_head" in paged(incident, "family")
        for post in ("duty", "second"):
            holding.lift(actor=world.actor(post), incident_id=incident.pk, kind="family")
        decide_school()
        assert "contact:1" in paged(incident, "family")
        with pytest.raises((Forbidden, Invalid)):
            answering.acknowledge(actor=world.actor("centre"), incident_id=incident.pk, kind="family")
        assert legs_of(incident)["family"].state == "paging", "the family is still being called"

    def test_the_team_takes_a_leg_that_nobody_answers_and_none_that_is_called(self, world: World) -> None:
        incident = world.open()
        decide_school()
        leg = legs_of(incident)["community"]
        assert leg.state == "exhausted"
        Leg.objects.filter(pk=leg.pk).update(state="paging", next_event="step_due")
        with pytest.raises((Forbidden, Invalid)):
            answering.acknowledge(actor=world.actor("doctor"), incident_id=incident.pk, kind="community")
        Leg.objects.filter(pk=leg.pk).update(state="exhausted", next_event="tick")
        answering.acknowledge(actor=world.actor("doctor"), incident_id=incident.pk, kind="community")
        taken = legs_of(incident)["community"]
        assert (taken.state, taken.owner_id) == ("acknowledged", world.members["doctor"].pk)
        assert "leg.take" in codes(incident)

    def test_whoever_took_it_may_still_arrive_when_their_time_is_over(self, world: World) -> None:
        incident = world.open()
        decide_school()
        answering.acknowledge(actor=world.actor("doctor"), incident_id=incident.pk, kind="community")
        for event in ("engage_ask", "engage_due"):
            make_due(incident, "community", event)
            decide_school()
        assert legs_of(incident)["community"].owner_id is None
        answering.engage(actor=world.actor("doctor"), incident_id=incident.pk, kind="community")
        leg = legs_of(incident)["community"]
        assert (leg.state, leg.owner_id) == ("engaged", world.members["doctor"].pk)


@pytest.mark.parametrize("kind", list(LegKind))
def test_who_speaks_for_which_party(kind: LegKind) -> None:
    """Of every leg: the school's own people speak for the school's, the party alone for its own."""
    is_ours = kind in (LegKind.SCHOOL, LegKind.TEAM)
    said = {
        (role, purpose, colleague, has): speaks_for_party(
            kind, role=role, purpose=purpose, is_colleague=colleague, has_it=has
        )
        for role in ("contact:1", "by_hand:120", "owner")
        for purpose in ("step", "alarm", "watch")
        for colleague in (True, False)
        for has in (True, False)
    }
    for (role, purpose, colleague, has), speaks in said.items():
        party = purpose == "step" and role != "by_hand:120" and not colleague
        is_alarmed_line = purpose != "step" and not colleague
        assert speaks == ((is_ours or has or party) and not is_alarmed_line), (role, purpose, colleague, has)
