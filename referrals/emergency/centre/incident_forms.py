"""What is typed about an incident: the opening's questions, a reason, who said what by telephone, filters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DayField, WholeField, choice_field
from kernel.fold import fold_lines, fold_prose
from referrals.emergency.incident_texts import GRADE_SAYS
from referrals.emergency.models import Company, Home, Outcome, Place
from referrals.emergency.rules.clocks import ETAS
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.workflow.agreeing import MOST_WORDS as MOST_PLAN_WORDS
from referrals.emergency.workflow.holding import MOST_CARD_WORDS
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.opening import MOST_SIGNS, is_found_lately
from referrals.emergency.workflow.reasons import SHORTEST_REASON
from ui.states import sign_of

MOST_WORDS: Final = 500
_KINDS: Final = (
    (IncidentKind.PSYCHOLOGICAL.value, _("In distress, or speaks of ending their life")),
    (IncidentKind.MEDICAL.value, _("Ill or hurt")),
)
_ASKED: Final = (("", _("Not known")), ("yes", _("Yes")), ("no", _("No")))


def _area(label: Any, *, rows: int = 3, most: int = MOST_WORDS, least: int = 0, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        min_length=least or None,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def grade_choices() -> list[tuple[str, Any]]:
    """Each grade with its name; what it means stands beside it on the page."""
    return [(grade.value, sign_of(grade.value, "grade").text) for grade in Grade]


class OpeningForm(forms.Form):
    """The questions of the opening (chain §1). ``person`` comes from the page's search; ``""``: not known."""

    danger_now = forms.BooleanField(label=_("Life is in danger at this moment"), required=False)
    by_line = forms.BooleanField(label=_("Somebody rang: it came by the school's landline or 400 line"), required=False)
    grade = forms.ChoiceField(label=_("How grave"), choices=grade_choices, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("What sort"), choices=_KINDS, widget=forms.RadioSelect)
    signs = _area(
        _("What was seen or heard"),
        most=MOST_SIGNS,
        help_text=_("Facts, one or two sentences. No diagnosis."),
    )
    found_at = forms.DateTimeField(
        label=_("When it was noticed"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    place = forms.ChoiceField(label=_("Where they are"), choices=[("", _("Not known")), *Place.choices], required=False)
    place_words = forms.CharField(
        label=_("More exactly"), required=False, max_length=MOST_WORDS, help_text=_("Room, street, city.")
    )
    company = forms.ChoiceField(label=_("Who is with them"), choices=Company.choices, initial=Company.UNKNOWN)
    home = forms.ChoiceField(
        label=_("Could somebody at home be the danger"),
        choices=[
            (Home.UNKNOWN.value, Home.UNKNOWN.label),
            (Home.SAFE.value, Home.SAFE.label),
            (Home.DANGER.value, Home.DANGER.label),
        ],
        initial=Home.UNKNOWN,
        help_text=_("If so, the family is not called until two people say so."),
    )
    can_be_asked = forms.ChoiceField(label=_("If ill: can they be asked themselves"), choices=_ASKED, required=False)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        self.zone = ZoneInfo(zone)
        self.assumed: list[str] = []
        """Labels of what was missing or could not be read, and was taken at its gravest: only with "in danger now"."""
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """A life in danger is never refused for what is missing (chain §1): the gravest sensible answer stands for it."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("danger_now"):
            self._assume(given)
        return given

    def _assume(self, given: dict[str, Any]) -> None:
        moment = chain_now()
        here = moment.astimezone(self.zone).replace(tzinfo=None)
        found_at = given.get("found_at")
        if found_at is not None and not is_found_lately(found_at.replace(tzinfo=self.zone), moment):
            given.pop("found_at")
        if not fold_prose(given.get("signs", "")).strip():
            given.pop("signs", None)
        typed = {name: self.data.get(name, "").replace("\0", "") for name in ("signs", "place_words")}
        gravest: dict[str, Any] = {
            "grade": Grade.EXTREME.value,
            "kind": IncidentKind.PSYCHOLOGICAL.value,
            "signs": fold_lines(typed["signs"])[:MOST_SIGNS].strip() or str(_("Not written.")),
            "found_at": here,
            "place": "",
            "place_words": fold_prose(typed["place_words"])[:MOST_WORDS],
            "company": Company.UNKNOWN.value,
            "home": Home.UNKNOWN.value,
            "can_be_asked": "",
        }
        for name, value in gravest.items():
            if name not in given:
                self.errors.pop(name, None)
                given[name] = value
                self.assumed.append(str(self.fields[name].label))

    def opening(self, person_id: UUID | None) -> Opening:
        """What the writer takes."""
        given = self.cleaned_data
        found_at: datetime = given["found_at"].replace(tzinfo=self.zone)
        asked = {"yes": True, "no": False}.get(given["can_be_asked"])
        return Opening(
            kind=given["kind"],
            grade=given["grade"],
            found_at=found_at,
            signs=given["signs"],
            person_id=person_id,
            danger_now=given["danger_now"],
            by_line=given["by_line"],
            home=given["home"],
            place=given["place"],
            place_words=given["place_words"],
            company=given["company"],
            can_be_asked=asked if given["kind"] == IncidentKind.MEDICAL else None,
        )


class ReasonForm(forms.Form):
    """Why, so that somebody understands it later."""

    reason = _area(
        _("Why"),
        least=SHORTEST_REASON,
        help_text=_("At least twenty characters. Whoever looks at it later reads this."),
    )


class ChosenForm(forms.Form):
    """A form one of whose fields offers what holds for one leg now: ``choices`` of the field ``chosen``."""

    chosen = ""

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, self.chosen).choices = list(choices)
        self.has_choices = bool(choices)


class ReplaceForm(ChosenForm):
    """Who is called instead, and for the family the person's own yes."""

    chosen = "choice"
    choice = forms.ChoiceField(
        label=_("Who is called instead"),
        widget=forms.RadioSelect,
        help_text=_(
            "Whom the plan or the person has named and who can be reached now. Who was called before is not called again."
        ),
    )
    agreed_how = forms.CharField(
        label=_("How and when the person agreed"),
        max_length=MOST_WORDS,
        required=False,
        help_text=_("For the family below “extreme” this is needed: it is the person's own yes."),
    )


class HandOverForm(ChosenForm):
    """Which colleague is asked."""

    chosen = "colleague"
    colleague = forms.ChoiceField(
        label=_("Who is asked"),
        widget=forms.RadioSelect,  # nobody is chosen by a slip of the finger
        help_text=_("They are told at once, also by telephone."),
    )


class CallForm(ChosenForm):
    """Whom, and why without their agreement."""

    chosen = "contact"
    contact = forms.ChoiceField(label=_("Who is called"), widget=forms.RadioSelect)
    reason = _area(
        _("Why it cannot wait"),
        least=SHORTEST_REASON,
        help_text=_(
            "At least twenty characters. The person and the contact are told afterwards that and why this was done."
        ),
    )


class NeverForm(ChosenForm):
    """Who is never to be called: one of the three."""

    chosen = "contact"
    contact = forms.ChoiceField(label=_("A contact"), required=False)
    phone = forms.CharField(
        label=_("Or a telephone number"),
        required=False,
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    colleague = forms.CharField(
        label=_("Or a colleague, by name"),
        required=False,
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_(
            "As the school writes it. Whoever has a line of this incident loses it at once, and somebody else is called."
        ),
    )
    department = forms.CharField(
        label=_("Department"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Only if several people have this name."),
    )
    reason = _area(
        _("Why"),
        least=SHORTEST_REASON,
        help_text=_("At least twenty characters. Whoever looks at it later reads this."),
    )


class NeverLiftForm(ChosenForm):
    """Which row that was written on duty is taken off, and why."""

    chosen = "never"
    never = forms.ChoiceField(label=_("Who may be called again"), widget=forms.RadioSelect)
    reason = _area(
        _("Why"),
        least=SHORTEST_REASON,
        help_text=_("At least twenty characters. Whoever looks at it later reads this."),
    )


class AgreedPlanForm(forms.Form):
    """One page between person, family and centre. ``after``: the version that was seen."""

    agreed_on = DayField(
        label=_("Agreed on"), widget=forms.DateInput({"type": "date", "autocomplete": "off"}, "%Y-%m-%d")
    )
    signs = _area(_("How I notice that it gets hard again"), most=MOST_PLAN_WORDS)
    person = _area(_("What I do then, and whom I call"), most=MOST_PLAN_WORDS)
    family = _area(_("What my family does"), most=MOST_PLAN_WORDS)
    centre = _area(_("What the centre does"), most=MOST_PLAN_WORDS)
    after = WholeField(widget=forms.HiddenInput, min_value=0)


class EtaForm(forms.Form):
    """When somebody will be there."""

    eta = forms.TypedChoiceField(
        label=_("Minutes from now"), choices=[(eta, str(eta)) for eta in ETAS], coerce=int, widget=forms.RadioSelect
    )


class BehalfForm(EtaForm):
    """Somebody outside said it by telephone; a colleague writes it down."""

    on_behalf_of = forms.CharField(
        label=_("Who said so, and from which number"), max_length=120, help_text=_("Name and telephone number.")
    )
    field_order = ("on_behalf_of", "eta")


class ThereForm(forms.Form):
    """Somebody outside is there."""

    on_behalf_of = forms.CharField(
        label=_("Who said so, and from which number"), max_length=120, help_text=_("Name and telephone number.")
    )


class ReceiverForm(forms.Form):
    """Who has the person now."""

    receiver = forms.CharField(label=_("Where the person is, and who has taken over"), max_length=MOST_WORDS)


class AgreementForm(forms.Form):
    """How and when the person agreed. Asked for where the family is called below the gravest grade."""

    agreed_how = forms.CharField(
        label=_("How and when the person agreed"),
        max_length=MOST_WORDS,
        required=False,
        help_text=_("For the family below “extreme” this is needed: it is the person's own yes."),
    )


class PlaceForm(forms.Form):
    """Where the family is asked to come."""

    words = forms.CharField(
        label=_("Meeting place"),
        max_length=MOST_WORDS,
        help_text=_("After speaking to the contact. Not the person's own place by itself."),
    )


class CardWordsForm(forms.Form):
    """What the hospital or the community should know."""

    words = forms.CharField(
        label=_("What they should know"),
        max_length=MOST_CARD_WORDS,
        widget=forms.Textarea,
        help_text=_("Stands on the page of whoever takes it, and nowhere else outside. The newest words count."),
    )


class GradeForm(forms.Form):
    """A grade; a lower one needs a reason."""

    grade = forms.ChoiceField(label=_("How grave"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For a lower grade: at least twenty characters."),
    )

    def __init__(self, *args: Any, grades: Sequence[Grade], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "grade").choices = [
            (grade.value, f"{sign_of(grade.value, 'grade').text} · {GRADE_SAYS[grade]}") for grade in grades
        ]


class CloseForm(forms.Form):
    """How it ended."""

    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[(value, text) for value, text in Outcome.choices if value != Outcome.UNFOUNDED],
        widget=forms.RadioSelect,
    )


class ClosedFilter(forms.Form):
    """What is looked for among those that ended."""

    q = forms.CharField(label=_("Number"), required=False, max_length=20)
    grade = forms.ChoiceField(label=_("Grade"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "grade").choices = [("", _("All")), *grade_choices()]
        choice_field(self, "outcome").choices = [("", _("All")), *Outcome.choices]
