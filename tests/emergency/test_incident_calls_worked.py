"""The interface of incidents: taken, worked, closed; who was tried; what is recorded and what it costs."""

import jsonschema_rs
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, Leg, LegStep, Recipient, Timeline
from referrals.emergency.workflow import answering
from tests.api.journey_client import API
from tests.api.platform_client import Program
from tests.emergency.programs import INCIDENTS, REASON, one, program, recorded, rows, told, track
from tests.emergency.test_incident_calls import MOST, SEEN_BY, open_incident_again
from tests.emergency.world import World, legs_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Incident:
    """A head told it, duty graded it extreme; school, family, hospital, community and team are called."""
    incident = world.open(by="head", place="school", place_words="三楼办公室", danger_now=True)
    incident = open_incident_again(world, "duty")
    decide_school()
    return incident


def test_it_is_taken_worked_done_and_closed_by_two(world: World, paging: Incident) -> None:
    duty, centre = program(world, "duty"), program(world, "centre")
    for party, act in (("school", "acknowledge"), ("school", "engage"), ("school", "done")):
        answer = duty.post(track(paging, party, act), key=f"{party}{act}")
        assert answer.status_code == 200, (act, answer.content)
    assert legs_of(paging)["school"].state == "handed_over"
    said = {"on_behalf_of": "王女士 13900000011 14:05"}
    for leg in ("family", "medical", "community"):
        party = "family" if leg == "family" else "society"
        for act in ("acknowledge", "engage", "done"):
            answer = duty.post(track(paging, party, act), said | ({"leg": leg} if party == "society" else {}))
            assert answer.status_code == 200, (leg, act, answer.content)
        assert (legs_of(paging)[leg].state, legs_of(paging)[leg].owner_id) == ("handed_over", None)
    row = Timeline.objects.get(code="leg.report_done", leg__kind="family")
    assert row.words(paging.key) == said["on_behalf_of"]
    for post in ("principal", "centre"):
        assert program(world, post).post(track(paging, "school", "acknowledge"), {"leg": "team"}).status_code == 200
    first = centre.post(f"{one(paging)}close/", {"outcome": "safe_with_family"}, key="close")
    assert (first.status_code, first.json()["code"]) == (202, "second_person_needed")
    assert centre.post(f"{one(paging)}close/", {"outcome": "safe_with_family"}, key="close").content == first.content
    assert centre.post(f"{one(paging)}close/", {"outcome": "safe_with_family"}).status_code == 202, (
        "twice is one person"
    )
    second = program(world, "deputy").post(f"{one(paging)}close/", {"outcome": "safe_with_family"})
    assert (second.status_code, second.json()["state"]) == (200, "closed")
    assert second.json()["outcome"] == "safe_with_family"


def test_a_lower_grade_and_a_false_alarm_take_two(world: World, paging: Incident) -> None:
    for act, body in (("grade", {"grade": "major", "reason": REASON}), ("false_alarm", {})):
        answers = [program(world, post).post(f"{one(paging)}{act}/", body) for post in ("centre", "deputy")]
        assert [answer.status_code for answer in answers] == [202, 200], answers[-1].content
    assert answers[-1].json()["state"] == "false_alarm"


def test_missing_minutes_are_thirty(world: World, paging: Incident) -> None:
    program(world, "duty").post(track(paging, "school", "acknowledge"))
    assert Timeline.objects.get(code="leg.acknowledge").facts["eta"] == 30


def test_the_answer_says_who_was_tried_by_which_channel_and_who_has_it(world: World, paging: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    answering.acknowledge(actor=world.actor("doctor"), incident_id=paging.pk, kind="team")
    body = program(world, "centre").get(one(paging)).json()
    legs = {leg["leg"]: leg for row in body["tracks"] for leg in row["legs"]}
    assert legs["school"]["acknowledged_by"] == {
        "id": str(world.members["duty"].pk), "name": world.members["duty"].name, "role": "on_duty:1",
    }  # fmt: skip
    assert {row["channel"] for row in legs["school"]["attempts"]} >= {"in_app", "sms"}
    assert {row["state"] for row in legs["school"]["attempts"]} == {"dropped"}
    assert legs["school"]["step"] == "on_duty:1" and legs["school"]["due_at"]
    team = {row["seat"]: row["answer"] for row in body["team"]}
    assert team == {"centre_head": None, "principal": None, "moral": None, "doctor": "acknowledged"}
    states = {row["party"]: row["state"] for row in body["tracks"]}
    assert states == {"school": "acknowledged", "family": "paging", "society": "exhausted"}


def test_a_look_is_recorded_once_and_a_refusal_leaves_one_row(world: World, paging: Incident) -> None:
    centre, stranger = program(world, "centre"), Program(world.school, "staff")
    before = len(recorded(world))
    centre.get(one(paging))
    assert recorded(world)[before:] == [("incident.read", "")]
    for _ in range(2):
        stranger.get(one(paging))
    assert recorded(world)[before + 1 :] == [("incident.read.refused", "not_found")]


def test_an_incident_asks_no_more_than_fifteen_questions(world: World, paging: Incident) -> None:
    legs = list(Leg.objects.filter(incident=paging))
    for number in range(40):
        leg = legs[number % len(legs)]
        step = LegStep.objects.filter(leg=leg, purpose="step").first()
        row = Recipient.objects.create(
            leg=leg, step=step, epoch=1, round=3, target_hash=bytes([number]) * 32, role="contact:1"
        )
        Delivery.objects.bulk_create(
            Delivery(
                recipient=row, leg=leg, key=f"k{number}:{again}", channel="sms", text="emergency_page", epoch=1, rank=3,
                state="failed", due_at=paging.opened_at,
            )
            for again in range(10)
        )  # fmt: skip
    Timeline.objects.bulk_create(
        Timeline(incident=paging, leg=legs[0], code="leg.tick", by=world.members["duty"]) for _ in range(500)
    )
    for post in ("centre", "doctor", "head", "principal"):
        caller = program(world, post)
        caller.get(one(paging))
        with CaptureQueriesContext(connection) as asked:
            answer = caller.get(one(paging))
        assert answer.status_code == 200
        assert len(asked) <= MOST, "\n".join(query["sql"][:160] for query in asked)
    body = program(world, "centre").get(one(paging)).json()
    assert max(len(leg["attempts"]) for row in body["tracks"] for leg in row["legs"]) == 50


def test_a_report_that_comes_when_one_has_just_ended_opens_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was open when it was looked for and has ended once it is held: what has ended takes no report."""
    known = world.open()
    looked = Incident.objects.get(pk=known.pk)
    Incident.objects.filter(pk=known.pk).update(
        state="closed", next_at=None, next_event="", closed_at=known.opened_at, outcome="supported"
    )
    monkeypatch.setattr("referrals.emergency.workflow.joining.known_live", lambda person_id: looked)
    answer = program(world, "duty").post(INCIDENTS, told(world))
    assert answer.status_code == 201, answer.content
    assert answer.json()["id"] != str(known.pk)
    assert not Timeline.objects.filter(code="report.joined").exists()


def test_the_answers_are_what_the_document_says(world: World, paging: Incident) -> None:
    document = Program(world.school).get(f"{API}schema/").json()
    schema = {"$ref": "#/components/schemas/IncidentSeen", "components": document["components"]}
    check = jsonschema_rs.validator_for(schema)
    for post, (status, _fields, _tracks) in SEEN_BY.items():
        if status == 200:
            faults = list(check.iter_errors(program(world, post).get(one(paging)).json()))
            assert faults == [], (post, faults)


def test_nothing_else_is_there(world: World, paging: Incident) -> None:
    before = rows(world)
    duty = program(world, "duty")
    for path, status in ((INCIDENTS, 405), (f"{one(paging)}tracks/", 404), (f"{one(paging)}reopen/", 404)):
        assert duty.get(path).status_code == status
    assert duty.post(track(paging, "team", "acknowledge")).status_code == 404
    assert duty.post(track(paging, "school%00", "acknowledge")).status_code in (400, 404)
    assert rows(world) == before
