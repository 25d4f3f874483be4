"""A survey that anybody may answer, and answers to it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from content.opendays.survey_questions import OPEN_DAY
from kernel.clock import now
from kernel.identifiers import new_secret
from surveys.models import Survey
from surveys.workflow import answer_survey, open_survey


def ask(**values: Any) -> Survey:
    """Open since an hour, for a day. Call inside the school."""
    usual = {
        "questionnaire": OPEN_DAY,
        "subject": uuid4(),
        "opens_at": now() - timedelta(hours=1),
        "closes_at": now() + timedelta(days=1),
        "fewest": 5,
        "most": 200,
    }
    return open_survey(**{**usual, **values})


def say(survey: Survey, *, whole: int | None = 5, liked: str = "", key: str = "") -> None:
    """One answer by a form of its own."""
    answer_survey(
        token=survey.token,
        form_key=key or new_secret(),
        ratings={} if whole is None else {"whole": whole},
        words={"liked": liked},
    )


def counted(survey: Survey) -> dict[int, int]:
    """How many chose each value of the first question."""
    return dict(survey.counters.filter(question="whole").values_list("value", "number"))
