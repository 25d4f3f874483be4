"""What is typed about a companion: who, from when, how long, where, what to watch for."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from referrals.emergency.centre.choices import ChainForm
from referrals.emergency.selectors import colleague_named
from referrals.emergency.workflow.companions import MOST_COMPANION_WORDS
from tenancy.models import Tenant

HOURS = ((4, _("4 hours")), (6, _("6 hours")), (8, _("8 hours")), (12, _("12 hours")))


class CompanionForm(ChainForm):
    """A colleague by name; times are the school's."""

    elsewhere = "colleague"
    names = {"place": "where"}
    colleague = forms.CharField(
        label=pgettext_lazy("companion", "Who stays with the person"),
        max_length=80,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("A colleague, by name, as the school writes it. Whoever must not know of it is not taken."),
    )
    department = forms.CharField(
        label=_("Department"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Only if several people have this name."),
    )
    starts_at = forms.DateTimeField(
        label=pgettext_lazy("companion", "From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    hours = forms.TypedChoiceField(label=_("How long"), choices=HOURS, coerce=int, initial=6)
    where = forms.CharField(
        label=pgettext_lazy("companion", "Where"),
        max_length=MOST_COMPANION_WORDS,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    watch = forms.CharField(
        label=_("What to watch for"),
        max_length=MOST_COMPANION_WORDS,
        help_text=_("What to do and what not. No diagnosis, nothing of what was said in talks."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def values(self, school: Tenant) -> dict[str, Any]:
        """As the writer takes them. Invalid for nobody and for several of that name."""
        said = self.cleaned_data
        starts_at: datetime = said["starts_at"]
        found: UUID = colleague_named(school.today(), said["colleague"], said["department"])
        return {
            "companion_id": found,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=said["hours"]),
            "place": said["where"],
            "watch": said["watch"],
        }
