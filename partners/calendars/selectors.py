"""The opening of an institution, read from its rows. Both tables are global, so any scope may read them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from kernel.clock import now
from partners.calendars.models import Closure, OpeningHours
from partners.calendars.opening import Hours, Opening, Stretch
from tenancy.messages import Question, together
from tenancy.page_memory import OnceAPage
from workdays.clock import WorkCalendar
from workdays.selectors import ask_calendar, calendar

_KEPT: Final = timedelta(days=2)
"""Closures of yesterday still matter: a stretch may have begun before midnight."""


@OnceAPage
def opening_of(institution_id: UUID) -> Opening:
    """Its weekly hours, and the closures that are not long over. One query."""
    return openings_of({institution_id})[institution_id]


def opening_and_calendar(institution_id: UUID) -> tuple[Opening, WorkCalendar]:
    """Its hours, and the workdays of the open school: what a choice of times is drawn from. One query."""
    if not (opening_of.is_known(institution_id) or calendar.is_known()):
        hours, days = ask_openings({institution_id}), ask_calendar()
        together(*hours.querysets, *days.querysets)
        opening, workdays = hours.answer()[institution_id], days.answer()
        opening_of.know(opening, institution_id)
        calendar.know(workdays)
        return opening, workdays
    return opening_of(institution_id), calendar()


def openings_of(institution_ids: Collection[UUID]) -> dict[UUID, Opening]:
    """Those of several institutions, each of them in the answer. One query."""
    return ask_openings(institution_ids).ask()


def ask_openings(institution_ids: Collection[UUID]) -> Question[dict[UUID, Opening]]:
    """The same, to be asked together with others."""
    weeks = OpeningHours.objects.filter(institution_id__in=institution_ids).order_by("weekday", "opens")
    shut = Closure.objects.filter(institution_id__in=institution_ids, during__endswith__gt=now() - _KEPT)
    of_weeks = weeks.values_list("institution_id", "weekday", "opens", "closes")
    of_closures = shut.order_by("during").values_list("institution_id", "during")

    def answer() -> dict[UUID, Opening]:
        hours: dict[UUID, list[Hours]] = defaultdict(list)
        for key, *row in of_weeks:
            hours[key].append(Hours(*row))
        closures: dict[UUID, list[Stretch]] = defaultdict(list)
        for key, during in of_closures:
            closures[key].append(Stretch(during.lower, during.upper))
        return {key: Opening(hours=tuple(hours[key]), closures=tuple(closures[key])) for key in institution_ids}

    return Question((of_weeks, of_closures), answer)
