"""What a member of the staff types about the own family. Reading only: the writers decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, NameField
from accounts.writer_form import WriterForm
from families.models import Relation, Relative
from families.texts import dialled
from kernel.errors import DomainError
from ui.refusals import explain

_NAME_MISSING = {"required": _("Please write the name.")}


def _born(label: Any, *, required: bool, help_text: Any = "") -> DayField:
    return DayField(
        label=label,
        required=required,
        widget=forms.DateInput({"type": "date", "autocomplete": "off"}, "%Y-%m-%d"),
        help_text=help_text,
        error_messages={"required": _("Please give the date of birth.")},
    )


class FamilyForm(WriterForm):
    """Shows a refusal beside the field that it is about."""

    shows_all = True
    elsewhere = "name"

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened; where no field is named, the next step too."""
        said = explain(code, error.params)
        return said.title if error.fields else f"{said.title} – {said.next_step}"


class RelativeForm(FamilyForm):
    """A relative. ``born`` is looked at for a son or daughter and kept nowhere."""

    elsewhere = "born"

    relation = forms.ChoiceField(
        label=_("Relation"),
        choices=Relation.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what they are to you.")},
    )
    name = NameField(
        label=pgettext_lazy("person", "Name"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages=_NAME_MISSING,
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        help_text=_("A mobile or landline number they answer themselves."),
        error_messages={"required": _("Please give the telephone number.")},
    )
    born = _born(
        _("Date of birth of a son or daughter"),
        required=False,
        help_text=_("From 14 on, sons and daughters are asked themselves. The date is looked at now and not kept."),
    )

    @staticmethod
    def initial_of(relative: Relative) -> dict[str, Any]:
        """The form's first values."""
        return {"relation": relative.relation, "name": relative.name, "phone": dialled(relative.phone)}


class ChildForm(FamilyForm):
    """A child. Name and date of birth are needed to know the same child again when the other parent enters it."""

    name = NameField(
        label=_("The child's name"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages=_NAME_MISSING,
        help_text=_("As in the household register or passport, so that a child of two parents is counted once."),
    )
    born = _born(_("The child's date of birth"), required=True)
