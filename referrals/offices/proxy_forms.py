"""What an officer says who applies for a colleague: how much, when, and how and when the colleague agreed. No reason."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import DayField, WholeField
from kernel.clock import now
from partners.calendars.choosing import BOX_NAMES, BoxesForm
from partners.calendars.selectors import opening_of
from partners.models import Service
from referrals.kinds import KINDS
from referrals.states import ConsentWay
from referrals.texts import unit_text
from workdays.selectors import calendar

MOST_UNITS: Final = 60
WAY_TEXTS: Final[dict[str, Any]] = {
    ConsentWay.IN_PERSON: _("Face to face"),
    ConsentWay.BY_PHONE: _("On the telephone"),
    ConsentWay.IN_WRITING: _("In writing"),
}


class ProxyForm(BoxesForm):
    """Of one service; the boxes are those in which its agency is open."""

    units = WholeField(label=_("How much"), min_value=1, max_value=MOST_UNITS, initial=1)
    agreed_how = forms.ChoiceField(
        label=_("How did your colleague agree?"),
        choices=[(str(code), text) for code, text in WAY_TEXTS.items()],
        widget=forms.RadioSelect,
    )
    agreed_on = DayField(label=_("On which day?"), help_text=_("Within the last thirty days."))

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(
            *args,
            opening=opening_of(service.institution_id),
            calendar=calendar(),
            minutes=service.visit_minutes,
            moment=now(),
            **kwargs,
        )
        self.fields["units"].help_text = unit_text(service.unit, 1)
        if KINDS[service.kind].for_child:
            self.fields["child_born"] = DayField(
                label=_("When was the child born?"),
                help_text=_("As your colleague told you. It must be a child that they have entered; you read no name."),
            )

    def values(self) -> dict[str, Any]:
        """What the writer takes. The form is valid."""
        data = self.cleaned_data
        return {
            "units": data["units"],
            "windows": [(row.starts_at, row.ends_at) for row in self.times()],
            "agreed_how": data["agreed_how"],
            "agreed_on": data["agreed_on"],
            "child_born": data.get("child_born"),
        }

    def plain_fields(self) -> list[forms.BoundField]:
        """All but the boxes."""
        return [field for field in self if field.name not in BOX_NAMES]
