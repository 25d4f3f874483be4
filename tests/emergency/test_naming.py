"""An incident that is about nobody yet is given its person (chain §1): who is called then, who is left out, what is joined."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, NotFound, Refused
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, Leg, NeverContact, Timeline
from referrals.emergency.models.contacts import SetBy, number_hash
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.rules.opening import FOR_A_PERSON, WHEN_KNOWN, Answers, HomeAnswer, starts
from referrals.emergency.workflow import answering, ending
from referrals.emergency.workflow.naming import Named, name_person
from tests.conftest import make_person
from tests.emergency.programs import one, program
from tests.emergency.test_board import BOARD, client, get, page_of
from tests.emergency.world import World, codes, legs_of, make_due, paged, queued

pytestmark = pytest.mark.django_db
OUTSIDE = ("family", "medical", "community")


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def unknown(world: World) -> Incident:
    """Somebody on the roof; nobody knows who."""
    found = world.open(person_id=None)
    decide_school()
    return found


def name(world: World, incident: Incident, by: str = "duty", who: str = "person") -> Named:
    return name_person(actor=world.actor(by), incident_id=incident.pk, person_id=world.members[who].pk)


def states(incident: Incident) -> dict[str, str]:
    return {kind: legs_of(incident)[kind].state for kind in OUTSIDE}


def test_until_there_is_a_name_only_the_school_is_called_and_then_everybody(world: World, unknown: Incident) -> None:
    assert states(unknown) == dict.fromkeys(OUTSIDE, "not_required")
    assert not any(paged(unknown, kind) for kind in OUTSIDE)
    named = name(world, unknown)
    assert (named.incident.pk, named.is_joined) == (unknown.pk, False)
    assert states(unknown) == dict.fromkeys(OUTSIDE, "paging")
    assert all(legs_of(unknown)[kind].is_required for kind in OUTSIDE)
    decide_school()
    assert paged(unknown, "family") == ["contact:1"] and queued(unknown, "family")
    assert codes(unknown).count("person.named") == 1 and "leg.known_calls" in codes(unknown)
    assert AuditEntry.objects.filter(action="incident.name").count() == 1


EVERY = [
    Answers(kind, grade, graded, False, home, company, asked)
    for kind, grade, graded, home, company, asked in product(
        IncidentKind, Grade, (True, False), HomeAnswer, (True, False), (True, False, None)
    )
]


def test_every_beginning_of_a_leg_has_its_way_from_no_name() -> None:
    """Whatever a leg may begin as, there is a move to it; and those that wait for a name are those that begin with one."""
    for answers in EVERY:
        with_name = starts(Answers(**{**{f: getattr(answers, f) for f in Answers.__slots__}, "has_person": True}))
        without = starts(answers)
        for kind, start in with_name.items():
            assert start in WHEN_KNOWN, (answers, kind)
            assert (without[kind] == start) or kind in FOR_A_PERSON, (answers, kind)


@pytest.mark.parametrize(
    ("opened", "wanted"),
    [
        ({"grade": "major", "home": "safe"}, {"family": "armed", "medical": "armed", "community": "armed"}),
        ({"grade": "extreme", "home": "danger"}, {"family": "held", "medical": "paging", "community": "paging"}),
        ({"grade": "extreme", "home": "unknown"}, {"family": "armed", "medical": "paging", "community": "paging"}),
        ({"grade": "general"}, {"family": "armed", "medical": "not_required", "community": "not_required"}),
        ({"grade": "extreme", "by": "head"}, dict.fromkeys(OUTSIDE, "armed")),
    ],
    ids=str,
)
def test_each_leg_begins_as_it_would_have(opened: dict[str, Any], wanted: dict[str, str], world: World) -> None:
    incident = world.open(person_id=None, **opened)
    name(world, incident)
    assert states(incident) == wanted
    other = make_person(world.school, "staff", department=world.members["head"].department)
    with_name = world.open(person_id=other.pk, **opened)
    for kind in OUTSIDE:
        late, early = legs_of(incident)[kind], legs_of(with_name)[kind]
        assert (late.state, late.next_event, late.is_required, late.grade) == (
            early.state, early.next_event, early.is_required, early.grade,
        ), kind  # fmt: skip
        assert (late.next_at is None) is (early.next_at is None)


def test_a_home_not_known_to_be_safe_is_called_five_minutes_after_the_name_not_after_the_opening(world: World) -> None:
    incident = world.open(person_id=None, home="unknown")
    make_due(incident, "school")
    before = Timeline.objects.get(incident=incident, code="opened").at
    name(world, incident)
    leg = legs_of(incident)["family"]
    assert leg.next_event == "start_due" and leg.next_at is not None
    assert (leg.next_at - before).total_seconds() >= 300


def test_what_the_head_said_waits_for_the_grade_also_with_a_name(world: World) -> None:
    incident = world.open(by="head", person_id=None, grade="extreme")
    name(world, incident)
    decide_school()
    assert not any(paged(incident, kind) for kind in OUTSIDE)


def test_the_person_is_called_no_more_and_loses_what_they_had(world: World, unknown: Incident) -> None:
    """The psychologist on duty had taken it, and it turns out to be about them."""
    answering.acknowledge(actor=world.actor("duty"), incident_id=unknown.pk, kind="school")
    name(world, unknown, by="centre", who="duty")
    leg = legs_of(unknown)["school"]
    assert (leg.state, leg.owner_id, leg.taken_by_id) == ("paging", None, None)
    get(world, "duty", page_of(unknown), 404)
    assert unknown.number not in get(world, "duty", BOARD)
    decide_school()
    assert paged(unknown, "school")[-1] == "on_duty:2"


def test_what_waits_for_the_person_is_not_sent(world: World, unknown: Incident) -> None:
    waiting = Delivery.objects.filter(leg__incident=unknown, recipient__member=world.members["duty"], state="queued")
    assert waiting.exists()
    name(world, unknown, by="centre", who="duty")
    assert not waiting.exists()


def test_somebody_without_a_number_is_left_out_by_who_they_are(world: World) -> None:
    duty = world.members["duty"]
    Membership.objects.filter(pk=duty.pk).update(phone_sealed=None, phone_hash=None)
    incident = world.open(person_id=None)
    decide_school()
    waiting = Delivery.objects.filter(leg__incident=incident, recipient__member=duty, state="queued")
    assert waiting.exists()
    name(world, incident, by="centre", who="duty")
    assert not waiting.exists()


@pytest.mark.parametrize("by_number", [False, True])
def test_whoever_must_never_know_is_out_at_once(by_number: bool, world: World, unknown: Incident) -> None:
    person, duty = world.members["person"], world.members["duty"]
    row = NeverContact(person=person, set_by=SetBy.PERSON)
    if by_number:
        row.number_hash = number_hash(world.school.pk, duty.phone)
    else:
        row.member = duty
    row.end, row.label = "", ""
    row.save(force_insert=True)
    answering.acknowledge(actor=world.actor("duty"), incident_id=unknown.pk, kind="school")
    # They found out who it is, and write it: afterwards there is no such incident to them.
    answer = client(world, "duty").post(f"{page_of(unknown)}person/", {"person": str(person.pk)})
    assert (answer.status_code, answer["Location"]) == (302, BOARD)
    assert legs_of(unknown)["school"].state == "paging"
    assert Incident.objects.get(pk=unknown.pk).person_id == person.pk
    get(world, "duty", page_of(unknown), 404)
    assert not Delivery.objects.filter(leg__incident=unknown, recipient__member=duty, state="queued").exists()


def test_one_that_is_open_for_the_person_takes_it_all(world: World, unknown: Incident) -> None:
    first = world.open(grade="major", home="safe")
    decide_school()
    named = name(world, unknown)
    assert (named.incident.pk, named.is_joined) == (first.pk, True)
    first.refresh_from_db()
    unknown.refresh_from_db()
    assert first.grade == "extreme", "it was written by who grades, and is graver"
    joined = Timeline.objects.get(incident=first, code="report.joined")
    assert joined.facts["number"] == unknown.number
    assert joined.words(first.key).startswith("两天没有来")
    assert (unknown.state, unknown.outcome, unknown.person_id) == ("merged", "merged", world.members["person"].pk)
    assert unknown.next_at is None and not Leg.objects.filter(incident=unknown, next_at__isnull=False).exists()
    assert (
        queued(unknown)
        == Delivery.objects.filter(leg__incident=unknown, text="emergency_joined", state="queued").count()
    )
    assert codes(unknown)[-1] == "joined"
    decide_school()
    assert paged(first, "family") == ["contact:1"]
    assert not any(paged(unknown, kind) for kind in OUTSIDE)


def test_whoever_was_reached_is_told_that_two_are_one(world: World, unknown: Incident) -> None:
    Delivery.objects.filter(leg__incident=unknown).update(state="sent")
    world.open(grade="major", home="safe")
    answering.acknowledge(actor=world.actor("duty"), incident_id=unknown.pk, kind="school")
    name(world, unknown)
    told = Delivery.objects.filter(leg__incident=unknown, text="emergency_joined")
    assert world.members["duty"].pk in set(told.values_list("recipient__member", flat=True)), (
        "who is on the way as well"
    )
    assert not told.filter(channel="voice").exists()


def test_a_suggestion_is_joined_as_one(world: World) -> None:
    first = world.open(grade="general", home="safe")
    reported = world.open(by="head", person_id=None, grade="extreme")
    name(world, reported)
    first.refresh_from_db()
    assert (first.grade, first.suggested) == ("general", "extreme"), "nobody who grades has written it"
    assert Delivery.objects.filter(leg__incident=first, text="emergency_report_joined").exists()


def test_a_danger_at_home_that_is_joined_holds_the_family(world: World) -> None:
    first = world.open(grade="major", home="safe")
    name(world, world.open(person_id=None, grade="major", home="danger"))
    assert legs_of(first)["family"].state == "held"


def test_who_reported_the_one_that_was_joined_reads_how_the_other_stands(world: World) -> None:
    reported = world.open(by="head", person_id=None)
    first = world.open(grade="major")
    name(world, reported)
    assert program(world, "head").get(one(reported)).json()["state"] == "received", "nobody has it yet"
    answering.acknowledge(actor=world.actor("duty"), incident_id=first.pk, kind="school")
    assert program(world, "head").get(one(reported)).json()["state"] == "handled"


def test_one_that_has_ended_takes_nothing(world: World, unknown: Incident) -> None:
    first = world.open(grade="major")
    for kind in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(kind), incident_id=first.pk)
    assert name(world, unknown).incident.pk == unknown.pk


def test_it_is_written_once(world: World, unknown: Incident) -> None:
    name(world, unknown)
    before = codes(unknown)
    for who in ("person", "moral"):
        with pytest.raises(Conflict) as twice:
            name(world, unknown, who=who)
        assert twice.value.reason == "person_known"
    assert codes(unknown) == before
    assert Incident.objects.get(pk=unknown.pk).person_id == world.members["person"].pk


def test_what_is_refused_changes_nothing(world: World, unknown: Incident) -> None:
    before = codes(unknown)
    with pytest.raises(Refused) as own:
        name(world, unknown, by="duty", who="duty")
    assert own.value.reason == "own_incident"
    for post in ("head", "principal", "doctor", "person"):
        with pytest.raises(Forbidden):
            name(world, unknown, by=post)
    gone = make_person(world.school, "staff", name="走了")
    gone.active_from, gone.left_on = date(2020, 1, 1), date(2020, 6, 30)
    gone.save()
    with pytest.raises(NotFound):
        name_person(actor=world.actor("duty"), incident_id=unknown.pk, person_id=gone.pk)
    with pytest.raises(NotFound):
        name_person(actor=world.actor("duty"), incident_id=world.school.pk, person_id=world.members["person"].pk)
    assert codes(unknown) == before and states(unknown) == dict.fromkeys(OUTSIDE, "not_required")
    for by in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(by), incident_id=unknown.pk)
    with pytest.raises(Conflict) as ended:
        name(world, unknown)
    assert ended.value.reason == "incident_ended"


def test_the_page_asks_who_says_who_is_called_and_leads_back(world: World, unknown: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=unknown.pk, kind="school")
    person = world.members["person"]
    for post in ("duty", "centre"):
        assert f"{page_of(unknown)}person/" in get(world, post, page_of(unknown))
    here = f"{page_of(unknown)}person/"
    assert person.name in get(world, "duty", f"{here}?q={person.name}")
    asked = get(world, "duty", f"{here}?person={person.pk}")
    assert person.name in asked and "体艺组" in asked
    assert "马上叫：家庭、医疗、社区。" in asked
    nobody = client(world, "duty").post(here, {"person": str(world.members["duty"].pk)})
    assert (nobody.status_code, nobody["Location"]) == (302, here), "nobody finds themself"
    done = client(world, "duty").post(here, {"person": str(person.pk)})
    assert (done.status_code, done["Location"]) == (302, page_of(unknown))
    late = client(world, "centre").post(here, {"person": str(person.pk)})
    assert (late.status_code, late["Location"]) == (302, page_of(unknown))
    assert here not in get(world, "duty", page_of(unknown))
    back = client(world, "duty").get(here)
    assert (back.status_code, back["Location"]) == (302, page_of(unknown)), "Back, after it was written"
    for post in ("doctor", "principal", "head", "person"):
        get(world, post, here, 404)


def test_by_program_whoever_may_grade_names_and_the_answer_bears_the_one_that_goes_on(
    world: World, unknown: Incident
) -> None:
    body = {"person": str(world.members["person"].pk)}
    first = world.open(grade="major", home="safe")
    path = f"{one(unknown)}person/"
    assert program(world, "principal").post(path, body).status_code == 403
    assert program(world, "person").post(path, body).status_code in (403, 404)
    assert program(world, "duty").post(path, {"person": "x"}).status_code == 400
    answer = program(world, "duty").post(path, body)
    assert (answer.status_code, answer.json()["id"]) == (200, str(first.pk))
    again = program(world, "duty").post(path, body)
    assert (again.status_code, again.json()["code"]) == (409, "incident_ended")


def test_by_program_whoever_must_not_know_reads_the_same_whether_one_was_open_or_not(world: World) -> None:
    NeverContact.objects.create(person=world.members["person"], member=world.members["duty"])
    body = {"person": str(world.members["person"].pk)}
    first = world.open(person_id=None)
    answer = program(world, "duty").post(f"{one(first)}person/", body)
    assert (answer.status_code, answer.json()) == (200, {"id": str(first.pk), "state": "received"})
    second = world.open(person_id=None, by="second")
    joined = program(world, "duty").post(f"{one(second)}person/", body)
    assert (joined.status_code, joined.json()) == (200, {"id": str(second.pk), "state": "received"})
    assert program(world, "duty").get(one(first)).status_code == 200, "they opened it: their own report, and no more"
    assert program(world, "duty").get(one(second)).status_code == 404


def test_nobody_is_named_in_a_drill(world: World) -> None:
    drill = world.open(person_id=None, is_drill=True)
    rows = Timeline.objects.filter(incident=drill).count()
    with pytest.raises(Refused) as caught:
        name(world, drill)
    assert str(caught.value) == "name_in_drill"
    assert Incident.objects.get(pk=drill.pk).person_id is None
    assert Timeline.objects.filter(incident=drill).count() == rows


def test_the_person_reads_nothing_of_it(world: World, unknown: Incident) -> None:
    name(world, unknown)
    assert program(world, "second").get(one(unknown)).json()["person"]["id"] == str(world.members["person"].pk)
    assert program(world, "person").get(one(unknown)).status_code == 404
    get(world, "person", page_of(unknown), 404)
