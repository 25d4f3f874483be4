"""A plan is checked like a program: each way to go quiet is found, at its place, with who mends it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.plan_check import (
    Chair,
    Facts,
    Fault,
    Finding,
    Mender,
    OfPartner,
    Reached,
    Severity,
    check,
    needed_in_an_hour,
)
from referrals.emergency.rules.plan_steps import Step, drafted, needed_legs
from referrals.emergency.rules.step_rules import SeatKind, StepRule, Target, contact, on_duty, seat

PSY, MED = IncidentKind.PSYCHOLOGICAL, IncidentKind.MEDICAL
SCHOOL, FAMILY, MEDICAL, COMMUNITY, TEAM = (
    LegKind.SCHOOL,
    LegKind.FAMILY,
    LegKind.MEDICAL,
    LegKind.COMMUNITY,
    LegKind.TEAM,
)
RENAI, HOSPITAL, LINE = "renai", "hospital", "line"
ALL = frozenset({"in_app", "email", "wecom", "sms", "voice"})


def person(key: str, *channels: str) -> Reached:
    return Reached(key, frozenset(channels or ALL))


def sound(**changes: Any) -> Facts:
    """A school that lacks nothing."""
    facts = Facts(
        channels=ALL,
        layers={1: [person("zhou"), person("shen")], 2: [person("chen"), person(LINE, "voice")]},
        seats={kind: Chair(person(f"{kind}"), person(f"{kind}-deputy")) for kind in SeatKind},
        lines={LINE: person(LINE, "voice")},
        partners={
            RENAI: OfPartner(True, person(RENAI, "voice")),
            HOSPITAL: OfPartner(True, person(HOSPITAL, "voice")),
        },
    )
    return replace(facts, **changes)


def plan(kind: IncidentKind = PSY, grade: Grade = Grade.EXTREME) -> list[Step]:
    return drafted(kind, grade, [RENAI, HOSPITAL])


def without(steps: list[Step], leg: LegKind) -> list[Step]:
    return [step for step in steps if step.leg is not leg]


def put(leg: LegKind, position: int, **changes: Any) -> Callable[[list[Step]], list[Step]]:
    return lambda steps: [
        replace(step, **changes) if (step.leg, step.position) == (leg, position) else step for step in steps
    ]


def more(leg: LegKind, rule: StepRule, position: int = 7) -> Callable[[list[Step]], list[Step]]:
    return lambda steps: [*steps, Step(leg, position, rule, ("voice",))]


@pytest.mark.parametrize("kind", IncidentKind)
@pytest.mark.parametrize("grade", Grade)
def test_what_a_school_begins_with_stands_where_nothing_is_missing(kind: IncidentKind, grade: Grade) -> None:
    steps = plan(kind, grade)
    assert check(kind, grade, steps, sound()) == []
    assert {step.leg for step in steps} == needed_legs(kind, grade)


Change = Callable[[list[Step]], list[Step]]
SEATS: Mapping[SeatKind, Chair] = sound().seats
FAULTS: list[tuple[Fault, LegKind | None, int | None, str, Mender, Severity, Change | None, Mapping[str, Any]]] = [
    (Fault.LEG_EMPTY, COMMUNITY, None, "", Mender.CENTRE, Severity.STOPS, lambda steps: without(steps, COMMUNITY), {}),
    (
        Fault.LEG_ONLY_BY_HAND, MEDICAL, None, "", Mender.UNION, Severity.STOPS,
        lambda steps: [step for step in steps if step.rule.target is not Target.PARTNER], {},
    ),
    (Fault.LAYER_EMPTY, SCHOOL, 0, "1", Mender.CENTRE, Severity.STOPS, None, {"layers": {2: [person("chen")]}}),
    (Fault.LAYER_EMPTY, SCHOOL, 1, "2", Mender.CENTRE, Severity.WARNS, None, {"layers": {1: [person("zhou")]}}),
    (
        Fault.SEAT_EMPTY, SCHOOL, 2, "centre_head", Mender.CENTRE, Severity.STOPS, None,
        {"seats": {kind: chair for kind, chair in SEATS.items() if kind is not SeatKind.CENTRE_HEAD}},
    ),
    (
        Fault.SEAT_NO_DEPUTY, SCHOOL, 2, "centre_head", Mender.CENTRE, Severity.WARNS, None,
        {"seats": {**SEATS, SeatKind.CENTRE_HEAD: Chair(person("chen"))}},
    ),
    (
        Fault.SEAT_NO_DEPUTY, SCHOOL, 7, "doctor", Mender.CENTRE, Severity.STOPS,
        more(SCHOOL, StepRule(Target.DEPUTY, seat=SeatKind.DOCTOR)),
        {"seats": {**SEATS, SeatKind.DOCTOR: Chair(person("chen"))}},
    ),
    (
        Fault.LINE_ENDED, SCHOOL, 7, "", Mender.CENTRE, Severity.STOPS,
        more(SCHOOL, StepRule(Target.LINE, ref="gone")), {},
    ),
    (
        Fault.PARTNER_NO_AGREEMENT, MEDICAL, 1, "", Mender.UNION, Severity.STOPS, None,
        {"partners": {RENAI: OfPartner(False, person(RENAI)), HOSPITAL: OfPartner(True, person(HOSPITAL))}},
    ),
    (
        Fault.PARTNER_NO_AGREEMENT, MEDICAL, 2, "", Mender.UNION, Severity.STOPS, None,
        {"partners": {RENAI: OfPartner(True, person(RENAI))}},
    ),
    (
        Fault.PARTNER_NO_NUMBER, MEDICAL, 1, "", Mender.OPERATOR, Severity.STOPS, None,
        {"partners": {RENAI: OfPartner(True, None), HOSPITAL: OfPartner(True, person(HOSPITAL))}},
    ),
    (
        Fault.DIALS_SERVICE_NUMBER, MEDICAL, 1, "", Mender.OPERATOR, Severity.STOPS, None,
        {"partners": {RENAI: OfPartner(True, None, True), HOSPITAL: OfPartner(True, person(HOSPITAL))}},
    ),
    (
        Fault.ONLY_QUIET_CHANNELS, SCHOOL, 0, "", Mender.CENTRE, Severity.STOPS,
        put(SCHOOL, 0, channels=("in_app", "email")), {},
    ),
    (
        Fault.NO_CHANNEL, SCHOOL, 0, "", Mender.ADMIN, Severity.STOPS,
        put(SCHOOL, 0, channels=("in_app", "gateway")), {},
    ),
    (
        Fault.CHANNEL_MISSING, SCHOOL, 0, "gateway", Mender.ADMIN, Severity.WARNS,
        put(SCHOOL, 0, channels=("sms", "gateway")), {},
    ),
    (
        Fault.NOT_CARRIED, FAMILY, 0, "sms", Mender.ADMIN, Severity.WARNS, None,
        {"outside": ALL - {"sms"}, "entered": ALL},
    ),
    (Fault.ACCOUNT_SPENT, None, None, "voice", Mender.ADMIN, Severity.WARNS, None, {"an_hour": {"voice": 119}}),
    (
        Fault.UNREACHABLE, SCHOOL, 0, "zhou", Mender.ADMIN, Severity.WARNS, None,
        {"layers": {1: [person("zhou", "in_app", "email"), person("shen")], 2: [person("chen")]}},
    ),
    (
        Fault.FEW_PEOPLE, SCHOOL, None, "1", Mender.CENTRE, Severity.STOPS,
        lambda steps: [*without(steps, SCHOOL), Step(SCHOOL, 0, on_duty(2), ("wecom", "sms"))],
        {"layers": {2: [person("chen")]}},
    ),
    (
        Fault.ONE_PSYCHOLOGIST, SCHOOL, None, "", Mender.CENTRE, Severity.STOPS, None,
        {"layers": {1: [person("zhou")], 2: [person("zhou")]}},
    ),
    (
        Fault.FEW_PEOPLE, FAMILY, None, "1", Mender.CENTRE, Severity.STOPS,
        lambda steps: [step for step in steps if step.rule != contact(2)], {},
    ),
    (
        Fault.FEW_PEOPLE, MEDICAL, None, "1", Mender.CENTRE, Severity.WARNS,
        lambda steps: [step for step in steps if step.rule.ref != HOSPITAL], {},
    ),
    (
        Fault.FEW_CHANNELS, FAMILY, None, "1", Mender.ADMIN, Severity.STOPS,
        lambda steps: put(FAMILY, 1, channels=("voice",))(put(FAMILY, 0, channels=("voice",))(steps)), {},
    ),
    (
        Fault.WAIT_OUT_OF_BOUNDS, SCHOOL, 0, "5", Mender.CENTRE, Severity.STOPS, put(SCHOOL, 0, wait_minutes=6), {},
    ),
    (
        Fault.WAIT_OUT_OF_BOUNDS, SCHOOL, 0, "5", Mender.CENTRE, Severity.STOPS, put(SCHOOL, 0, wait_minutes=0), {},
    ),
    (Fault.STEP_TWICE, SCHOOL, 7, "", Mender.CENTRE, Severity.WARNS, more(SCHOOL, on_duty(1)), {}),
    (Fault.WRONG_LEG, SCHOOL, 7, "", Mender.CENTRE, Severity.STOPS, more(SCHOOL, contact(1)), {}),
    (
        Fault.WRONG_LEG, FAMILY, 7, "", Mender.CENTRE, Severity.STOPS, more(FAMILY, seat(SeatKind.PRINCIPAL)), {},
    ),
    (
        Fault.NO_AMBULANCE, None, None, "", Mender.CENTRE, Severity.STOPS,
        lambda steps: [step for step in steps if not step.is_by_hand], {},
    ),
    (
        Fault.TEXTS_SPENT, SCHOOL, None, "6", Mender.CENTRE, Severity.WARNS, None,
        {"layers": {1: [person("centre_head")], 2: [person("chen")]}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "leg", "position", "about", "mends", "severity", "change", "facts"),
    FAULTS,
    ids=[f"{row[0]}-{row[1] or 'plan'}-{row[2]}" for row in FAULTS],
)
def test_each_fault_is_found_at_its_place(
    fault: Fault,
    leg: LegKind | None,
    position: int | None,
    about: str,
    mends: Mender,
    severity: Severity,
    change: Change | None,
    facts: Mapping[str, Any],
) -> None:
    steps = change(plan()) if change else plan()
    found = check(PSY, Grade.EXTREME, steps, sound(**facts))
    assert Finding(fault, severity, mends, leg, position, about) in found
    unmended = check(PSY, Grade.EXTREME, plan(), sound())
    assert unmended == []


def test_an_hour_without_an_answer_is_counted_as_it_runs() -> None:
    """Each step in each round, a call twice; then four of the team and the operator, twelve times, texts five at most."""
    steps = [step for step in plan() if step.leg is FAMILY]
    assert needed_in_an_hour("voice", steps, sound()) == 2 * 3 * 2 + 5 * 12 * 2
    assert needed_in_an_hour("sms", steps, sound()) == 2 * 3 + 5 * 5
    assert check(PSY, Grade.EXTREME, plan(), sound(an_hour={"voice": 1000, "sms": 1000})) == []


def test_every_fault_has_a_case() -> None:
    assert {row[0] for row in FAULTS} == set(Fault)


def test_in_app_and_e_mail_alone_reach_nobody() -> None:
    quiet = [replace(step, channels=("in_app", "email")) for step in plan()]
    found = check(PSY, Grade.EXTREME, quiet, sound())
    assert {finding.leg for finding in found if finding.fault is Fault.FEW_PEOPLE} == set(LegKind)
    assert {(one.leg, one.position) for one in found if one.fault is Fault.ONLY_QUIET_CHANNELS} == {
        (step.leg, step.position) for step in quiet
    }


def test_the_same_person_twice_is_one_person() -> None:
    chair = Chair(person("zhou"), person("zhou"))
    facts = sound(layers={1: [person("zhou")], 2: [person("zhou")]}, seats=dict.fromkeys(SeatKind, chair))
    found = check(PSY, Grade.EXTREME, plan(), facts)
    assert {(one.leg, one.about) for one in found if one.fault is Fault.FEW_PEOPLE} == {(SCHOOL, "1"), (TEAM, "1")}


def test_a_plan_without_any_step_and_a_school_without_anything_are_told_all_at_once() -> None:
    empty = check(MED, Grade.GENERAL, [], Facts(frozenset()))
    assert [(one.fault, one.leg) for one in empty] == [
        (Fault.NO_AMBULANCE, None),
        *((Fault.LEG_EMPTY, leg) for leg in LegKind if leg in needed_legs(MED, Grade.GENERAL)),
    ]
    found = check(PSY, Grade.EXTREME, plan(), Facts(frozenset()))
    assert {one.fault for one in found if one.stops} >= {
        Fault.LAYER_EMPTY,
        Fault.SEAT_EMPTY,
        Fault.PARTNER_NO_AGREEMENT,
        Fault.NO_CHANNEL,
        Fault.FEW_PEOPLE,
    }
    assert len({one.key for one in found}) == len(found)


@pytest.mark.parametrize(
    ("changes", "more_steps", "is_short"),
    [
        ({"layers": {1: [person("zhou")]}}, [], True),
        ({"layers": {1: [person("zhou")], 2: [person("line")]}}, [], False),
        ({"layers": {1: [person("zhou")]}}, [StepRule(Target.LINE, ref=LINE)], False),
        ({"layers": {1: [person("zhou")]}}, [StepRule(Target.LINE, ref="gone")], True),
        (
            {
                "layers": {1: [person("zhou")]},
                "seats": {kind: chair for kind, chair in SEATS.items() if kind is not SeatKind.DISTRICT},
            },
            [seat(SeatKind.DISTRICT)],
            True,
        ),
        ({"layers": {1: [person("zhou")]}}, [seat(SeatKind.DISTRICT)], False),
    ],
    ids=["alone", "line-in-the-rota", "line-behind", "ended-line", "empty-district-seat", "district-seat"],
)
def test_one_psychologist_needs_a_line_or_the_districts_seat_behind_them(
    changes: Mapping[str, Any], more_steps: list[StepRule], is_short: bool
) -> None:
    """Chain §2. Where the body is ill the doctor comes first, and nobody of the profession is needed for it."""
    facts = replace(sound(), **{"lines": {**sound().lines, LINE: person(LINE)}} | dict(changes))
    for kind in IncidentKind:
        steps = plan(kind, Grade.MAJOR)
        for number, rule in enumerate(more_steps):
            steps = more(SCHOOL, rule, 7 + number)(steps)
        found = {finding.fault for finding in check(kind, Grade.MAJOR, steps, facts)}
        assert (Fault.ONE_PSYCHOLOGIST in found) is (is_short and kind is IncidentKind.PSYCHOLOGICAL)
