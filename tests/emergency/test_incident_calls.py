"""``incidents/`` by program: opened, taken, ended; every caller has their own row of it and no more (chain §6)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, Leg, NeverContact, Recipient, Timeline
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.workflow import answering
from tests.api.platform_client import Program
from tests.emergency.programs import INCIDENTS, one, program, told, track
from tests.emergency.world import PHONES, World, legs_of, make_due

pytestmark = pytest.mark.django_db
MOST = 15
ALL_OF_IT = {
    "id", "number", "state", "grade", "suggested", "kind", "person", "danger_now", "found_at", "opened_at", "closed_at",
    "outcome", "home", "place", "place_words", "meeting_place", "signs", "with", "can_be_asked", "by_line", "drill", "tracks", "team",
}  # fmt: skip
OWN_ROW = {"id", "is_asked", "tracks"}
SEALED = {"signs", "place_words", "meeting_place"}


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


def open_incident_again(world: World, post: str, **extra: Any) -> Incident:
    answer = program(world, post).post(INCIDENTS, told(world, **extra))
    assert answer.status_code == 200, answer.content
    return Incident.objects.get(pk=answer.json()["id"])


# Who asks → status, the fields of the answer, and the (party, legs) of its tracks. What is not here is not seen.
WHOLE = [("school", ["school", "team"]), ("family", ["family"]), ("society", ["medical", "community"])]
# No community is known: nobody answers there, and the team is called about it too.
ALARMED = [("school", ["team"]), ("society", ["community"])]
SEEN_BY: dict[str, tuple[int, set[str], Any]] = {
    "duty": (200, ALL_OF_IT, WHOLE),
    "second": (200, ALL_OF_IT, WHOLE),
    "centre": (200, ALL_OF_IT, WHOLE),
    "deputy": (200, ALL_OF_IT, WHOLE),
    "principal": (200, OWN_ROW | {"state", "grade", "person_name"}, ALARMED),
    "moral": (200, OWN_ROW, ALARMED),
    "doctor": (200, OWN_ROW, ALARMED),
    "head": (200, {"id", "state"}, None),
    "person": (404, set(), None),
    "stranger": (404, set(), None),
}


@pytest.mark.parametrize("post", SEEN_BY)
def test_each_caller_is_answered_by_their_own_row(post: str, world: World, paging: Incident) -> None:
    status, fields, tracks = SEEN_BY[post]
    caller = Program(world.school, "staff") if post == "stranger" else program(world, post)
    answer = caller.get(one(paging))
    assert answer.status_code == status
    if status != 200:
        assert answer.json() == Program(world.school, "staff").get(one(world.school.pk)).json(), (
            "as for no incident at all"
        )
        return
    body = answer.json()
    assert set(body) == fields
    if tracks is not None:
        assert [(row["party"], [leg["leg"] for leg in row["legs"]]) for row in body["tracks"]] == tracks
    name, text = world.members["person"].name, answer.content.decode()
    assert (name in text) is (post in ("duty", "second", "centre", "deputy", "principal"))
    assert ("不想活了" in text) is ("signs" in fields)
    assert ("三楼办公室" in text) is ("signs" in fields)
    assert not any(number in text for number in PHONES.values())


def test_the_table_has_a_row_for_every_post_of_the_school(world: World) -> None:
    assert SEEN_BY.keys() == world.members.keys() | {"stranger"}


def test_a_session_sees_what_a_token_does(world: World, paging: Incident) -> None:
    for post in ("doctor", "head", "centre"):
        browser = Client(headers={"host": world.school.host})
        browser.force_login(world.members[post].user)  # type: ignore[arg-type]
        if post == "centre":
            assert browser.get(one(paging)).status_code == 200
        assert browser.get(one(paging)).json() == program(world, post).get(one(paging)).json()
        assert browser.post(one(paging)).status_code == 405


def test_without_a_sign_in_and_without_the_second_factor_there_is_no_answer(
    world: World, paging: Incident, settings: Any
) -> None:
    for headers in ({}, {"authorization": "Token wrong"}):
        browser = Client(headers={"host": world.school.host, **headers})
        assert browser.get(one(paging)).status_code == 401
        assert browser.post(INCIDENTS, told(world), content_type="application/json").status_code == 401
    settings.SECOND_FACTOR_REQUIRED = True
    for act, body in (("", None), ("close/", {"outcome": "died"}), ("tracks/school/acknowledge/", {})):
        caller = program(world, "centre")
        answer = caller.get(one(paging)) if body is None else caller.post(f"{one(paging)}{act}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")
    assert program(world, "head").get(one(paging)).status_code == 200, "a head needs none"


def test_the_name_and_the_place_come_to_who_goes_there_once_they_have_said_so(world: World) -> None:
    incident = world.open(kind="medical", can_be_asked=False, place="school", place_words="三楼办公室")
    decide_school()
    make_due(incident, "school")
    decide_school()
    doctor = program(world, "doctor")
    before = doctor.get(one(incident)).json()
    assert "person_name" not in before and "place" not in before
    answer = doctor.post(track(incident, "school", "acknowledge"), {"eta": 15})
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["person_name"], body["place"]) == (world.members["person"].name, "school")
    assert "place_words" not in body, "sealed words are told by reading alone"
    assert doctor.get(one(incident)).json()["place_words"] == "三楼办公室"
    [leg] = [leg for leg in body["tracks"][0]["legs"] if leg["leg"] == "school"]
    assert leg["acknowledged_by"]["id"] == str(world.members["doctor"].pk)


def test_who_was_called_in_vain_has_an_empty_row(world: World, paging: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    for post in ("principal", "centre"):
        answering.acknowledge(actor=world.actor(post), incident_id=paging.pk, kind="team")
    answering.acknowledge(actor=world.actor("centre"), incident_id=paging.pk, kind="community")
    assert program(world, "doctor").get(one(paging)).json() == {"id": str(paging.pk), "is_asked": False, "tracks": []}
    late = program(world, "doctor").post(track(paging, "school", "acknowledge"))
    assert (late.status_code, late.json()["is_asked"]) == (200, False)
    assert Recipient.objects.get(leg__kind="team", member=world.members["doctor"]).answer == "also"


def test_whoever_is_called_next_is_not_told_who_did_not_come(world: World) -> None:
    incident = world.open(kind="medical", can_be_asked=False)
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    for event in ("engage_ask", "engage_due"):
        make_due(incident, "school", event)
        decide_school()
    assert Leg.objects.get(incident=incident, kind="school").taken_by_id is not None
    [leg] = [
        leg
        for row in program(world, "doctor").get(one(incident)).json()["tracks"]
        for leg in row["legs"]
        if leg["leg"] == "school"
    ]
    assert (leg["state"], leg["acknowledged_by"]) == ("paging", None)


def test_a_head_tells_it_and_is_told_received_then_handled(world: World) -> None:
    head = program(world, "head")
    answer = head.post(INCIDENTS, told(world, grade="major"), key="one")
    assert (answer.status_code, set(answer.json()), answer.json()["state"]) == (201, {"id", "state"}, "received")
    incident = Incident.objects.get()
    assert (incident.state, incident.grade, incident.suggested) == ("reported", "", "major")
    again = head.post(INCIDENTS, told(world, grade="extreme"), key="two")
    assert (again.status_code, again.json()) == (200, answer.json())
    assert Incident.objects.get().suggested == "extreme"
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    assert head.get(one(incident)).json() == {"id": str(incident.pk), "state": "handled"}
    assert not AuditEntry.objects.filter(action="incident.read", actor_id=world.members["head"].user_id).exists()


def test_a_second_reporter_is_told_as_the_first_is(world: World) -> None:
    incident = world.open(by="duty", grade="general")
    answer = program(world, "head").post(INCIDENTS, told(world, grade="major"))
    assert (answer.status_code, answer.json()) == (200, {"id": str(incident.pk), "state": "received"})
    assert program(world, "head").get(one(incident)).json()["state"] == "received"


def test_the_same_key_is_the_same_incident_and_another_body_is_refused(world: World) -> None:
    duty, body = program(world, "duty"), told(world)
    first, second = (duty.post(INCIDENTS, body, key="k") for _ in range(2))
    assert (first.status_code, first.content) == (201, second.content)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Timeline.objects.filter(code="report.joined").count() == 0
    assert duty.post(INCIDENTS, body | {"grade": "major"}, key="k").json()["code"] == "idempotency_mismatch"


def test_what_is_missing_is_not_known(world: World) -> None:
    body = told(world, can_be_asked=False)
    del body["home"], body["person"]
    answer = program(world, "centre").post(INCIDENTS, body)
    assert answer.status_code == 201, answer.content
    found = answer.json()
    assert (found["home"], found["with"], found["place"], found["person"]) == ("unknown", "unknown", None, None)
    assert found["can_be_asked"] is None, "asked of somebody ill alone"
    assert not SEALED & set(found)
    assert [row["party"] for row in found["tracks"]] == ["school", "family", "society"], "all three, always"
    assert {leg["leg"]: leg["state"] for row in found["tracks"] for leg in row["legs"]}["family"] == "not_required"


def test_a_further_report_raises_the_grade_and_never_lowers_it(world: World) -> None:
    incident = world.open(grade="general", home="unknown")
    decide_school()
    assert legs_of(incident)["medical"].state == "not_required"
    raised = program(world, "centre").post(INCIDENTS, told(world))
    assert (raised.status_code, raised.json()["id"], raised.json()["grade"]) == (200, str(incident.pk), "extreme")
    assert {kind: leg.state for kind, leg in legs_of(incident).items()} | {"family": "armed"} == {
        "school": "paging", "family": "armed", "medical": "paging", "community": "paging", "team": "paging",
    }  # fmt: skip
    before = list(Leg.objects.order_by("pk").values())
    lower = program(world, "duty").post(INCIDENTS, told(world, grade="general"))
    assert (lower.status_code, lower.json()["grade"]) == (200, "extreme")
    assert list(Leg.objects.order_by("pk").values()) == before


def test_a_home_that_turns_out_a_danger_is_called_no_more(world: World) -> None:
    incident = world.open()
    decide_school()
    assert legs_of(incident)["family"].state == "paging"
    program(world, "head").post(INCIDENTS, told(world, grade="general", home="danger", place_words="和平里 3 幢"))
    assert legs_of(incident)["family"].state == "held"
    assert not Delivery.objects.filter(leg__kind="family", state="queued").exists()
    incident.refresh_from_db()
    assert incident.home == "danger"
    row = Timeline.objects.get(code="report.joined")
    assert "和平里 3 幢" in row.words(incident.key)
    waiting = world.open(grade="general", home="unknown", person_id=world.members["moral"].pk)
    joined = told(world, home="danger", person=str(world.members["moral"].pk))
    assert program(world, "duty").post(INCIDENTS, joined).json()["grade"] == "extreme"
    assert legs_of(waiting)["family"].state == "held", "held before the grade could call it"


def by_member(world: World, post: str) -> NeverContact:
    return NeverContact.objects.create(person=world.members["person"], member=world.members[post])


def by_number(world: World, post: str) -> NeverContact:
    return NeverContact.objects.create(
        person=world.members["person"], number_hash=number_hash(world.school.pk, PHONES[post])
    )


@pytest.mark.parametrize("exclude", [by_member, by_number])
@pytest.mark.parametrize("post", ["second", "head", "deputy"])
def test_the_excluded_learn_from_a_report_of_theirs_nothing_about_others(post: str, exclude: Any, world: World) -> None:
    """Whether one was open, who has it, when it began: the answers are those of a first report, now and later."""
    exclude(world, post)
    caller, answers = program(world, post), []
    for is_open in (False, True):
        if is_open:
            known = world.open(by="centre", grade="general")
            decide_school()
            answering.acknowledge(actor=world.actor("duty"), incident_id=known.pk, kind="school")
        sent = [caller.post(INCIDENTS, told(world)) for _ in range(2)]
        shown = [(answer.status_code, set(answer.json()), answer.json()["state"]) for answer in sent]
        same = {answer.json()["id"] for answer in sent}
        looked = [caller.get(one(key)).status_code for key in same]
        answers.append((shown, len(same), looked))
        if is_open:
            assert str(known.pk) not in same, "its id says when it began"
            assert Timeline.objects.filter(code="report.joined", incident=known).count() == 2
            known.refresh_from_db()
            assert known.grade == "general", "and they grade nothing of it"
        Incident.objects.update(
            state="closed", next_at=None, next_event="", closed_at=Incident.objects.first().opened_at
        )  # type: ignore[union-attr]
    assert answers[0] == answers[1]
    assert answers[0] == ([(201, {"id", "state"}, "received"), (200, {"id", "state"}, "received")], 1, [200])


def test_there_is_none_costs_the_same_whether_there_is_one_or_not(world: World, paging: Incident) -> None:
    """To the subject, to the excluded, and to a colleague who was not called: one answer, from as many questions."""
    by_member(world, "second")
    never_was = world.school.pk
    for caller in (program(world, "person"), program(world, "second"), Program(world.school, "staff")):
        for call in (
            lambda key: caller.get(one(key)),  # noqa: B023
            lambda key: caller.post(track(key, "school", "acknowledge")),  # noqa: B023
            lambda key: caller.post(f"{one(key)}grade/", {"grade": "major"}),  # noqa: B023
            lambda key: caller.post(f"{one(key)}close/", {"outcome": "died"}),  # noqa: B023
        ):
            asked = []
            for key in (paging.pk, never_was):
                call(
                    never_was
                )  # leaves the one row of the record, and what is kept of a host for half a minute is fresh
                with CaptureQueriesContext(connection) as queries:
                    answer = call(key)
                assert answer.status_code in (403, 404)
                asked.append((answer.status_code, answer.content, len(queries)))
            assert asked[0] == asked[1]
