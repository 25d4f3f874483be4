"""*Decide* on the real tables: who is called when, and that it never goes quiet (chain §2, §3)."""

from datetime import date, timedelta

import pytest

from accounts.models import Membership
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.known import left_alone
from referrals.emergency.leg_facts import facts_of
from referrals.emergency.models import Contact, Delivery, Incident, Leg, LegStep, NeverContact, Recipient
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.resolving import Resolver
from referrals.emergency.rules.sending import RANKS, Rank
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.world import World, codes, legs_of, make_due, paged, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def test_an_extreme_incident_calls_every_party_at_once(world: World) -> None:
    incident = world.open()
    assert decide_school() == 5
    assert paged(incident, "school") == ["on_duty:1"]
    assert paged(incident, "family") == ["contact:1"]
    assert sorted(paged(incident, "team")) == [
        "team:centre_head", "team:doctor", "team:moral", "team:principal",
    ]  # fmt: skip
    assert paged(incident, "medical") == ["by_hand:120"]
    legs = legs_of(incident)
    assert legs["school"].state == legs["family"].state == "paging"
    assert legs["community"].state == "exhausted", "nobody is known there: team and operator are told at once"
    assert "operator" in paged(incident, "community")


def test_a_step_waits_and_the_next_adds_people(world: World) -> None:
    incident = world.open(grade="major")
    decide_school()
    leg = legs_of(incident)["school"]
    assert timedelta(minutes=4, seconds=50) < leg.next_at - leg.since < timedelta(minutes=5, seconds=10)
    assert decide_school() == 0, "never before its time"
    make_due(incident, "school", "step_due")
    decide_school()
    assert paged(incident, "school") == ["on_duty:1", "on_duty:2"]


def test_when_nobody_answers_team_and_operator_are_called_every_five_minutes(world: World) -> None:
    incident = world.open(grade="major")
    for _ in range(3 * 3 + 1):
        make_due(incident, "school")
        decide_school()
    assert legs_of(incident)["school"].state == "exhausted"
    before = len(paged(incident, "school"))
    assert paged(incident, "school").count("operator") == 1
    for _ in range(5):
        make_due(incident, "school", "tick")
        decide_school()
    assert paged(incident, "school").count("operator") == 6
    own = Delivery.objects.filter(leg__incident=incident, key__contains=":tick6:")
    assert {row.channel for row in own} == {"voice"}
    assert own.count() == 3, "its own people once more after thirty minutes"
    assert len(paged(incident, "school")) > before


def aged(incident: Incident, kind: str, hours: float) -> None:
    """The clock of one leg ran out so long ago: a night without an engine, a copy that was let go."""
    Leg.objects.filter(incident=incident, kind=kind).update(next_at=chain_now() - timedelta(hours=hours))


def test_an_outage_of_hours_calls_the_family_at_once(world: World) -> None:
    incident = world.open()
    aged(incident, "family", 5.9)
    decide_school()
    assert paged(incident, "family") == ["contact:1"]


def test_an_alarm_leaves_before_every_step_that_is_not_a_legs_first(world: World) -> None:
    world.open()
    decide_school()  # nobody is known at the community: team and operator are called at once
    ranks = Delivery.objects.filter(recipient__step__purpose="alarm").values_list("rank", flat=True)
    assert set(ranks) == {RANKS[Rank.ALARM]}
    assert RANKS[Rank.FIRST_PAGE] < RANKS[Rank.ALARM] < RANKS[Rank.LATER_STEP]


def test_the_subject_is_never_called_whatever_post_they_hold(world: World) -> None:
    duty = world.members["duty"]
    incident = world.open(by="centre", person_id=duty.pk)
    decide_school()
    assert paged(incident, "school") == ["on_duty:2"], "the empty step passes at once"
    fired = incident.timeline.get(code="leg.step_due", leg__kind="school")
    assert fired.facts["empty"] == ["on_duty:1"]
    assert duty.pk not in set(Recipient.objects.values_list("member_id", flat=True))


def test_the_deputy_takes_over_when_the_head_of_the_centre_is_the_subject(world: World) -> None:
    incident = world.open(person_id=world.members["centre"].pk)
    decide_school()
    team = Recipient.objects.filter(leg__incident=incident, leg__kind="team", role="team:centre_head")
    assert [row.member_id for row in team] == [world.members["deputy"].pk]


@pytest.mark.parametrize("by", ["member", "number"])
def test_who_must_never_know_is_left_out_by_person_and_by_number(by: str, world: World) -> None:
    duty = world.members["duty"]
    bar = {"member": duty} if by == "member" else {"number_hash": number_hash(world.school.pk, duty.phone)}
    NeverContact.objects.create(person=world.members["person"], **bar)
    incident = world.open()
    decide_school()
    assert paged(incident, "school") == ["on_duty:2"]


def test_two_contacts_with_the_subjects_number_are_never_called(world: World) -> None:
    wife = Contact.objects.get(pk=world.contacts["wife"].pk).relative
    wife.phone = world.members["person"].phone
    wife.save(update_fields=["phone_sealed"])
    incident = world.open()
    decide_school()
    assert paged(incident, "family") == ["contact:2"]


def test_a_withdrawn_consent_bites_between_opening_and_firing(world: World) -> None:
    incident = world.open()
    world.contacts["wife"].relative.consents.update(state="withdrawn")
    decide_school()
    assert paged(incident, "family") == ["contact:2"]


def test_a_contact_is_called_only_at_the_grades_they_agreed_to(world: World) -> None:
    Contact.objects.filter(pk=world.contacts["wife"].pk).update(grades=["general"])
    incident = world.open()
    decide_school()
    assert paged(incident, "family") == ["contact:2"]


class TestDangerAtHome:
    def test_nobody_at_home_is_called(self, world: World) -> None:
        incident = world.open(home="danger")
        decide_school()
        assert legs_of(incident)["family"].state == "held"
        assert paged(incident, "family") == []
        make_due(incident, "family", "hold_due")
        decide_school()
        assert set(paged(incident, "family")) <= {"owner", "seat:centre_head"}, "people of the school are asked"
        assert not set(paged(incident, "family")) & {"contact:1", "contact:2"}

    def test_while_it_is_not_known_the_family_waits_five_minutes(self, world: World) -> None:
        incident = world.open(home="unknown")
        decide_school()
        leg = legs_of(incident)["family"]
        assert (leg.state, leg.next_event) == ("armed", "start_due")
        assert leg.next_at - leg.since == timedelta(minutes=5)
        make_due(incident, "family")
        decide_school()
        assert paged(incident, "family") == ["contact:1"]


def test_a_heads_report_calls_the_school_and_nobody_outside(world: World) -> None:
    incident = world.open(by="head")
    assert incident.state == "reported"
    decide_school()
    assert paged(incident, "school") == ["on_duty:1"]
    assert len(paged(incident, "team")) == 4
    assert {leg.kind: leg.state for leg in Leg.objects.filter(incident=incident)} == {
        "school": "paging", "team": "paging", "family": "armed", "medical": "armed", "community": "armed",
    }  # fmt: skip


def test_the_first_page_of_a_leg_goes_before_everything_else(world: World) -> None:
    incident = world.open()
    decide_school()
    ranks = {
        (row.leg.kind, row.channel): row.rank
        for row in Delivery.objects.filter(leg__incident=incident).select_related("leg")
        if row.recipient.role in ("on_duty:1", "contact:1") and row.key.endswith(":1")
    }
    assert ranks["school", "in_app"] == 0
    assert ranks["school", "sms"] == 2
    assert ranks["family", "sms"] == 0
    voice = Delivery.objects.filter(leg__incident=incident, leg__kind="school", channel="voice").order_by("due_at")
    silent = Delivery.objects.get(leg__incident=incident, leg__kind="school", channel="in_app", key__endswith=":1")
    assert [row.due_at - silent.due_at for row in voice] == [timedelta(seconds=60), timedelta(seconds=180)]
    family = Delivery.objects.filter(leg__incident=incident, leg__kind="family", channel="voice").order_by("due_at")
    assert family[0].due_at == Delivery.objects.get(leg__kind="family", channel="sms").due_at


def test_a_drill_writes_nothing_that_could_leave_the_house(world: World) -> None:
    incident = world.open(by="centre", is_drill=True)
    decide_school()
    assert set(Delivery.objects.filter(leg__incident=incident).values_list("channel", flat=True)) == {"in_app"}
    assert not Recipient.objects.filter(leg__incident=incident).exclude(address_sealed=None).exists()
    assert not Recipient.objects.filter(leg__incident=incident, member=None).exists()


def test_a_leg_that_cannot_be_worked_stops_no_other_and_calls_team_and_operator(world: World) -> None:
    bad, good = world.open(person_id=world.members["moral"].pk), world.open()
    leg = Leg.objects.get(incident=bad, kind="school")
    LegStep.objects.bulk_create([LegStep(leg=leg, position=90, rule={"target": "contact", "number": [1]})])
    Leg.objects.filter(pk=leg.pk).update(round=3, position=89)
    decide_school()
    leg.refresh_from_db()
    assert (leg.state, leg.next_event) == ("exhausted", "tick")
    assert "leg.poisoned" in codes(bad)
    assert "operator" in paged(bad, "school")
    assert paged(good, "school") == ["on_duty:1"]


@pytest.mark.parametrize("what", ["event", "target", "seat"])
def test_what_only_newer_code_knows_is_left_to_it(what: str, world: World) -> None:
    """Chain §7, upgrade: two engines side by side, and the leg was written by the newer one."""
    new, known = world.open(person_id=world.members["moral"].pk), world.open()
    leg = Leg.objects.get(incident=new, kind="school")
    if what == "event":
        Leg.objects.filter(pk=leg.pk).update(next_event="called_by_drone")
    else:
        rule = {"target": "drone"} if what == "target" else {"target": "seat", "seat": "pilot"}
        LegStep.objects.bulk_create([LegStep(leg=leg, position=90, rule=rule)])
    leg.refresh_from_db()
    before = (leg.state, leg.epoch, leg.next_event, leg.next_at)
    assert decide_school(limit=1) == 1, "it takes no place among what can be worked"
    while decide_school():
        pass
    leg.refresh_from_db()
    assert (leg.state, leg.epoch, leg.next_event, leg.next_at) == before
    assert paged(new, "school") == []
    assert "leg.poisoned" not in codes(new)
    assert paged(known, "school") == ["on_duty:1"]
    assert Recipient.objects.filter(leg__incident=new, leg__kind="team").exists(), "its other legs are worked"
    assert left_alone() == 1


def test_an_incidents_clock_that_only_newer_code_knows_is_left_to_it(world: World) -> None:
    incident = world.open()
    due = chain_now() - timedelta(seconds=1)
    Incident.objects.filter(pk=incident.pk).update(next_event="weighed_by_drone", next_at=due)
    assert decide_incidents() == 0
    incident.refresh_from_db()
    assert (incident.next_event, incident.next_at) == ("weighed_by_drone", due), "its clock is not even put off"
    assert left_alone() == 1


def test_what_is_due_is_done_once_however_often_one_looks(world: World) -> None:
    incident = world.open()
    decide_school()
    rows = queued(incident)
    for _ in range(3):
        assert decide_school() == 0
    assert queued(incident) == rows
    assert Incident.objects.count() == 1


def test_whoever_said_yes_and_is_not_there_in_time_does_not_have_it_any_more(world: World) -> None:
    incident = world.open()
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    assert legs_of(incident)["school"].owner_id == world.members["duty"].pk
    for event in ("engage_ask", "engage_due"):
        make_due(incident, "school", event)
        decide_school()
    leg = legs_of(incident)["school"]
    assert (leg.state, leg.owner_id) == ("paging", None), "nobody reads that somebody has it"


def test_a_colleague_whom_no_post_names_is_reached_when_somebody_chose_them(world: World) -> None:
    incident = world.open()
    facts = facts_of([incident.pk], chain_now())
    head = world.members["head"]
    assert head.pk not in facts.members
    resolver = Resolver(facts, {incident.pk: incident.person_id})
    reached = resolver.reach_member("chosen", head.pk)
    assert reached is not None and reached.addresses["sms"] == head.phone
    Membership.objects.filter(pk=head.pk).update(left_on=date(2020, 1, 1), active_from=None)
    assert Resolver(facts, {}).reach_member("chosen", head.pk) is None, "nobody who has left"
