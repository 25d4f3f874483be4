"""The organiser asks the families how it was, and closes the questions. The answers are nobody's (``surveys``)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from content.opendays.access import organised
from content.opendays.models import OpenDay
from content.opendays.states import DayState
from content.opendays.survey_questions import OPEN_DAY
from kernel.clock import now
from kernel.errors import Conflict, NotFound
from surveys.models import Survey
from surveys.workflow import close_survey, move_survey, open_survey
from tenancy.models import Tenant

ASKED_BEFORE_END: Final = timedelta(hours=1)
"""So long before the end the questions open: who leaves early scans the code on the way out."""
ANSWERED_FOR: Final = timedelta(days=14)
"""So long after the day answers are taken, unless the organiser closes them sooner."""


@transaction.atomic
def ask_families(*, actor: Actor, school: Tenant, open_day_id: UUID | str) -> Survey:
    """The link and the code for the questions; asked again they are the same. Conflict ``openday_not_on`` for a day that is
    a draft or called off.

    As many answers are taken as the day has seats: one person cannot fill the box for all.
    """
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    if day.state != DayState.OPEN:
        raise Conflict("openday_not_on")
    there = Survey.objects.filter(questionnaire=OPEN_DAY, subject=day.pk).first()
    if there is not None:
        return there
    survey = open_survey(
        questionnaire=OPEN_DAY,
        subject=day.pk,
        **_hours(day),
        fewest=school.settings.fewest_people,
        most=day.sessions.get(is_entry=True).capacity or 1,
    )
    record(actor=actor, action="openday.ask", obj=day)
    return survey


def move_questions(day: OpenDay) -> None:
    """The questions go with a day that was moved. Caller holds the day, its permission and the record."""
    survey = Survey.objects.filter(questionnaire=OPEN_DAY, subject=day.pk).first()
    if survey is not None:
        move_survey(survey_id=survey.pk, **_hours(day))


def _hours(day: OpenDay) -> dict[str, datetime]:
    return {
        "opens_at": max(day.starts_at, day.ends_at - ASKED_BEFORE_END),
        "closes_at": day.ends_at + ANSWERED_FOR,
    }


@transaction.atomic
def close_questions(*, actor: Actor, open_day_id: UUID | str) -> OpenDay:
    """From now on nobody answers, and what was said stands in the report. Twice is once; NotFound where nobody was asked.

    Conflict ``survey_too_soon`` before the day is over: it cannot be opened again.
    """
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    survey = Survey.objects.filter(questionnaire=OPEN_DAY, subject=day.pk).first()
    if survey is None:
        raise NotFound
    if now() < day.ends_at:
        raise Conflict("survey_too_soon")
    if survey.closed_at is None:
        close_survey(survey_id=survey.pk)
        record(actor=actor, action="openday.close_questions", obj=day)
    return day
