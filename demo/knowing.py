"""What everyone at a demo school is to have, who has it already, and the tips that families get."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from accounts.actor import Actor
from kernel.clock import as_of
from readings.kinds import kinds
from readings.models import ProofKind
from readings.workflow import issue_reading, prove_by_quiz, prove_read
from tips.pages import published
from tips.workflow.ordering import add_tip, make_series

_GIVEN_OUT: Final = timedelta(days=10)
_DUE: Final = timedelta(days=12)
_QUIZ: Final[Sequence[dict[str, Any]]] = (
    {
        "question": "家长情绪很激动，先做什么？",
        "right": "先听完，再复述一遍他担心的事",
        "wrong": ["先说明学校没有责任", "请他冷静下来再谈"],
    },
    {
        "question": "谈到孩子的问题，从哪里说起？",
        "right": "从看到的一件具体的事",
        "wrong": ["从平时的总体印象", "从别的同学怎么说"],
    },
    {
        "question": "谈完自己很难受，可以怎么办？",
        "right": "歇一歇，也可以找心理中心说说",
        "wrong": ["忍一忍就过去了", "在班级群里解释清楚"],
    },
)
_OUT: Final = (
    ("page", "家校沟通指南", ProofKind.QUIZ, ()),
    ("page", "危机清单：看见、陪着、叫人、交接", ProofKind.READ, ()),
    ("page", "撑不住的时候，从哪里开始", ProofKind.READ, ()),
    ("briefing", "演练须知：同事说“不想活了”", ProofKind.READ, ("duty", "principal", "moral", "doctor", "centre")),
)
"""Kind, title, proof, roles: the guide for talking with parents (13.7), the crisis checklist (12.10), how to get help, the
briefing of a drill (14.1)."""


def give_out(issuer: Actor, staff: Sequence[Actor], *, today: datetime) -> int:
    """Give four documents out in the open school, as if ten days ago; most of ``staff`` have read. How many were given."""
    begun = today - _GIVEN_OUT
    given = 0
    for kind, title, proof, roles in _OUT:
        ref = next((ref for ref, name in kinds()[kind].choices() if name == title), None)
        if ref is None:  # a college has other pages
            continue
        with as_of(begun):
            reading = issue_reading(
                actor=issuer,
                kind=kind,
                ref=ref,
                due_on=(today + _DUE).date(),
                proof=proof.value,
                roles=roles,
                questions=_QUIZ if proof is ProofKind.QUIZ else (),
            )
        given += 1
        for number, person in enumerate(staff if not roles else ()):
            if number % 4 == given % 4:
                continue
            with as_of(begun + timedelta(hours=number % 40 + 2)):
                _read(person, reading.pk, proof)
    return given


def _read(person: Actor, reading_id: Any, proof: ProofKind) -> None:
    if proof is ProofKind.QUIZ:
        prove_by_quiz(actor=person, reading_id=reading_id, answers=[str(one["right"]) for one in _QUIZ])
    else:
        opened = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
        prove_read(actor=person, reading_id=reading_id, opened_at=opened)


def order_tips(editor: Actor, *, today: date) -> int:
    """A series with the school's tips, the oldest first; how many stand in it."""
    pages = list(published())[::-1]
    series = make_series(actor=editor, title="一学期的小贴士", starts_on=today - timedelta(days=30), every_days=7)
    for page in pages:
        add_tip(actor=editor, series_id=series.pk, page=page.pk)
    return len(pages)
