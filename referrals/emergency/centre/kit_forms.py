"""What is typed about kits and experts. Reading only: writers decide."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, NameField, PlainField, ProseField, WholeField, choice_field
from accounts.told_apart import told_apart
from partners.models import BOUND_STATES, Agreement
from referrals.emergency.centre.choices import OFFICE_ROLES, ChainForm, colleagues
from referrals.emergency.models import ExpertKind, ItemKind, PlaceKind, Reach
from tenancy.models import Tenant
from ui.names import named

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlaceForm(ChainForm):
    """Where a kit stands, and who keeps it."""

    elsewhere = "name"
    name = ProseField(label=pgettext_lazy("kit", "Place"), max_length=40)
    kind = forms.ChoiceField(label=_("What it is"), choices=PlaceKind.choices, widget=forms.RadioSelect)
    licence = PlainField(
        label=_("Licence of the clinic"),
        max_length=40,
        required=False,
        help_text=_("Only a licensed school clinic may hold medicine. Left empty: no medicine lies here."),
    )
    keeper = forms.ChoiceField(label=_("Who keeps it"))

    def __init__(self, *args: Any, school: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = told_apart(colleagues(school, OFFICE_ROLES))
        choice_field(self, "keeper").choices = [("", _("Choose")), *((str(pk), name) for pk, name in people.items())]

    def values(self) -> dict[str, Any]:
        """For the writer."""
        given = dict(self.cleaned_data)
        return {"keeper_id": UUID(given.pop("keeper")), **given}


class CheckForm(ChainForm):
    """How many are there, and until when they are good."""

    elsewhere = "stock"
    stock = WholeField(label=_("How many are there"), min_value=0)
    least = WholeField(label=_("At least"), min_value=0)
    expires_on = DayField(
        label=_("Good until"),
        widget=_DAY,
        required=False,
        help_text=_("Its last good day. Left empty: it does not end."),
    )


class ItemForm(CheckForm):
    """Something that is put into a kit."""

    elsewhere = "name"
    name = ProseField(label=pgettext_lazy("kit", "Thing"), max_length=60)
    kind = forms.ChoiceField(label=pgettext_lazy("kit", "Kind"), choices=ItemKind.choices, widget=forms.RadioSelect)
    field_order = ("name", "kind", "stock", "least", "expires_on")


class ExpertForm(ChainForm):
    """Who can be asked."""

    elsewhere = "name"
    name = NameField(label=_("Name"), max_length=60)
    kind = forms.ChoiceField(
        label=pgettext_lazy("expert", "What they are"), choices=ExpertKind.choices, widget=forms.RadioSelect
    )
    reach = forms.ChoiceField(label=pgettext_lazy("expert", "Reach"), choices=Reach.choices, widget=forms.RadioSelect)
    phone = PlainField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    partner = forms.ChoiceField(label=pgettext_lazy("expert", "Sent by"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Agreement.objects.filter(state__in=BOUND_STATES).select_related("partner")
        rows = rows.order_by("partner__name", "pk")
        known = {str(row.partner_id): named(row.partner) for row in rows}
        choice_field(self, "partner").choices = [("", _("Nobody: by themselves")), *known.items()]

    def values(self) -> dict[str, Any]:
        """For the writer."""
        given = dict(self.cleaned_data)
        partner = given.pop("partner")
        return given | {"partner_id": UUID(partner) if partner else None}


class ExpertFilter(forms.Form):
    """Who is looked for."""

    q = forms.CharField(label=_("Name"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=pgettext_lazy("expert", "What they are"), required=False, choices=[("", _("All")), *ExpertKind.choices]
    )
    reach = forms.ChoiceField(
        label=pgettext_lazy("expert", "Reach"), required=False, choices=[("", _("All")), *Reach.choices]
    )
    agreement = forms.ChoiceField(
        label=_("Agreement"),
        required=False,
        choices=[("", _("All")), ("valid", _("In force")), ("none", _("None in force"))],
    )
