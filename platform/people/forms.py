"""What the school's administrator types. Reading only: writers decide."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, EmailField, NameField, PlainField, choice_field
from accounts.models import Department, Gender, Membership
from accounts.roles import Role
from accounts.writer_form import WriterForm
from kernel.errors import DomainError
from people.texts import refusal_text, role_sees
from people.workflow import MemberFields, is_bureau


def _day(label: Any, **kwargs: Any) -> DayField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return DayField(label=label, required=False, widget=widget, **kwargs)


class PeopleForm(WriterForm):
    """Shows a refusal with the sentences of this app."""

    shows_all = True

    def sentence(self, code: str, error: DomainError, detail: str) -> str | None:
        """By the fault's own code, else by that of the whole refusal."""
        return refusal_text(code, error.params) or refusal_text(error.reason, error.params)


class MemberFilter(forms.Form):
    """The list's filters, by GET."""

    q = forms.CharField(label=_("Name, number or e-mail"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices])
    left = forms.BooleanField(label=_("Those who left"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_bureau():
            offered = [(value, label) for value, label in Role.choices if value != Role.DISTRICT]
            choice_field(self, "role").choices = [("", _("All roles")), *offered]


class MemberForm(PeopleForm):
    """One member. ``roles`` are ticked."""

    name = NameField(label=pgettext_lazy("person", "Name"), max_length=80)
    email = EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("The invitation goes there, and whoever owns the mailbox takes the place."),
    )
    phone = forms.CharField(
        label=pgettext_lazy("person", "Telephone"),
        max_length=30,
        required=False,
        help_text=_("Proves whose the place is only where no e-mail is typed."),
    )
    title = NameField(label=_("Form of address"), max_length=40, required=False, help_text=_("Such as 李老师"))
    staff_no = PlainField(label=_("Staff number"), max_length=32, required=False)
    department = forms.ChoiceField(label=_("Department"), required=False)
    gender = forms.ChoiceField(label=_("Gender"), required=False, choices=[("", _("Not said")), *Gender.choices])
    roles = forms.MultipleChoiceField(label=_("Roles"), choices=Role.choices, widget=forms.CheckboxSelectMultiple)
    active_from = _day(pgettext_lazy("person", "First day"))
    left_on = _day(_("Last day"), help_text=_("From the day after, the person has no access."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(row.pk), row.name) for row in Department.objects.order_by("sort_key", "pk")]
        choice_field(self, "department").choices = [("", _("None")), *names]
        kept = self.initial.get("roles") or ()
        choice_field(self, "roles").choices = [
            (role, format_html("<span>{}<br><small>{}</small></span>", Role(role).label, role_sees(role)))
            for role in Role.values
            if role != Role.DISTRICT or role in kept or is_bureau()
        ]

    @staticmethod
    def initial_of(member: Membership) -> dict[str, Any]:
        """The form's starting values."""
        return {
            "name": member.name,
            "email": member.email,
            "phone": member.phone,
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
            email=data["email"],
            phone=data["phone"],
        )


class DepartmentForm(PeopleForm):
    """A department's name."""

    name = NameField(label=_("Name"), max_length=60)


class RosterForm(PeopleForm):
    """A staff list to be read."""

    file = forms.FileField(
        label=_("Staff list"),
        help_text=_("Excel (.xlsx) or CSV, at most 20 MB and 20 000 rows. Nothing is changed until you confirm."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    marks_leavers = forms.BooleanField(
        label=_("The list is complete: members who are not on it have left"), required=False
    )
