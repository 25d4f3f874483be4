"""What a member of the staff types about their contacts. Reading only: the writers decide."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, NameField, ProseField
from accounts.writer_form import WriterForm
from families.models import Relation, Relative
from kernel.errors import DomainError
from partners.models import Institution
from referrals.emergency.models.contacts import NextOfKin
from referrals.emergency.rules.grades import Grade
from referrals.emergency.texts import GRADE_WISHES
from ui.refusals import explain

USUAL_GRADES = (Grade.MAJOR.value, Grade.EXTREME.value)
"""Ticked when the form is first shown: everyday worries stay with the school unless the person says otherwise."""


class ChainForm(WriterForm):
    """Shows a refusal beside the field that it is about, with the next step."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What happened and the next step."""
        said = explain(code, error.params)
        return f"{said.title} – {said.next_step}"


class ChangeContactForm(ChainForm):
    """When they may be called, and whether they are next of kin."""

    grades = forms.MultipleChoiceField(
        label=_("When may they be called?"),
        choices=[(grade.value, text) for grade, text in GRADE_WISHES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("How grave it is, a psychologist judges."),
        error_messages={"required": _("Please choose when they may be called")},
    )
    is_next_of_kin = forms.ChoiceField(
        label=_("Are they next of kin?"),
        choices=NextOfKin.choices,
        widget=forms.RadioSelect,
        help_text=_("Husband or wife, parents, children, brothers and sisters. A hospital may ask for one."),
        error_messages={"required": _("Please say whether they are next of kin")},
    )


class NewContactForm(ChangeContactForm):
    """The same, with the age of whom it is about. ``born`` is there for a son or daughter only."""

    is_of_age = forms.BooleanField(
        label=_("They are 18 or older"),
        error_messages={"required": _("Only somebody of 18 or older can be called")},
    )

    field_order = ("is_of_age", "born", "grades", "is_next_of_kin")

    def __init__(self, *args: Any, relative: Relative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if relative.relation == Relation.CHILD:
            self.fields["born"] = DayField(
                label=_("Date of birth of your son or daughter"),
                widget=forms.DateInput({"type": "date", "autocomplete": "off"}, "%Y-%m-%d"),
                help_text=_("Looked at now and not kept."),
                error_messages={"required": _("Please give the date of birth.")},
            )
        self.order_fields(self.field_order)

    @staticmethod
    def usual(relative: Relative) -> dict[str, Any]:
        """The form's first values: the family in the law's sense is next of kin."""
        kin = NextOfKin.UNKNOWN if relative.relation == Relation.OTHER else NextOfKin.YES
        return {"grades": list(USUAL_GRADES), "is_next_of_kin": kin}


class NeverNumberForm(ChainForm):
    """A number that is never to be called."""

    names = {"relative": "phone"}

    phone = forms.CharField(
        label=_("Telephone"),
        max_length=30,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Please give the telephone number.")},
    )
    label = ProseField(
        label=_("Whose number it is"),
        required=False,
        max_length=40,
        help_text=_("So that you know it again. Only you read it; it may stay empty."),
    )


class NeverColleagueForm(ChainForm):
    """A colleague who is never to be called. Neither people nor departments are shown to choose from: both are typed."""

    colleague = NameField(
        label=_("The colleague's name"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Please write the name.")},
    )
    department = NameField(
        label=_("Department"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Only if several people have this name."),
    )


class CommunityForm(ChainForm):
    """Where the person lives."""

    community = forms.ChoiceField(
        label=_("Community"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a community.")},
    )
    street = ProseField(
        label=pgettext_lazy("address", "Street and house"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("May stay empty. Without it somebody has to ask for the way."),
    )

    def __init__(self, *args: Any, communities: Iterable[Institution], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].choices = [(str(row.pk), str(row)) for row in communities]  # type: ignore[attr-defined]
