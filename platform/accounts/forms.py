"""What the school's administrator and key owners type. Reading only: writers decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, EmailField, NameField, PlainField, WholeField
from accounts.members import MemberFields
from accounts.models import Department, Gender, Membership
from accounts.refused import remember
from accounts.roles import Role
from accounts.tokens import DAYS
from accounts.words import refusal_text
from kernel.errors import DomainError


def _day(label: Any, **kwargs: Any) -> DayField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return DayField(label=label, required=False, widget=widget, **kwargs)


class RefusalMixin(forms.Form):
    """A form that can show why a writer refused."""

    def refuse(self, error: DomainError) -> None:
        """Show ``error`` at its field, or above the form. Raises it again when this app has no words for it."""
        remember(error)
        text = refusal_text(error.reason, error.params)
        if text is None:
            raise error
        fields = [field for field, _code, _detail in getattr(error, "fields", ())]
        self.add_error(fields[0] if fields and fields[0] in self.fields else None, text)


class MemberFilter(forms.Form):
    """The list's filters, by GET."""

    q = forms.CharField(label=_("Name, number or e-mail"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices])
    left = forms.BooleanField(label=_("Those who left"), required=False)


class MemberForm(RefusalMixin):
    """One member. ``roles`` are ticked."""

    name = NameField(label=pgettext_lazy("person", "Name"), max_length=80)
    title = NameField(label=_("Form of address"), max_length=40, required=False, help_text=_("Such as 李老师"))
    staff_no = PlainField(label=_("Staff number"), max_length=32, required=False)
    department = forms.ChoiceField(label=_("Department"), required=False)
    gender = forms.ChoiceField(label=_("Gender"), required=False, choices=[("", _("Not said")), *Gender.choices])
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    active_from = _day(pgettext_lazy("person", "First day"))
    left_on = _day(_("Last day"), help_text=_("From the day after, the person has no access."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(row.pk), row.name) for row in Department.objects.order_by("name")]
        self.fields["department"].choices = [("", _("None")), *names]  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(member: Membership) -> dict[str, Any]:
        """The form's starting values."""
        return {
            "name": member.name,
            "title": member.title,
            "staff_no": member.staff_no,
            "department": str(member.department_id or ""),
            "gender": member.gender,
            "roles": member.roles,
            "active_from": member.active_from,
            "left_on": member.left_on,
        }

    def member_fields(self) -> MemberFields:
        """The cleaned form, as the writer takes it."""
        data = self.cleaned_data
        return MemberFields(
            name=data["name"],
            roles=frozenset(data["roles"]),
            title=data["title"],
            staff_no=data["staff_no"],
            gender=data["gender"],
            department_id=data["department"] or None,
            active_from=data["active_from"],
            left_on=data["left_on"],
        )


class NewMemberForm(MemberForm):
    """A member to be: with an address or a number to sign in."""

    email = EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=pgettext_lazy("person", "Telephone"), max_length=30, required=False)
    field_order = ["name", "email", "phone"]


class PhoneForm(RefusalMixin):
    """A person's own number, confirmed by their password."""

    phone = forms.CharField(
        label=pgettext_lazy("person", "Telephone"),
        max_length=30,
        required=False,
        help_text=_("You can sign in with it. Leave it empty to remove it."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class DepartmentForm(RefusalMixin):
    """A department's name."""

    name = NameField(label=_("Name"), max_length=60)


class RosterForm(RefusalMixin):
    """A staff list to be read."""

    file = forms.FileField(
        label=_("Staff list"),
        help_text=_("Excel (.xlsx) or CSV, at most 20 MB and 20 000 rows. Nothing is changed until you confirm."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    marks_leavers = forms.BooleanField(
        label=_("The list is complete: members who are not on it have left"), required=False
    )


class TokenForm(RefusalMixin):
    """A key to be issued."""

    label = forms.CharField(label=_("Name of the key"), max_length=60, help_text=_("What will use it?"))
    days = WholeField(label=_("Days it is valid"), min_value=1, max_value=DAYS, initial=90)
