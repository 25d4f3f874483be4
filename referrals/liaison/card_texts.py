"""Words of a card with which the school hands somebody on: purposes, fields, answers, and what comes next."""

from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from referrals.liaison.card_states import CardField, CardPurpose, CardState, ReportNext, ReportOutcome
from referrals.liaison.models import ReturnReport
from ui.templatetags.ui import school_day, school_time

PURPOSE_TEXTS: Final[dict[str, Any]] = {
    CardPurpose.ASSESSMENT: pgettext_lazy("card", "Assessment by a doctor"),
    CardPurpose.MEDICINE: pgettext_lazy("card", "Advice about medicines"),
    CardPurpose.ADMISSION: pgettext_lazy("card", "Whether a stay in hospital is needed"),
    CardPurpose.TALKS: pgettext_lazy("card", "Further talks"),
    CardPurpose.SUPPORT: pgettext_lazy("card", "Help from the community"),
}
FIELD_TEXTS: Final[dict[str, Any]] = {
    CardField.ASK: pgettext_lazy("card", "What is asked of them"),
    CardField.NAME: pgettext_lazy("card", "Full name"),
    CardField.PHONE: pgettext_lazy("card", "Telephone of the person"),
    CardField.SITUATION: pgettext_lazy("card", "How things are"),
    CardField.TRIED: pgettext_lazy("card", "What the school has done"),
    CardField.MEDICINES: pgettext_lazy("card", "Medicines the person takes"),
    CardField.REACH: pgettext_lazy("card", "How to reach the centre"),
}
OUTCOME_TEXTS: Final[dict[str, Any]] = {
    ReportOutcome.SEEN: pgettext_lazy("report", "The person was here"),
    ReportOutcome.ELSEWHERE: pgettext_lazy("report", "Passed on to another place, with the person's knowledge"),
    ReportOutcome.NOT_COME: pgettext_lazy("report", "The person has not come"),
}
NEXT_TEXTS: Final[dict[str, Any]] = {
    ReportNext.NOTHING: pgettext_lazy("report", "Nothing more is needed"),
    ReportNext.THERE: pgettext_lazy("report", "It goes on here"),
    ReportNext.SCHOOL: pgettext_lazy("report", "The school's centre goes on"),
    ReportNext.BOTH: pgettext_lazy("report", "Both go on together"),
}


def card_next(state: CardState, until: datetime, partner: str) -> str:
    """What comes next, for the person."""
    values = {"by": school_time(until), "partner": partner}
    match state:
        case CardState.SHOWN:
            return _("Nothing has been sent. Read it, tick what may go along, and decide by %(by)s.") % values
        case CardState.SENT:
            return _("%(partner)s can open the card until %(by)s. Until it does, you can take the card back.") % values
        case CardState.READ:
            return _("%(partner)s has opened the card and can answer on it until %(by)s.") % values
        case CardState.ANSWERED:
            return (
                _("%(partner)s has answered. You and the psychological centre read the answer, nobody else.") % values
            )
        case CardState.REFUSED:
            return _("You said no. Nothing was sent, and what the centre wrote is deleted.")
        case CardState.WITHDRAWN:
            return _("The centre took it back before you answered. Nothing was sent.")
        case CardState.REVOKED:
            return _("You took the card back before it was opened. What it held is deleted.")
        case _:
            return _("Its time is over. The card can be opened by nobody any more.")


def report_rows(report: ReturnReport | None) -> list[tuple[str, Any]]:
    """The answer as ``(label, value)``; empty without one."""
    if report is None:
        return []
    rows: list[tuple[str, Any]] = [
        (_("What became of it"), OUTCOME_TEXTS[report.outcome]),
        (_("Who goes on"), NEXT_TEXTS[report.goes_on]),
    ]
    if report.back_on:
        rows.append((_("Back at work from"), school_day(report.back_on)))
    if report.advice:
        rows.append((_("What the school can do"), report.advice))
    rows.append((_("Answered on"), school_time(report.written_at)))
    return rows


def field_rows(values: dict[str, str]) -> list[tuple[Any, str]]:
    """What a card holds as ``(label, value)``, in the order of ``CardField``."""
    return [(FIELD_TEXTS[field], values[field.value]) for field in CardField if field.value in values]
