"""What ``incidents/`` refuses: in the document's words, nothing moved, one row of the record, and never a fault of ours."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Chain, Incident, Leg
from referrals.emergency.workflow import answering, ending
from tenancy.scope import use_tenant
from tests.api.platform_client import Program
from tests.conftest import make_person
from tests.emergency.programs import INCIDENTS, REASON, one, program, recorded, rows, told, track
from tests.emergency.world import World, legs_of

pytestmark = pytest.mark.django_db
MISSING = "0190a0a0-0000-7000-8000-000000000000"
NUL = b'{"kind": "psychological", "grade": "major", "signs": "a\\u0000b", "found_at": "2026-11-28T12:00:00+08:00"}'


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


def must_refuse(world: World, call: Callable[[], Any], status: int, code: str, field: str = "") -> dict[str, Any]:
    """The refusal says so in Chinese, names the field, changes nothing and leaves one row."""
    before, record = rows(world), recorded(world)
    answer = call()
    body: dict[str, Any] = answer.json()
    codes = {body["code"], *(row["code"] for row in body.get("errors", ()))}
    assert answer.status_code == status and code in codes, body
    assert answer["content-type"] == "application/problem+json"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["detail"])
    if field:
        assert field in [row["field"] for row in body["errors"]], body
    assert rows(world) == before, "a refusal moved something"
    more = recorded(world)[len(record) :]
    assert [row for row in more if row[0].endswith(".refused")] == more
    # The same refusal at once after another stands in the record already.
    assert len(more) == 1 or (not more and body["code"] in {said for act, said in record if act.endswith(".refused")})
    return body


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"kind": "other"}, "invalid_choice", "kind"),
        ({"kind": ["medical"]}, "invalid_choice", "kind"),
        ({"grade": "huge"}, "invalid_choice", "grade"),
        ({"grade": ""}, "invalid_choice", "grade"),
        ({"home": "maybe"}, "invalid_choice", "home"),
        ({"place": "moon"}, "invalid_choice", "place"),
        ({"with": "dog"}, "invalid_choice", "with"),
        ({"person": "zhang"}, "invalid", "person"),
        ({"person": 7}, "invalid", "person"),
        ({"danger_now": "yes"}, "not_a_boolean", "danger_now"),
        ({"can_be_asked": 1}, "not_a_boolean", "can_be_asked"),
        ({"drill": "no"}, "not_a_boolean", "drill"),
        ({"signs": " "}, "blank", "signs"),
        ({"signs": "\u200b"}, "signs_missing", "signs"),
        ({"signs": "字" * 2001}, "max_length", "signs"),
        ({"signs": "\ud800"}, "bad_unicode", "signs"),
        ({"place_words": "字" * 501}, "max_length", "place_words"),
        ({"found_at": "2026-11-28T12:00:00"}, "naive_time", "found_at"),
        ({"found_at": "yesterday"}, "bad_time", "found_at"),
        ({"found_at": (now() + timedelta(hours=1)).isoformat()}, "time_ahead", "found_at"),
        ({"found_at": (now() - timedelta(days=45)).isoformat()}, "time_long_ago", "found_at"),
        ({"more": 1}, "unknown_field", "more"),
    ],
)
def test_what_cannot_be_read_opens_nothing(change: dict[str, Any], code: str, field: str, world: World) -> None:
    duty = program(world, "duty")
    must_refuse(world, lambda: duty.post(INCIDENTS, told(world, **change)), 400, code, field)


@pytest.mark.parametrize("name", ["kind", "grade", "found_at", "signs"])
def test_what_is_asked_for_must_be_there(name: str, world: World) -> None:
    duty, body = program(world, "duty"), told(world)
    del body[name]
    must_refuse(world, lambda: duty.post(INCIDENTS, body), 400, "required", name)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (NUL, 400, "nul_character"),
        (b"[]", 400, "not_an_object"),
        (b"{", 400, "malformed"),
        (b'{"kind": "' + b"a" * 1_000_001 + b'"}', 413, "too_large"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, 400, "too_deep"),
    ],
)
def test_a_body_that_is_none(body: bytes, status: int, code: str, world: World) -> None:
    duty = program(world, "duty")
    must_refuse(world, lambda: duty.post(INCIDENTS, body), status, code)


def test_nobody_of_elsewhere_and_not_oneself(world: World, other_school: Any) -> None:
    with use_tenant(other_school.pk):
        stranger = make_person(other_school, "staff")
    duty = program(world, "duty")
    must_refuse(world, lambda: duty.post(INCIDENTS, told(world, person=MISSING)), 404, "not_found")
    answers = [duty.post(INCIDENTS, told(world, person=key)) for key in (MISSING, str(stranger.pk))]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert not Incident.objects.exists()
    own = told(world, person=str(world.members["duty"].pk))
    must_refuse(world, lambda: duty.post(INCIDENTS, own), 422, "own_incident")


def test_a_drill_and_a_chain_that_is_off(world: World) -> None:
    centre = program(world, "centre")
    must_refuse(world, lambda: centre.post(INCIDENTS, told(world, drill=True)), 422, "drill_not_here")
    Chain.objects.update(state="rehearsal")
    must_refuse(world, lambda: centre.post(INCIDENTS, told(world)), 422, "chain_off")


@pytest.mark.parametrize("post", ["person", "moral", "doctor", "principal"])
def test_who_may_not_tell_it_is_refused_before_anything_is_read(post: str, world: World) -> None:
    caller = program(world, post)
    must_refuse(world, lambda: caller.post(INCIDENTS, {"kind": "?"}), 403, "forbidden")


# (who, party, act, body) → status and code, while school, family, hospital and team are called
ANSWERS: list[tuple[str, str, str, dict[str, Any], int, str]] = [
    ("duty", "school", "acknowledge", {"eta": 45}, 400, "invalid_choice"),
    ("duty", "school", "acknowledge", {"eta": "15"}, 400, "not_an_integer"),
    ("duty", "school", "acknowledge", {"eta": True}, 400, "not_an_integer"),
    ("duty", "school", "acknowledge", {"on_behalf_of": "字" * 121}, 400, "max_length"),
    ("duty", "school", "acknowledge", {"on_behalf_of": "王女士 139"}, 403, "forbidden"),
    ("duty", "school", "acknowledge", {"leg": "moon"}, 400, "invalid_choice"),
    ("duty", "school", "acknowledge", {"leg": "family"}, 400, "not_in_list"),
    ("duty", "society", "acknowledge", {}, 400, "leg_missing"),
    ("duty", "family", "acknowledge", {}, 403, "forbidden"),
    ("duty", "family", "engage", {}, 403, "forbidden"),
    ("duty", "school", "done", {}, 403, "forbidden"),
    ("duty", "team", "acknowledge", {}, 404, "not_found"),
    ("duty", "Family", "acknowledge", {}, 404, "not_found"),
    ("second", "school", "engage", {}, 403, "forbidden"),
    ("centre", "school", "acknowledge", {"leg": "school"}, 403, "forbidden"),
    ("doctor", "family", "acknowledge", {}, 403, "forbidden"),
    ("doctor", "family", "engage", {}, 403, "forbidden"),
    ("doctor", "school", "acknowledge", {"leg": "school"}, 403, "forbidden"),
    ("doctor", "society", "acknowledge", {"leg": "medical"}, 403, "forbidden"),
    ("doctor", "school", "done", {}, 403, "forbidden"),
    ("principal", "family", "done", {}, 403, "forbidden"),
    ("person", "school", "acknowledge", {}, 404, "not_found"),
    ("head", "school", "acknowledge", {}, 404, "not_found"),
]


@pytest.mark.parametrize(("post", "party", "act", "body", "status", "code"), ANSWERS)
def test_an_answer_that_is_not_ones_own_moves_nothing(
    post: str, party: str, act: str, body: dict[str, Any], status: int, code: str, world: World, paging: Incident
) -> None:
    caller = program(world, post)
    must_refuse(world, lambda: caller.post(track(paging, party, act), body), status, code)


def test_a_refusal_tells_nothing_of_how_anothers_leg_stands(world: World, paging: Incident) -> None:
    """While it is called, once it is taken, at work and ended: the very same answer to who has no part in it."""
    doctor, heard = program(world, "doctor"), set()
    for state in ("paging", "acknowledged", "engaged", "exhausted", "held", "armed", "closed", "not_required"):
        ended = state in ("closed", "not_required")
        Leg.objects.filter(incident=paging, kind="family").update(
            state=state, next_event="" if ended else "step_due", next_at=None if ended else now()
        )
        for act in ("acknowledge", "engage", "done"):
            heard.add(doctor.post(track(paging, "family", act)).content)
    assert len(heard) == 1


def test_who_was_not_called_is_refused_however_the_leg_stands(world: World, paging: Incident) -> None:
    """Also once somebody has it: nothing was taken by them, and the record says nothing else."""
    second = program(world, "second")
    path = track(paging, "school", "acknowledge")
    must_refuse(world, lambda: second.post(path), 403, "forbidden")
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    must_refuse(world, lambda: second.post(path), 403, "forbidden")
    answering.engage(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    must_refuse(world, lambda: second.post(path), 403, "forbidden")


def test_a_reporter_and_nobody_else_is_told_that_it_is_not_theirs(world: World) -> None:
    incident = world.open(by="head")
    head = program(world, "head")
    must_refuse(world, lambda: head.post(track(incident, "school", "acknowledge")), 403, "forbidden")
    must_refuse(world, lambda: head.post(f"{one(incident)}close/", {"outcome": "died"}), 403, "forbidden")


def test_twice_is_once_and_after_the_end_it_is_refused(world: World, paging: Incident) -> None:
    duty = program(world, "duty")
    first, second = (duty.post(track(paging, "school", "acknowledge"), {"eta": 15}) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["tracks"] == second.json()["tracks"]
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=paging.pk)
    for post in ("duty", "doctor"):
        caller = program(world, post)
        must_refuse(world, lambda c=caller: c.post(track(paging, "school", "acknowledge")), 409, "incident_ended")
    for act, body in (("grade", {"grade": "major", "reason": REASON}), ("close", {"outcome": "died"})):
        centre = program(world, "centre")
        must_refuse(world, lambda a=act, b=body, c=centre: c.post(f"{one(paging)}{a}/", b), 409, "illegal_move")


def test_who_was_called_in_vain_cannot_take_it_from_who_has_it(world: World, paging: Incident) -> None:
    Leg.objects.filter(incident=paging, kind="school").update(next_at=now())
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    second = program(world, "second")
    must_refuse(world, lambda: second.post(track(paging, "school", "engage")), 409, "not_yours_now")
    assert legs_of(paging)["school"].owner_id == world.members["duty"].pk


def test_for_an_outside_party_it_is_said_who_spoke_and_by_who_has_the_schools_leg(world: World) -> None:
    incident = world.open(grade="major", home="unknown")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    duty, centre = program(world, "duty"), program(world, "centre")
    path = track(incident, "family", "acknowledge")
    must_refuse(world, lambda: duty.post(path), 400, "behalf_missing", "on_behalf_of")
    must_refuse(world, lambda: duty.post(path, {"on_behalf_of": "\u200b "}), 400, "behalf_missing", "on_behalf_of")
    must_refuse(world, lambda: centre.post(path, {"on_behalf_of": "王女士 139"}), 403, "forbidden")
    must_refuse(world, lambda: duty.post(path, {"on_behalf_of": "王女士 139"}), 409, "illegal_move")
    assert legs_of(incident)["family"].state == "armed", "nobody was called there: it waits for the person's yes"


def test_grade_and_close_as_the_rules_have_it(world: World) -> None:
    incident = world.open(grade="major")
    decide_school()
    centre, duty = program(world, "centre"), program(world, "duty")
    address = one(incident)
    for caller, act, body, status, code in (
        (centre, "grade", {"grade": "huge"}, 400, "invalid_choice"),
        (centre, "grade", {"grade": "general"}, 400, "reason_too_short"),
        (centre, "grade", {"grade": "general", "reason": "字" * 501}, 400, "max_length"),
        (duty, "grade", {"grade": "general", "reason": REASON}, 403, "forbidden"),
        (duty, "grade", {"grade": "major"}, 409, "same_grade"),
        (centre, "close", {"outcome": "unfounded"}, 400, "invalid_choice"),
        (centre, "close", {}, 400, "required"),
        (centre, "close", {"outcome": "supported"}, 409, "legs_open"),
        (duty, "close", {"outcome": "supported"}, 403, "forbidden"),
        (centre, "false_alarm", {"reason": "x"}, 400, "unknown_field"),
    ):
        must_refuse(world, lambda: caller.post(f"{address}{act}/", body), status, code)  # noqa: B023


@pytest.mark.parametrize("act", ["close", "grade", "false_alarm"])
@pytest.mark.parametrize("post", ["head", "moral", "doctor", "principal", "person"])
def test_who_does_not_lead_it_ends_and_grades_nothing(act: str, post: str, world: World, paging: Incident) -> None:
    """The same for an incident that is and for one that never was."""
    caller = program(world, post)
    body = {"close": {"outcome": "died"}, "grade": {"grade": "major"}, "false_alarm": {}}[act]
    must_refuse(world, lambda: caller.post(f"{one(paging)}{act}/", body), 403, "forbidden")
    there, nowhere = (caller.post(f"{one(key)}{act}/", body) for key in (paging.pk, MISSING))
    assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)


def test_another_school_has_none_of_it(world: World, paging: Incident, other_school: Any) -> None:
    with use_tenant(other_school.pk):
        elsewhere = Program(other_school, "centre", "duty")
    for answer in (
        elsewhere.get(one(paging)),
        elsewhere.post(track(paging, "school", "acknowledge")),
        elsewhere.post(f"{one(paging)}close/", {"outcome": "died"}),
    ):
        assert answer.status_code == 404
