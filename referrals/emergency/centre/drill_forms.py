"""What is typed about a drill. Reading only: the writer decides."""

import re
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, PlainField, ProseField, choice_field
from accounts.told_apart import told_apart
from referrals.emergency.centre.choices import OFFICE_ROLES, ChainForm, colleagues
from referrals.emergency.centre.incident_forms import grade_choices
from referrals.emergency.drill_scenarios import WRITTEN
from referrals.emergency.incident_texts import FAULT_TEXTS, PART_TEXTS
from referrals.emergency.models import Drill, Home, Place, Scenario, chain_moment
from referrals.emergency.models.drills import MOST_TITLE, MOST_WORD
from referrals.emergency.rules.drills import PLAYED, DrillState, Inject, Part
from referrals.emergency.rules.grades import IncidentKind
from referrals.emergency.rules.on_duty import at_wall
from referrals.emergency.texts import KIND_TEXTS
from referrals.emergency.workflow.drilling import Plan
from tenancy.models import Tenant
from ui.states import sign_of
from workdays.clock import WorkCalendar
from workdays.selectors import calendar

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
_LINE = re.compile(r"^\s*(\d{1,3})\s*(?:分钟|分|min|[:：.,，、\s])\s*(.+)$")
_PARTS: Final = [part for part in Part if part in PLAYED]
WORD: Final = "停止演练"


def _field_of(part: Part) -> str:
    return f"part_{part.value.replace(':', '_')}"


class DrillForm(ChainForm):
    """A drill, filled in from its scenario."""

    names = {"planned_for": "day", "place": "where", "players": "themselves"}

    title = forms.CharField(label=pgettext_lazy("drill", "Title"), max_length=MOST_TITLE)
    day = DayField(label=_("Day"), widget=_DAY)
    begins = forms.TimeField(label=_("Begins at"), widget=_TIME)
    briefing = forms.CharField(
        label=_("Briefing"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Everybody who plays reads it before. No colleague's name as the person concerned."),
    )
    abort_word = PlainField(
        label=_("Word that stops the drill"), max_length=MOST_WORD, help_text=_("Whoever plays can say it at any time.")
    )
    signs = forms.CharField(label=_("What is reported"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(label=pgettext_lazy("plan", "Kind"), choices=[], widget=forms.RadioSelect)
    suggested = forms.ChoiceField(label=_("Grade that is suggested"), choices=[], widget=forms.RadioSelect)
    home = forms.ChoiceField(label=_("Danger at home"), choices=Home.choices, widget=forms.RadioSelect)
    where = forms.ChoiceField(label=_("Where"), choices=Place.choices, widget=forms.RadioSelect)
    danger_now = forms.BooleanField(label=_("In danger now"), required=False)
    messages = forms.CharField(
        label=_("Messages by minute"),
        required=False,
        max_length=8_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One line each: the minute, a blank, what is said."),
    )
    themselves = forms.MultipleChoiceField(
        label=_("Who plays themself, in their own post"), choices=[], widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, school: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.school = school
        people = [(str(pk), words) for pk, words in told_apart(colleagues(school, OFFICE_ROLES)).items()]
        choice_field(self, "kind").choices = [(kind.value, KIND_TEXTS[kind]) for kind in IncidentKind]
        choice_field(self, "suggested").choices = grade_choices()
        choice_field(self, "themselves").choices = people
        for part in _PARTS:
            self.fields[_field_of(part)] = forms.ChoiceField(
                label=str(PART_TEXTS[part]), choices=[("", _("Nobody plays it")), *people], required=False
            )

    @property
    def parts(self) -> list[forms.BoundField]:
        """The fields of the played parties."""
        return [self[_field_of(part)] for part in _PARTS]

    def clean_messages(self) -> list[Inject]:
        """Each line as a message; ValidationError for one without a minute."""
        found = []
        for line in str(self.cleaned_data["messages"]).splitlines():
            if not line.strip():
                continue
            read = _LINE.match(line)
            if read is None:
                raise forms.ValidationError(_("One line each: the minute, a blank, what is said."), code="invalid")
            found.append(Inject(int(read[1]), read[2].strip()))
        return found

    def plan(self, scenario: str) -> Plan:
        """What was typed, for the writer."""
        data = self.cleaned_data
        players = [(UUID(pk), Part.SELF.value) for pk in data["themselves"]]
        players += [(UUID(data[_field_of(part)]), part.value) for part in _PARTS if data[_field_of(part)]]
        given = {name: data[name] for name in ("title", "briefing", "abort_word", "signs", "kind", "suggested", "home")}
        return Plan(
            **given,
            place=data["where"],
            danger_now=data["danger_now"],
            messages=data["messages"],
            scenario=scenario,
            planned_for=at_wall(data["day"], data["begins"], self.school.time_zone),
            players=players,
        )


def proposed_day(today: date, known: WorkCalendar) -> date:
    """In two weeks, or on the first day after it on which the school works: on a day off nobody comes to play."""
    day = today + timedelta(days=14)
    while not known.is_workday(day):
        day += timedelta(days=1)
    return day


def first_words(school: Tenant, scenario: str) -> dict[str, Any]:
    """How the form of a new drill is filled in."""
    day = proposed_day(school.day_of(chain_moment()), calendar())
    values: dict[str, Any] = {"day": day, "begins": "15:30", "abort_word": WORD}
    written = WRITTEN.get(scenario)
    if written is None:
        return values | {"kind": "psychological", "suggested": "extreme", "home": "safe", "where": "school"}
    return values | {
        "title": written.title,
        "briefing": written.briefing,
        "signs": written.signs,
        "kind": written.kind.value,
        "suggested": written.suggested.value,
        "home": written.home.value,
        "where": written.place.value,
        "danger_now": written.danger_now,
        "messages": _lines(written.messages),
    }


def words_of(drill: Drill, school: Tenant) -> dict[str, Any]:
    """How the form of one that is planned is filled in."""
    local = drill.planned_for.astimezone(ZoneInfo(school.time_zone))
    values: dict[str, Any] = {
        "day": local.date(),
        "begins": local.time(),
        "messages": _lines(drill.messages),
        "themselves": [],
    }
    for name in ("title", "briefing", "abort_word", "signs", "kind", "suggested", "home", "danger_now"):
        values[name] = getattr(drill, name)
    values["where"] = drill.place
    for member, part in drill.players.values_list("member_id", "part"):
        if part == Part.SELF:
            values["themselves"].append(str(member))
        else:
            values[_field_of(Part(part))] = str(member)
    return values


def _lines(rows: Any) -> str:
    return "\n".join(f"{row.minute} {row.text}" for row in rows)


class FaultForm(ChainForm):
    """Which step goes wrong, and how."""

    elsewhere = "step"
    step = forms.ChoiceField(label=_("Which step"), choices=[])
    fault = forms.ChoiceField(
        label=_("What goes wrong"), required=False, choices=[("", _("Nothing any more")), *FAULT_TEXTS.items()]
    )

    def __init__(self, *args: Any, steps: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "step").choices = steps


class WordForm(ChainForm):
    """The word that stops it."""

    elsewhere = "word"
    word = PlainField(label=_("Word that stops the drill"), max_length=MOST_WORD * 3)


class LearntForm(ChainForm):
    """What was learnt."""

    names = {"learnt": "words"}
    elsewhere = "words"
    words = forms.CharField(label=_("What was learnt"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 5}))


class ChangeForm(ChainForm):
    """What will be changed, by whom, until when."""

    what = ProseField(label=_("What will be changed"), max_length=200)
    who = forms.ChoiceField(label=_("By whom"), choices=[])
    until = DayField(label=_("Until"), widget=_DAY)

    def __init__(self, *args: Any, school: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(pk), words) for pk, words in told_apart(colleagues(school, OFFICE_ROLES)).items()]
        choice_field(self, "who").choices = people


class DrillFilter(forms.Form):
    """What is looked for among drills."""

    q = forms.CharField(label=pgettext_lazy("drill", "Title"), required=False, max_length=MOST_TITLE)
    state = forms.ChoiceField(label=_("State"), required=False)
    scenario = forms.ChoiceField(label=_("Scenario"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [(state.value, sign_of(state.value, "drill").text) for state in DrillState]
        choice_field(self, "state").choices = [("", _("All")), *states]
        choice_field(self, "scenario").choices = [("", _("All")), *Scenario.choices]
