"""What the operator, the union and finance type. Reading only: writers decide."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, EmailField, NameField, PlainDecimalField, PlainField, WholeField
from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from kernel.money import MAX_FEN, yuan
from partners.kinds import (
    AgreementReason,
    InstitutionKind,
    LicenceKind,
    MemberRole,
    ServiceKind,
    ServiceMode,
    ServiceUnit,
)
from partners.models import MOST_TAKES, Institution, Licence, Service
from partners.states import AgreementState, InstitutionState
from partners.terms import MOST_FREE_HOURS, MOST_NO_SHOW_BP
from partners.workflow import AGREED, LineDraft
from ui.names import named
from ui.refusals import explain, explanations

STATE_TEXTS = {
    "prospect": _("Prospect"),
    "vetted": _("Vetted"),
    "listed": _("Listed"),
    "suspended": _("Suspended"),
    "terminated": _("Terminated"),
    "archived": _("Archived"),
    "draft": _("Draft"),
    "signed": _("Signed"),
    "active": _("In force"),
    "renewal_due": _("Renewal due"),
    "ended": _("Ended"),
}


class YuanField(PlainDecimalField):
    """Yuan with at most two decimals, given on as whole fen. Decimal all the way: no float touches money."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=Decimal(MAX_FEN) / 100, decimal_places=2, **kwargs)

    def clean(self, value: Any) -> Any:
        """Fen, or None when nothing was written."""
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


def _day(label: Any, **kwargs: Any) -> DayField:
    return DayField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class PartnersForm(WriterForm):
    """Shows a refusal with its title; a fault may bring a sentence of its own."""

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The fault's own sentence, else the refusal's title."""
        return detail or (explain(code).title if code in explanations() else _("This value is not possible."))


class InstitutionFilter(forms.Form):
    """The list's filters, by GET."""

    q = forms.CharField(label=_("Name, district or code"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *InstitutionKind.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All states")), *[(s.value, STATE_TEXTS[s]) for s in InstitutionState]],
    )


class InstitutionForm(PartnersForm):
    """A new institution."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    slug = forms.SlugField(
        label=_("Short name in addresses"), max_length=40, help_text=_("Small letters, such as anxin")
    )
    uscc = PlainField(
        label=_("Unified social credit code"),
        max_length=18,
        help_text=_("18 characters, as on the registration certificate"),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=InstitutionKind.choices)
    district = forms.CharField(label=_("District"), max_length=60)
    address = forms.CharField(label=_("Address"), max_length=200)
    phone = PlainField(label=_("Telephone"), max_length=30)
    contact_name = NameField(label=_("Contact"), max_length=60)
    contact_phone = PlainField(label=_("Contact's telephone"), max_length=30)
    second_contact_name = NameField(label=_("Second contact"), max_length=60, required=False)
    second_contact_phone = PlainField(label=_("Second contact's telephone"), max_length=30, required=False)
    area = forms.CharField(label=_("Area served"), max_length=200, required=False)


class LicenceChangeForm(PartnersForm):
    """Number, issuer and days of a paper."""

    number = PlainField(label=_("Number"), max_length=60)
    issuer = forms.CharField(
        label=_("Issued by"), max_length=120, required=False, help_text=_("The authority, as on the paper")
    )
    valid_from = _day(_("Valid from"))
    valid_until = _day(_("No longer valid from"), required=False, help_text=_("Leave empty when the paper has no end"))

    def clean(self) -> dict[str, Any]:
        """The end lies after the start."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, end = data.get("valid_from"), data.get("valid_until")
        if first and end and end <= first:
            self.add_error("valid_until", _("This day has to lie after the first one."))
        return data

    @staticmethod
    def initial_of(paper: Licence) -> dict[str, Any]:
        """The form as it stands for ``paper``."""
        return {name: getattr(paper, name) for name in LicenceChangeForm.base_fields}


class LicenceForm(LicenceChangeForm):
    """A new paper of an institution."""

    kind = forms.ChoiceField(label=_("Paper"), choices=LicenceKind.choices)
    field_order = ("kind",)


class LicenceEndForm(PartnersForm):
    """The first day on which a paper is no longer valid: after its start, before its present end."""

    on = _day(_("No longer valid from"))

    def __init__(self, *args: Any, paper: Licence, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.paper = paper
        if paper.valid_until is not None:
            self.fields["on"].help_text = _("It ends on %(day)s by itself.") % {"day": paper.valid_until.isoformat()}

    def clean_on(self) -> date:
        """The day lies in the paper's days; the writer checks it again."""
        day: date = self.cleaned_data["on"]
        if day <= self.paper.valid_from:
            raise forms.ValidationError(_("This day has to lie after the first one."))
        if self.paper.valid_until is not None and day >= self.paper.valid_until:
            raise forms.ValidationError(str(explain("ends_already").title))
        return day


_MODES: Final = [(mode.value, mode.label) for mode in (ServiceMode.CONFIRM, ServiceMode.QUERY)]
"""The ways a time is found so far; another would make a service that nobody can ask for."""


class ServiceForm(PartnersForm):
    """A service with its public price."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=ServiceKind.choices)
    mode = forms.ChoiceField(label=_("How a time is found"), choices=_MODES, initial=ServiceMode.CONFIRM)
    unit = forms.ChoiceField(label=_("Priced by"), choices=ServiceUnit.choices)
    minutes = WholeField(label=_("Minutes"), min_value=1, max_value=1440, initial=50)
    list_fee_fen = YuanField(label=_("List price in yuan"))
    takes = WholeField(
        label=_("Places that one appointment takes"),
        min_value=1,
        max_value=MOST_TAKES,
        initial=1,
        required=False,
        help_text=_("Of a group with several places: 2 for a pair, more for a family. The price stays one."),
    )
    on_site = forms.BooleanField(label=_("Appointments on site"), required=False, initial=True)
    online = forms.BooleanField(label=_("Appointments online"), required=False)

    def clean_takes(self) -> int:
        """One, or what it was, where nothing was typed."""
        return int(self.cleaned_data["takes"] or self.initial.get("takes") or 1)


class ServiceChangeForm(ServiceForm):
    """Changes a service; fields that an agreement fixes are read-only."""

    field_order = ("name", "name_en", "unit", "minutes", "list_fee_fen", "takes", "on_site", "online")

    def __init__(self, data: Any = None, *, service: Service, agreed: bool) -> None:
        columns = ("name", "name_en", "unit", "minutes", "takes", "on_site", "online")
        initial = {name: getattr(service, name) for name in columns}
        initial["list_fee_fen"] = Decimal(service.list_fee_fen) / 100
        super().__init__(data, initial=initial)
        del self.fields["kind"], self.fields["mode"]
        given = [name for name in ("on_site", "online") if initial[name]]
        for name in (*AGREED, *given) if agreed else ():
            self.fields[name].disabled = True


class MemberChangeForm(PartnersForm):
    """Where a person of the institution works."""

    role = forms.ChoiceField(label=_("Role"), choices=MemberRole.choices)
    counter = forms.CharField(
        label=_("Counter"),
        max_length=60,
        required=False,
        help_text=_("What stands on the counter, such as 前台 2 号机"),
    )


class MemberForm(MemberChangeForm):
    """A person who is to act for the institution; they are invited by e-mail."""

    name = NameField(label=pgettext_lazy("person", "Name"), max_length=80)
    email = EmailField(label=_("E-mail"), help_text=_("Where the invitation goes."))
    field_order = ("name", "email")


class AgreementFilter(forms.Form):
    """The list's filters, by GET."""

    q = forms.CharField(label=_("Number or institution"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All states")), *[(s.value, STATE_TEXTS[s]) for s in AgreementState]],
    )


class InstitutionField(forms.ModelChoiceField):
    """One of the institutions, by its name in the reader's language."""

    def label_from_instance(self, institution: Institution) -> str:
        return named(institution)


class PartnerChoice(forms.Form):
    """Step one of a draft: with whom."""

    partner = InstitutionField(
        label=_("Institution"), queryset=Institution.objects.filter(state=InstitutionState.LISTED), to_field_name="slug"
    )


class AgreementForm(PartnersForm):
    """Step two of a draft: dates, terms and a tariff for each service that is meant. Fees in yuan, shares in percent."""

    valid_from = _day(_("First day"))
    valid_until = _day(_("First day no longer covered"))
    data_part_valid_until = _day(
        _("Data-processing part no longer valid from"), help_text=_("Without it no new booking may be made")
    )
    number = PlainField(label=_("Number"), max_length=40, required=False, help_text=_("Left empty, one is given"))
    duties = forms.CharField(label=_("Duties"), required=False, max_length=4000, widget=forms.Textarea)
    service_content = forms.CharField(
        label=_("Content of the service"), required=False, max_length=4000, widget=forms.Textarea
    )
    free_hours = WholeField(
        label=_("Hours before which cancelling is free"), min_value=0, max_value=MOST_FREE_HOURS, initial=24
    )
    late_fee_percent = WholeField(label=_("Fee for cancelling late, percent"), min_value=0, max_value=100, initial=0)
    no_show_fee_percent = WholeField(
        label=_("Fee for not coming, percent"), min_value=0, max_value=MOST_NO_SHOW_BP // 100, initial=50
    )

    def __init__(self, *args: Any, services: Sequence[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.services = services
        for service in services:
            self.fields[f"tariff_{service.pk.hex}"] = YuanField(
                label=_("%(name)s, yuan per %(unit)s") % {"name": named(service), "unit": service.get_unit_display()},
                required=False,
                help_text=_("List price %(yuan)s; leave empty when it is not part of the agreement")
                % {"yuan": yuan(service.list_fee_fen)},
            )

    def terms(self) -> dict[str, int]:
        """Cancellation terms as the writer takes them, shares in basis points."""
        data = self.cleaned_data
        return {
            "free_hours": data["free_hours"],
            "late_fee_bp": data["late_fee_percent"] * 100,
            "no_show_fee_bp": data["no_show_fee_percent"] * 100,
        }

    def lines(self) -> list[LineDraft]:
        """A line for each service with a tariff."""
        tariffs = ((service, self.cleaned_data[f"tariff_{service.pk.hex}"]) for service in self.services)
        return [LineDraft(service.pk, tariff) for service, tariff in tariffs if tariff is not None]


class EndForm(PartnersForm):
    """When an agreement ends."""

    on = _day(_("First day no longer covered"))


class ReasonForm(PartnersForm):
    """Why an agreement is suspended or terminated."""

    reason = forms.ChoiceField(label=_("Reason"), choices=AgreementReason.choices, widget=forms.RadioSelect)
