"""What is typed at the emergency desk. Reading only: writers decide."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from accounts.fields import DayField, NameField, PlainField, ProseField, WholeField, choice_field
from referrals.emergency.centre.choices import OFFICE_ROLES, ChainForm, OneOfField, chosen, holders
from referrals.emergency.models import Layer, LineKind, Plan, Seat
from referrals.emergency.plan_facts import agreed_partners
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.numbers import SERVICE_NUMBERS
from referrals.emergency.rules.on_duty import Part, Shift, at_wall, cell_times, gaps
from referrals.emergency.rules.plan_steps import CHANNELS, MOST_WAIT, TARGETS
from referrals.emergency.rules.step_rules import SeatKind, StepRule, Target
from referrals.emergency.texts import CHANNEL_TEXTS, SEAT_TEXTS, TARGET_TEXTS
from referrals.emergency.workflow.holders import ON_DUTY_ROLES
from referrals.emergency.workflow.seats import ROLE_OF
from referrals.emergency.workflow.shifts import Draft
from tenancy.models import Tenant

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_TIME = {"type": "time"}
MOST_DAYS = 31
"""Days of one entry."""


class LineForm(ChainForm):
    """A line outside the school. ``is_new`` False: the number stands and is not asked."""

    name = NameField(
        label=pgettext_lazy("duty line", "Name"), max_length=60, help_text=_("As the rota shows it: 市心理热线")
    )
    number = PlainField(
        label=pgettext_lazy("duty line", "Number"),
        max_length=40,
        help_text=_(
            "A landline with area code, a mobile or a 400 number. Never 110, 120, 12356: those a person dials."
        ),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Whose line"), choices=LineKind.choices, widget=forms.RadioSelect)
    answers = ProseField(
        label=_("When it answers"), max_length=80, help_text=_("In words: every night from 20:00 to 8:00")
    )

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["number"]


class SeatForm(ChainForm):
    """Who holds a seat, who stands in, from when."""

    holder = OneOfField(label=pgettext_lazy("seat", "Held by"))
    deputy = OneOfField(
        label=_("Deputy"), required=False, help_text=_("Takes over whenever the holder is ill, away or concerned.")
    )
    since = DayField(label=pgettext_lazy("seat", "From"), widget=_DAY)

    def __init__(self, *args: Any, school: Tenant, kind: SeatKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = ROLE_OF.get(kind)
        choice_field(self, "holder").choices = holders(school, [role] if role else OFFICE_ROLES, empty=_("Choose"))
        choice_field(self, "deputy").choices = holders(school, OFFICE_ROLES, empty=_("Vacant"))

    def values(self) -> dict[str, Any]:
        """As ``workflow.seats.appoint`` takes them."""
        holder, holder_line = chosen(self.cleaned_data["holder"])
        return {
            "holder_id": holder,
            "holder_line_id": holder_line,
            **self.stand_in(),
            "since": self.cleaned_data["since"],
        }

    def stand_in(self) -> dict[str, Any]:
        """As ``workflow.seats.name_deputy`` takes them."""
        deputy, deputy_line = chosen(self.cleaned_data["deputy"])
        return {"deputy_id": deputy, "deputy_line_id": deputy_line}

    def keeps(self, held: Seat, today: date) -> bool:
        """Whether from ``today`` on the seat is held by whoever holds it already."""
        return self.cleaned_data["since"] == today and chosen(self.cleaned_data["holder"]) == (
            held.holder_id,
            held.holder_line_id,
        )


_PARTS = [
    (Part.DAY.value, _("Day, 8:00 to 20:00")),
    (Part.NIGHT.value, _("Night, 20:00 to 8:00")),
    ("whole", _("Both, 24 hours")),
    ("other", _("Other times")),
]


class ShiftForm(ChainForm):
    """One shift, or the same one on several days. Of a cell that is held in part, the open part is entered."""

    elsewhere = "who"
    who = OneOfField(label=_("Who is on duty"))
    layer = forms.ChoiceField(
        label=_("Called"),
        choices=[(Layer.FIRST.value, _("first")), (Layer.SECOND.value, _("second, when the first does not answer"))],
        widget=forms.RadioSelect,
        initial=Layer.FIRST.value,
    )
    first_day = DayField(label=_("Day"), widget=_DAY)
    last_day = DayField(
        label=_("Until and including"), required=False, widget=_DAY, help_text=_("Leave it empty for one day.")
    )
    part = forms.ChoiceField(label=_("When"), choices=_PARTS, widget=forms.RadioSelect, initial=Part.DAY.value)
    begins = forms.TimeField(label=_("From (other times)"), required=False, widget=forms.TimeInput(_TIME, "%H:%M"))
    ends = forms.TimeField(
        label=_("To (other times)"),
        required=False,
        widget=forms.TimeInput(_TIME, "%H:%M"),
        help_text=_("An earlier time than the first is meant for the next day."),
    )

    def __init__(self, *args: Any, school: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.school = school
        choice_field(self, "who").choices = holders(school, ON_DUTY_ROLES, empty=_("Choose"))

    def place(self, field: str) -> str | None:
        """Faults name the number of a shift: they stand at the day."""
        return "first_day" if field.isdigit() else super().place(field)

    def clean(self) -> dict[str, Any]:
        """Days in order, and times where they are needed."""
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and not timedelta() <= last - first < timedelta(days=MOST_DAYS):
            self.add_error("last_day", _("The last day lies at most 31 days after the first."))
        if data.get("part") == "other":
            for name in ("begins", "ends"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Say from when to when."))
        return data

    def drafts(self, shifts: Iterable[Shift], since: datetime) -> list[Draft]:
        """The shifts to enter: of every chosen time what ``shifts`` leave open from ``since`` on; all of it when nothing is
        open, or everything is over, so that the writer says so.
        """
        data, zone, held = self.cleaned_data, self.school.time_zone, list(shifts)
        holder, line = chosen(data["who"])
        layer = int(data["layer"])
        found = []
        times = self._times(zone)
        for starts_at, ends_at in [span for span in times if span[1] > since] or times:
            begins = min(max(starts_at, since), ends_at)
            holes = gaps(held, begins, ends_at, layer) if begins < ends_at else []
            spans = [(hole.starts_at, hole.ends_at) for hole in holes] or [(starts_at, ends_at)]
            found += [Draft(one, end, holder_id=holder, line_id=line, layer=layer) for one, end in spans]
        return found

    def _times(self, zone: str) -> list[tuple[datetime, datetime]]:
        data = self.cleaned_data
        first, last = data["first_day"], data["last_day"] or data["first_day"]
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        if data["part"] == "other":
            return [_span(day, data["begins"], data["ends"], zone) for day in days]
        parts = list(Part) if data["part"] == "whole" else [Part(data["part"])]
        return [cell_times(day, part, zone) for day in days for part in parts]


def _span(day: date, begins: time, ends: time, zone: str) -> tuple[datetime, datetime]:
    last = day if ends > begins else day + timedelta(days=1)
    return at_wall(day, begins, zone), at_wall(last, ends, zone)


class WeekForm(ChainForm):
    """Fourteen cells of a week, each with who is on duty; a cell that is held already is not asked."""

    def __init__(self, *args: Any, school: Tenant, cells: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = holders(school, ON_DUTY_ROLES, empty=_("Vacant"))
        self.open_cells = [cell for cell in cells if cell.gaps]
        for cell in self.open_cells:
            field = forms.ChoiceField(required=False, choices=choices, label=cell.label)
            self.fields[cell.name] = field
        self.numbers: list[str] = []

    def place(self, field: str) -> str | None:
        """The cell that the shift with this number was drawn from."""
        return self.numbers[int(field)] if field.isdigit() and int(field) < len(self.numbers) else super().place(field)

    def drafts(self, layer: int) -> list[Draft]:
        """A shift for every open part of a cell for which somebody was chosen."""
        found = []
        for cell in self.open_cells:
            holder, line = chosen(self.cleaned_data[cell.name])
            if holder or line:
                for hole in cell.gaps:
                    found.append(Draft(hole.starts_at, hole.ends_at, holder_id=holder, line_id=line, layer=layer))
                    self.numbers.append(cell.name)
        return found


_CHANNELS = [(name, CHANNEL_TEXTS[name]) for name in ("voice", "sms", "wecom", "gateway", "in_app", "email")]


class StepForm(ChainForm):
    """One step of a leg: whom it calls, how, and how long it waits. What a leg cannot call is not offered."""

    names = {"number": "target", "seat": "target", "partner": "target", "line": "target", "dial": "target"}
    target = forms.ChoiceField(label=_("Whom it calls"))
    channels = forms.MultipleChoiceField(
        label=_("How"),
        choices=_CHANNELS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Messages here and e-mail never count: at night nobody would notice."),
    )
    wait_minutes = WholeField(label=_("Wait for an answer, minutes"), required=False)

    def __init__(self, *args: Any, school: Tenant, plan: Plan, leg: LegKind, moment: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "target").choices = target_choices(school, leg, moment)
        most = MOST_WAIT[Grade(plan.grade)]
        self.fields["wait_minutes"].help_text = _(
            "Leave it empty for what the grade waits. At most %(most)s minutes."
        ) % {"most": most}
        self.initial.setdefault("channels", list(CHANNELS[leg]))

    def values(self) -> dict[str, Any]:
        """As ``workflow.plans.save_step`` takes them."""
        data = self.cleaned_data
        return {
            "rule": rule_of(data["target"]),
            "channels": data["channels"],
            "wait_minutes": data["wait_minutes"],
        }


def target_choices(school: Tenant, leg: LegKind, moment: datetime) -> list[tuple[Any, Any]]:
    """Every rule that a step of ``leg`` may have in this school, as ``target/detail``."""
    found: list[tuple[Any, Any]] = [("", _("Choose"))]
    for target in TARGETS[leg]:
        details = _details(school, target, moment)
        if details is None:
            found.append((target.value, TARGET_TEXTS[target]))
        elif details:
            found.append((TARGET_TEXTS[target], [(f"{target}/{key}", text) for key, text in details]))
    return found


def _details(school: Tenant, target: Target, moment: datetime) -> list[tuple[Any, Any]] | None:
    """What a target is completed by; None when it stands by itself."""
    match target:
        case Target.ON_DUTY:
            return [(1, _("First on duty")), (2, _("Second on duty"))]
        case Target.CONTACT:
            return [(1, pgettext("emergency", "First contact")), (2, pgettext("emergency", "Second contact"))]
        case Target.SEAT:
            return [(kind.value, SEAT_TEXTS[kind]) for kind in SeatKind]
        case Target.DEPUTY:
            return [(kind.value, _("Deputy: %(seat)s") % {"seat": SEAT_TEXTS[kind]}) for kind in SeatKind]
        case Target.PARTNER:
            agreed = agreed_partners(school, moment).values()
            return [(row.partner_id, row.partner.name) for row in sorted(agreed, key=lambda row: row.partner.sort_key)]
        case Target.LINE:
            return [(value.removeprefix("l-"), text) for value, text in _lines(school)]
        case Target.BY_HAND:
            return [(number, _("%(number)s, by hand") % {"number": number}) for number in SERVICE_NUMBERS]
    return None


def _lines(school: Tenant) -> list[tuple[str, Any]]:
    groups = holders(school, [], empty="")
    return next((rows for _title, rows in groups[1:]), [])


def value_of_rule(rule: StepRule) -> str:
    """The choice that stands for ``rule``."""
    detail = rule.number or rule.seat or rule.ref or rule.dial
    return f"{rule.target}/{detail}" if detail else rule.target.value


def rule_of(value: str) -> StepRule:
    """The rule of a choice. ValueError for one that was not offered."""
    name, _slash, detail = value.partition("/")
    target = Target(name)
    match target:
        case Target.ON_DUTY | Target.CONTACT:
            return StepRule(target, number=int(detail))
        case Target.SEAT | Target.DEPUTY:
            return StepRule(target, seat=SeatKind(detail))
        case Target.PARTNER | Target.LINE:
            return StepRule(target, ref=detail)
        case Target.BY_HAND:
            return StepRule(target, dial=detail)
    return StepRule(target)


class OperatorLineForm(ChainForm):
    """Which of the operator's lines stands behind the chain."""

    line = forms.ChoiceField(label=_("Operator's line"))

    def __init__(self, *args: Any, lines: Iterable[tuple[Any, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "line").choices = [("", _("Choose")), *lines]
