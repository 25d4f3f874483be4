"""How each leg stands at the opening (chain §1, §2): a table of answers, and what no answer may lead to."""

from itertools import product

import pytest

from referrals.emergency.rules.clocks import Clock
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.leg_states import ENDED, LegState
from referrals.emergency.rules.opening import Answers, HomeAnswer, starts

PSY, MED = IncidentKind.PSYCHOLOGICAL, IncidentKind.MEDICAL
GENERAL, MAJOR, EXTREME = Grade
SAFE, DANGER, UNKNOWN = HomeAnswer

EVERY = [
    Answers(*values)
    for values in product(
        IncidentKind, Grade, (True, False), (True, False), HomeAnswer, (True, False), (True, False, None)
    )
]


def states(answers: Answers) -> dict[str, str]:
    return {kind.value: start.state.value for kind, start in starts(answers).items()}


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        (Answers(PSY, GENERAL, True, home=SAFE), "paging not_required armed not_required not_required"),
        (Answers(PSY, MAJOR, True, home=SAFE), "paging not_required armed armed armed"),
        (Answers(PSY, EXTREME, True, home=SAFE), "paging paging paging paging paging"),
        (Answers(PSY, EXTREME, True, home=UNKNOWN), "paging paging armed paging paging"),
        (Answers(PSY, EXTREME, True, home=DANGER), "paging paging held paging paging"),
        (Answers(PSY, MAJOR, True, home=DANGER), "paging not_required held armed armed"),
        (Answers(PSY, EXTREME, False, home=SAFE), "paging paging armed armed armed"),
        (Answers(PSY, EXTREME, True, has_person=False), "paging paging not_required not_required not_required"),
        (Answers(PSY, GENERAL, True, needs_community=True), "paging not_required armed not_required paging"),
        (Answers(MED, GENERAL, True, home=SAFE, can_be_asked=True), "paging not_required armed armed not_required"),
        (Answers(MED, GENERAL, True, home=SAFE, can_be_asked=False), "paging not_required paging armed not_required"),
        (Answers(MED, MAJOR, True, home=SAFE, can_be_asked=True), "paging not_required armed paging armed"),
    ],
)  # fmt: skip
def test_the_table(answers: Answers, wanted: str) -> None:
    order = ("school", "team", "family", "medical", "community")
    assert [states(answers)[kind] for kind in order] == wanted.split()


@pytest.mark.parametrize("answers", EVERY, ids=str)
def test_whatever_is_answered(answers: Answers) -> None:
    found = starts(answers)
    assert set(found) == set(LegKind)
    for start in found.values():
        assert (start.state in ENDED) is (start.clock is Clock.NONE)
    assert found[LegKind.SCHOOL].state is LegState.PAGING
    family = found[LegKind.FAMILY].state
    if answers.home is DANGER:
        assert family in (LegState.HELD, LegState.NOT_REQUIRED)
    if family is LegState.PAGING:
        assert answers.is_graded and answers.has_person and answers.home is SAFE
        assert answers.grade is EXTREME or (answers.kind is MED and answers.can_be_asked is False)
    if not answers.is_graded or not answers.has_person:
        outside = {found[kind].state for kind in (LegKind.FAMILY, LegKind.MEDICAL, LegKind.COMMUNITY)}
        assert LegState.PAGING not in outside


def test_while_home_is_not_known_the_family_waits_five_minutes() -> None:
    start = starts(Answers(PSY, EXTREME, True, home=UNKNOWN))[LegKind.FAMILY]
    assert (start.state, start.clock, start.is_required) == (LegState.ARMED, Clock.HOME_UNKNOWN, True)
