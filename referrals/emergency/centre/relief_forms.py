"""What is asked about crisis relief: how much, when it suits, how the person agreed. No reason."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import WholeField
from kernel.clock import now
from partners.calendars.choosing import BOX_NAMES, BoxesForm
from partners.calendars.selectors import opening_of
from partners.models import Service
from referrals.emergency.centre.incident_forms import MOST_WORDS
from referrals.texts import unit_text
from workdays.selectors import calendar

MOST_UNITS: Final = 12


class ReliefForm(BoxesForm):
    """Of one service; the boxes are those in which its agency is open."""

    units = WholeField(label=_("How much"), min_value=1, max_value=MOST_UNITS, initial=1)
    agreed_how = forms.CharField(
        label=_("How and when the person agreed"),
        max_length=MOST_WORDS,
        help_text=_("Only the centre and who is on duty read this. The union and the agency do not."),
    )

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

    def values(self) -> dict[str, Any]:
        """What the writer takes. The form is valid."""
        data = self.cleaned_data
        windows = [(row.starts_at, row.ends_at) for row in self.times()]
        return {"units": data["units"], "windows": windows, "agreed_how": data["agreed_how"]}

    def plain_fields(self) -> list[forms.BoundField]:
        """All but the boxes."""
        return [field for field in self if field.name not in BOX_NAMES]
