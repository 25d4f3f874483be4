"""What a family and an organiser type. Reading only: writers decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields import DayField, WholeField
from accounts.writer_form import WriterForm
from content.opendays.models import OpenDay, Session
from content.opendays.rules import Band
from content.opendays.workflow.answering import Answer
from content.opendays.workflow.days import Item, Plan
from kernel.errors import DomainError
from tenancy.models import Tenant
from ui.refusals import explain

BANDS: Final[tuple[tuple[Band, Any, range], ...]] = (
    (Band.ADULT, _("Grown-ups"), range(1, 5)),
    (Band.TEEN, _("14 to 17 years"), range(4)),
    (Band.CHILD, _("6 to 13 years"), range(4)),
    (Band.SMALL, _("Under 6 years"), range(4)),
)
"""What is asked, and the numbers that are offered."""


def _kept(days: int) -> str:
    return ngettext(
        "Such as Ms Wang. The people at the gate and the organiser see it; it is deleted after %(days)s day.",
        "Such as Ms Wang. The people at the gate and the organiser see it; it is deleted after %(days)s days.",
        days,
    ) % {"days": days}


class FamilyForm(WriterForm):
    """How many of which age, which sessions, how they are greeted, the car."""

    shows_all = True
    address = forms.CharField(
        label=_("How may we greet you?"),
        error_messages={"required": _("Say how we may greet you.")},
    )
    plate = forms.CharField(
        label=_("Number plate"),
        required=False,
        help_text=_("Only if you come by car. It is deleted at noon of the day after."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    may_wait = forms.BooleanField(label=_("If there are not enough seats, we wait in the line"), required=False)

    def __init__(self, sessions: Sequence[Session], data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for band, label, numbers in BANDS:
            self.fields[band.value] = forms.TypedChoiceField(
                label=label,
                choices=[(number, str(number)) for number in numbers],
                coerce=int,
                initial=1 if band is Band.ADULT else 0,
                widget=forms.RadioSelect,
                error_messages={"required": _("Say how many."), "invalid_choice": _("Choose one of the numbers.")},
            )
        self.fields["address"].help_text = _kept(sessions[0].open_day.names_kept_days)
        offered = [each for each in sessions if each.capacity is not None and not each.is_entry]
        self.fields["sessions"] = forms.TypedMultipleChoiceField(
            label=_("Come along to"),
            choices=[(str(each.pk), each.title) for each in offered],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": _("Choose from the programme.")},
        )

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened and the next step: the page stands, with all that was filled in."""
        row = explain(code, error.params)
        more = row.detail if code == "seats_left" else row.next_step
        return gettext("%(what)s. %(next)s") % {"what": row.title, "next": more}

    @property
    def counts(self) -> list[Any]:
        """The rows of numbers."""
        return [self[band.value] for band, _label, _numbers in BANDS]

    def said(self) -> Answer:
        """The cleaned form, as ``workflow.answering`` takes it."""
        data = self.cleaned_data
        return Answer(
            counts={band: data[band.value] for band, _label, _numbers in BANDS},
            sessions=[UUID(each) for each in data["sessions"]],
            address=data["address"],
            plate=data["plate"],
            may_wait=data["may_wait"],
        )


@dataclass(frozen=True, slots=True)
class _At:
    """Clock times of one day of the school's zone as moments."""

    day: date
    zone: ZoneInfo

    def moment(self, clock: time) -> datetime:
        return datetime.combine(self.day, clock, self.zone)


_TIME: Final = {"type": "time"}
_DAY: Final = {"type": "date"}


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs=_TIME, format="%H:%M"))


class PlanForm(WriterForm):
    """A day as its organiser types it."""

    shows_all = True
    names = {"starts_at": "starts", "ends_at": "ends", "answers_until": "until"}
    title = forms.CharField(label=_("Title"), help_text=_("What a family reads first, at most 40 signs."))
    summary = forms.CharField(label=_("Summary"), required=False)
    day = DayField(label=pgettext_lazy("open day", "Day"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    starts = _time(_("Begins"))
    ends = _time(_("Ends"))
    entrance = forms.CharField(label=_("Entrance"), help_text=_("Such as the east gate."))
    way = forms.CharField(label=_("How to come"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    capacity = WholeField(
        label=_("Seats in all"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("People, not families."),
    )
    until = DayField(label=_("Answers until the end of"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The refusal in words."""
        return explain(code, error.params).title

    def plan(self, school: Tenant) -> Plan:
        """The cleaned form, as ``workflow.days`` takes it. Answers end at midnight, at the latest when the day begins."""
        data, zone = self.cleaned_data, ZoneInfo(school.time_zone)
        at = _At(data["day"], zone)
        last = _At(data["until"], zone).moment(time(23, 59))
        starts_at = at.moment(data["starts"])
        return Plan(
            title=data["title"],
            summary=data["summary"],
            entrance=data["entrance"],
            way=data["way"],
            starts_at=starts_at,
            ends_at=at.moment(data["ends"]),
            answers_until=starts_at if data["until"] == data["day"] else last,
            capacity=data["capacity"],
        )

    @staticmethod
    def of(day: OpenDay, capacity: int, school: Tenant) -> dict[str, Any]:
        """What stands."""
        zone = ZoneInfo(school.time_zone)
        starts, ends, until = (each.astimezone(zone) for each in (day.starts_at, day.ends_at, day.answers_until))
        return {
            "title": day.title,
            "summary": day.summary,
            "day": starts.date(),
            "starts": starts.time(),
            "ends": ends.time(),
            "entrance": day.entrance,
            "way": day.way,
            "capacity": capacity,
            "until": until.date(),
        }


class SessionForm(WriterForm):
    """A session as the organiser types it."""

    shows_all = True
    names = {"starts_at": "starts", "ends_at": "ends", "place": "where"}
    title = forms.CharField(label=_("Title"))
    starts = _time(_("Begins"))
    ends = _time(_("Ends"))
    where = forms.CharField(label=_("Where"), required=False)
    note = forms.CharField(label=_("Note"), required=False)
    capacity = WholeField(
        label=_("Places"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("Empty: everybody may come along."),
    )

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The refusal in words."""
        return explain(code, error.params).title

    def item(self, day: OpenDay, school: Tenant) -> Item:
        """The cleaned form, as ``workflow.days`` takes it."""
        data, zone = self.cleaned_data, ZoneInfo(school.time_zone)
        at = _At(day.starts_at.astimezone(zone).date(), zone)
        return Item(
            title=data["title"],
            starts_at=at.moment(data["starts"]),
            ends_at=at.moment(data["ends"]),
            place=data["where"],
            note=data["note"],
            capacity=data["capacity"],
        )

    @staticmethod
    def of(session: Session, school: Tenant) -> dict[str, Any]:
        """What stands."""
        zone = ZoneInfo(school.time_zone)
        return {
            "title": session.title,
            "starts": session.starts_at.astimezone(zone).time(),
            "ends": session.ends_at.astimezone(zone).time(),
            "where": session.place,
            "note": session.note,
            "capacity": session.capacity,
        }


class GateForm(WriterForm):
    """What a gate is called."""

    shows_all = True
    gate = forms.CharField(label=_("Which gate"), help_text=_("Such as the east gate."))

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The refusal in words."""
        return explain(code, error.params).title
