"""What an institution's office types of the people, rooms and places it can be had with. Reading only: writers decide."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import NameField, WholeField
from kernel.errors import DomainError
from partners.calendars.forms import ClosureForm, OpeningForm, WeekForm
from partners.calendars.models import Resource
from partners.calendars.resource_workflow import LONGEST_BUFFER, MOST_SEATS, ResourceDraft
from partners.kinds import CounsellorGender, ResourceKind, Speciality
from partners.models import Service
from ui.names import named
from ui.refusals import explain, explanations


class ResourceForm(OpeningForm):
    """One resource: a counsellor is asked for gender and specialities, anything else for its seats."""

    names: ClassVar = {}
    name = NameField(label=_("Name"), max_length=40)
    is_named = forms.BooleanField(
        label=_("People see this name and may choose it"),
        required=False,
        initial=True,
        help_text=_("Without it people are told “any of us”."),
    )
    gender = forms.ChoiceField(
        label=_("Woman or man"),
        required=False,
        choices=[*CounsellorGender.choices, ("", _("Not said"))],
        widget=forms.RadioSelect,
    )
    specialities = forms.MultipleChoiceField(
        label=_("Knows best"),
        required=False,
        choices=Speciality.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("People read it when they choose. What somebody chose it for is kept nowhere."),
    )
    capacity = WholeField(label=_("How many at the same time?"), min_value=1, max_value=MOST_SEATS, initial=1)
    services = forms.MultipleChoiceField(label=_("For which services?"), widget=forms.CheckboxSelectMultiple)
    on_site = forms.BooleanField(label=_("Appointments on site"), required=False, initial=True)
    online = forms.BooleanField(label=_("Appointments online"), required=False)
    buffer_minutes = WholeField(
        label=_("Minutes kept free after each appointment"), min_value=0, max_value=LONGEST_BUFFER, initial=0
    )

    def __init__(self, *args: Any, kind: str, services: list[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        field = self.fields["services"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(service.pk), named(service)) for service in services]
        if not services:
            field.help_text = _("You have no service yet. The platform's operator enters them; ring them first.")
        if len(services) == 1:
            field.initial = [str(services[0].pk)]
        if kind == ResourceKind.GROUP:
            self.fields["capacity"].help_text = _("Five to eight people; from nine on make two groups.")
        for name in ("capacity",) if kind == ResourceKind.COUNSELLOR else ("gender", "specialities"):
            del self.fields[name]

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """The refusal's title."""
        return explain(code).title if code in explanations() else _("This value is not possible.")

    @staticmethod
    def initial_of(resource: Resource) -> dict[str, Any]:
        """The form as it stands for ``resource``."""
        names = ("name", "is_named", "gender", "specialities", "capacity", "on_site", "online", "buffer_minutes")
        return {
            **{name: getattr(resource, name) for name in names},
            "services": [str(service.pk) for service in resource.services.all()],
        }

    def draft(self) -> ResourceDraft:
        """As a writer takes it. The form is valid."""
        data = self.cleaned_data
        return ResourceDraft(
            name=data["name"],
            is_named=data["is_named"],
            gender=data.get("gender", ""),
            specialities=data.get("specialities", ()),
            capacity=data.get("capacity", 1),
            services=data["services"],
            on_site=data["on_site"],
            online=data["online"],
            buffer_minutes=data["buffer_minutes"],
        )


class ResourceWeekForm(WeekForm):
    """A week of its own; all seven lines empty: the agency's. What an empty line means stands in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_own = any(self.initial.values())
        for field in self.fields.values():
            field.widget.attrs["placeholder"] = _("not there") if has_own else _("as the agency")


class AbsenceForm(ClosureForm):
    """When one person or room is not there; the agency itself stays open."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_day"].label = _("First day away")
        self.fields["last_day"].label = _("Last day away")
        self.fields["starts"].label = _("Away from")
        self.fields["ends"].label = _("There again at")


def services_of(institution_id: Any) -> list[Service]:
    """What can be had of the institution, as its menu stands."""
    return list(Service.objects.filter(institution_id=institution_id, active=True).order_by("kind", "name"))
