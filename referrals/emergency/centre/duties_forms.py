"""What is typed about changed duties: which, from when to when, and how the person agreed. No reason is asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField
from referrals.emergency.centre.choices import ChainForm
from referrals.emergency.centre.incident_forms import MOST_WORDS
from referrals.emergency.incident_texts import DUTY_TEXTS

_DAY = {"type": "date"}


def _day(label: Any, help_text: Any = "") -> DayField:
    return DayField(label=label, help_text=help_text, widget=forms.DateInput(attrs=dict(_DAY), format="%Y-%m-%d"))


class RenewForm(ChainForm):
    """For how much longer, and the person's yes anew."""

    until = _day(pgettext_lazy("duties", "Last day"), _("Three months at most; it can be renewed again."))
    agreed_how = forms.CharField(
        label=_("How and when the person agreed"),
        max_length=MOST_WORDS,
        help_text=_("Only the centre and who is on duty read this."),
    )


class DutiesForm(RenewForm):
    """Which duties, which days."""

    duties = forms.MultipleChoiceField(
        label=pgettext_lazy("duties", "What changes"),
        choices=[(str(duty), text) for duty, text in DUTY_TEXTS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    starts_on = _day(pgettext_lazy("duties", "First day"))
    field_order = ("duties", "starts_on", "until", "agreed_how")
