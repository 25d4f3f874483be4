"""What the operator types of a school, and what its administrator sets. Reading only: writers decide."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields import EmailField, NameField, PlainField, WholeField, choice_field
from accounts.writer_form import WriterForm
from content.library import library_stock
from kernel.errors import DomainError
from partners.kinds import ServiceKind
from people.administrators import EMAIL_MAX, NAME_MAX
from people.lost_factor import Check
from people.texts import refusal_text
from referrals.kinds import KINDS
from referrals.texts import DECIDERS
from schools.setting_texts import SETTINGS
from tenancy.models import Tenant, TenantKind
from tenancy.rules import BOUNDS, REMINDABLE_DAYS, TenantRules
from ui.refusals import explain

_KINDS = [choice for choice in TenantKind.choices if choice[0] != TenantKind.PLATFORM]
_TEL = {"type": "tel", "inputmode": "tel", "autocomplete": "off"}


class SchoolFilter(forms.Form):
    """What narrows the list; nothing is required."""

    q = forms.CharField(label=_("Name or address"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *_KINDS])


class SchoolWriterForm(WriterForm):
    """Shows a refusal with the sentences of ``people.texts``, else of ``ui.refusals``."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The people's own sentence, else the refusal's title."""
        return refusal_text(code, error.params) or explain(code, error.params).title


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together; ``is_paired``: two beside each other where there is room."""

    key: str
    title: Any
    names: tuple[str, ...]
    text: Any = ""
    is_paired: bool = True


class SectionedForm(SchoolWriterForm):
    """A long form, drawn section by section (``schools/form_sections.html``)."""

    SECTIONS: ClassVar[tuple[Section, ...]] = ()

    def sections(self) -> list[tuple[Section, list[forms.BoundField]]]:
        """Each section with its fields."""
        return [(section, [self[name] for name in section.names]) for section in self.SECTIONS]


class _DutyFields(forms.Form):
    duty_phone = PlainField(
        label=_("Duty telephone"),
        max_length=30,
        required=False,
        help_text=_("The school's own line. It stands in the help bar at the top of every page."),
        widget=forms.TextInput(attrs=_TEL),
    )
    duty_hours = forms.CharField(
        label=_("Duty hours"),
        max_length=60,
        required=False,
        help_text=_(
            "Such as: workdays 8:00–20:00. Outside these hours every page says that nobody answers, and names 12356 first. "
            "While the emergency chain is live whoever is on duty answers at every hour, and the pages say that instead."
        ),
    )


class DetailsForm(_DutyFields, SchoolWriterForm):
    """What the operator may change of a school. Address, kind and letters stay: pages and vouchers carry them."""

    name = forms.CharField(label=_("Name of the school"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    district = forms.CharField(label=_("District"), max_length=40, required=False)
    field_order = ("name", "name_en", "district", "duty_phone", "duty_hours")


class AdministratorForm(SchoolWriterForm):
    """Another administrator."""

    elsewhere = "email"
    name = NameField(label=pgettext_lazy("person", "Name"), max_length=NAME_MAX)
    email = EmailField(
        label=_("E-mail"), max_length=EMAIL_MAX, help_text=_("The invitation goes there. It works once.")
    )


class LostFactorForm(SchoolWriterForm):
    """Whose second step is taken off, and how it was made sure who asks."""

    elsewhere = "email"
    email = EmailField(
        label=_("E-mail of the account"),
        max_length=EMAIL_MAX,
        help_text=_("The address that the person signs in with."),
    )
    check = forms.ChoiceField(
        label=_("How you made sure who asks"),
        help_text=_("Never on a message or a call alone: whoever has stolen a password would ask in the same words."),
        choices=[
            (Check.SEEN, _("I saw the person and their papers")),
            (Check.CALLED_BACK, _("I called back, on the number that the school or the agency has")),
            (Check.SCHOOL_CONFIRMED, _("The school or the agency confirmed it in writing")),
        ],
        widget=forms.RadioSelect,
    )


class SchoolForm(_DutyFields, SectionedForm):
    """What a new school needs, and its first administrator; the rest are defaults that it may change itself."""

    elsewhere = "slug"
    name = forms.CharField(label=_("Name of the school"), max_length=80)
    slug = forms.RegexField(
        r"^[a-z][a-z0-9-]{1,29}$",
        label=_("Short name in the address"),
        max_length=30,
        help_text=_("Lower-case letters, such as yucai"),
        error_messages={
            "invalid": _("An address is made of small letters, digits and hyphens, and begins with a letter.")
        },
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=_KINDS)
    code = forms.RegexField(
        r"^[A-Z]{2,4}$", label=_("Letters on vouchers"), help_text=_("Two to four capital letters, such as YC")
    )
    district = forms.CharField(label=_("District"), max_length=40, required=False)
    administrator_name = NameField(label=_("Name of the administrator"), max_length=NAME_MAX)
    administrator_email = EmailField(label=_("E-mail of the administrator"), max_length=EMAIL_MAX)
    takes_library = forms.BooleanField(label=_("Take the pages of the library"), required=False, initial=True)
    SECTIONS = (
        Section("school", _("The school"), ("name", "slug", "kind", "code", "district")),
        Section(
            "line",
            _("Duty line"),
            ("duty_phone", "duty_hours"),
            _("Whom people ring first. The school may change it itself later."),
        ),
        Section(
            "administrator",
            _("First administrator"),
            ("administrator_name", "administrator_email"),
            _("They are sent an invitation, choose a password, and bring in the staff list."),
        ),
        Section(
            "pages",
            _("Guidelines and tips"),
            ("takes_library",),
            _("They come as drafts. The school's editor reads them, says who reviewed them, and publishes."),
            is_paired=False,
        ),
    )
    field_order = [name for section in SECTIONS for name in section.names]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stock = library_stock()
        told = _("%(guidelines)s guidelines and %(tips)s tips stand in it now.")
        if not stock.total:
            told = _("It is still empty. The school can take pages from it at any time.")
        self.fields["takes_library"].help_text = told % {"guidelines": stock.guidelines, "tips": stock.tips}

    def school(self) -> dict[str, Any]:
        """The cleaned form, as ``schools.create_school`` takes it."""
        data = dict(self.cleaned_data)
        administrator = data.pop("administrator_name"), data.pop("administrator_email")
        return {**data, "administrator": administrator}


def _number(name: str) -> WholeField:
    least, most = BOUNDS[name]
    told = format_lazy(_("Only {least} to {most} is possible."), least=least, most=most)
    return WholeField(
        label=SETTINGS[name].label,
        min_value=least,
        max_value=most,
        error_messages={"min_value": told, "max_value": told},
    )


class SettingsForm(_DutyFields, SectionedForm):
    """What a school decides for itself: its duty line, and the ⚙ rules that have an effect today."""

    automatic_approval = forms.BooleanField(label=SETTINGS["automatic_approval"].label, required=False)
    self_referral_sessions = _number("self_referral_sessions")
    asked_kinds = forms.MultipleChoiceField(
        label=SETTINGS["asked_kinds"].label,
        required=False,
        choices=[(kind.value, kind.label) for kind in ServiceKind],
        widget=forms.CheckboxSelectMultiple,
    )
    partner_answer_days = _number("partner_answer_days")
    free_cancel_hours = _number("free_cancel_hours")
    open_voucher_days = _number("open_voucher_days")
    reminder_days = forms.MultipleChoiceField(
        label=SETTINGS["reminder_days"].label,
        required=False,
        choices=[(day, day) for day in REMINDABLE_DAYS],
        widget=forms.CheckboxSelectMultiple,
    )
    leaver_days = _number("leaver_days")
    quote_minutes = _number("quote_minutes")
    draft_days = _number("draft_days")
    review_months = _number("review_months")
    fewest_people = _number("fewest_people")
    incident_years = _number("incident_years")
    follow_up_months = _number("follow_up_months")
    suggestion_minutes = _number("suggestion_minutes")
    grade_minutes = _number("grade_minutes")
    home_unknown_minutes = _number("home_unknown_minutes")
    team_answers = _number("team_answers")
    voice_seconds = _number("voice_seconds")
    closing_month = _number("closing_month")
    tips_unread_months = _number("tips_unread_months")
    visitor_name_days = _number("visitor_name_days")
    mark_hours = _number("mark_hours")
    move_days = _number("move_days")
    pause_days = _number("pause_days")
    first_missed_paid = forms.BooleanField(label=SETTINGS["first_missed_paid"].label, required=False)

    LINE: Final = ("duty_phone", "duty_hours")
    DECISIONS: Final = ("automatic_approval", "self_referral_sessions", "asked_kinds", "first_missed_paid")
    TIMES: Final = (
        "partner_answer_days",
        "free_cancel_hours",
        "move_days",
        "mark_hours",
        "pause_days",
        "open_voucher_days",
        "reminder_days",
        "leaver_days",
        "quote_minutes",
        "draft_days",
        "review_months",
        "follow_up_months",
        "closing_month",
        "tips_unread_months",
    )
    CHAIN: Final = (
        "suggestion_minutes",
        "grade_minutes",
        "home_unknown_minutes",
        "team_answers",
        "voice_seconds",
    )
    TOTALS: Final = ("fewest_people",)
    KEPT: Final = ("incident_years", "visitor_name_days")
    RULES: Final = (*DECISIONS, *TIMES, *CHAIN, *TOTALS, *KEPT)
    SECTIONS = (
        Section("line", _("Duty line"), LINE, _("Whom people ring first. A change shows on every page at once.")),
        Section(
            "decisions",
            _("Who decides"),
            DECISIONS,
            _("A request within the rules needs nobody's word, unless the school wants it so."),
            is_paired=False,
        ),
        Section(
            "times",
            _("Time limits"),
            TIMES,
            _("A change counts at once. Vouchers that are out, and a time already given to an agency, stay."),
        ),
        Section(
            "chain",
            _("Emergency chain"),
            CHAIN,
            _("Counts for what begins from now on. How long each step waits stands in the plans."),
        ),
        Section("totals", _("Totals"), TOTALS, _("What the union and the principal see of the pools.")),
        Section("kept", _("Keeping"), KEPT, _("What is over is destroyed at night and cannot be brought back.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = TenantRules()
        for name, setting in SETTINGS.items():
            if name not in self.fields:
                continue
            help_text = setting.help or self.fields[name].help_text
            if name in BOUNDS:
                least, most = BOUNDS[name]
                values = {"usual": getattr(usual, name), "least": least, "most": most}
                bounds = gettext("Usually %(usual)s; from %(least)s to %(most)s.") % values
                help_text = format_html("{}<br>{}", setting.help, bounds)
            self.fields[name].help_text = help_text
        choice_field(self, "asked_kinds").choices = [
            (
                kind.value,
                gettext("%(kind)s – %(office)s") % {"kind": kind.label, "office": DECIDERS[KINDS[kind].decider]},
            )
            for kind in ServiceKind
        ]

    @classmethod
    def initial_of(cls, tenant: Tenant) -> dict[str, Any]:
        """The values in force."""
        rules = {name: getattr(tenant.settings, name) for name in cls.RULES}
        return {"duty_phone": tenant.duty_phone, "duty_hours": tenant.duty_hours, **rules}

    def rules(self) -> dict[str, Any]:
        """The ⚙ rules as ``schools.save_settings`` takes them."""
        return {name: self.cleaned_data[name] for name in self.RULES}
