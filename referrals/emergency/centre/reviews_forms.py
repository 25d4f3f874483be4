"""The form of a review: two questions, and up to three things that are changed."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, WholeField, choice_field
from accounts.models import Membership
from accounts.told_apart import told_apart
from referrals.emergency.centre.choices import ChainForm
from referrals.emergency.models import Incident
from referrals.emergency.workflow.reviewing import DOERS, MOST_CHANGE, MOST_CHANGES, MOST_REVIEW_WORDS, Change
from referrals.emergency.workflow.standing import left_out_among
from tenancy.models import Tenant

_ROWS = range(1, MOST_CHANGES + 1)


class ReviewForm(ChainForm):
    """``after``: the version that was seen. A change whose three fields are empty is none."""

    elsewhere = "well"
    well = forms.CharField(
        label=_("What went well?"),
        max_length=MOST_REVIEW_WORDS,
        help_text=_("No names: what is written here helps the next time."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    waited = forms.CharField(
        label=_("Where was waited, and why?"),
        max_length=MOST_REVIEW_WORDS,
        help_text=_("The minutes are filled in from what happened. Add why."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    after = WholeField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, school: Tenant, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Membership.objects.current(school.today()).accepted().filter(roles__overlap=list(DOERS))
        found = list(rows.order_by("sort_key", "pk"))
        out = left_out_among(incident, found)
        people = [one for one in found if one.pk not in out]
        choices = [("", _("Choose")), *((str(pk), name) for pk, name in told_apart(people).items())]
        for number in _ROWS:
            self.fields[f"what_{number}"] = forms.CharField(
                label=_("What is changed? (%(n)s)") % {"n": number},
                required=False,
                max_length=MOST_CHANGE,
                help_text=_("The principal reads this too: no names.") if number == 1 else "",
            )
            self.fields[f"who_{number}"] = forms.ChoiceField(label=pgettext_lazy("review", "By whom"), required=False)
            choice_field(self, f"who_{number}").choices = choices
            self.fields[f"until_{number}"] = DayField(
                label=pgettext_lazy("review", "Until"),
                required=False,
                widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            )

    def change_fields(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """What, by whom and until when of each change: the last two stand side by side."""
        return [(self[f"what_{number}"], self[f"who_{number}"], self[f"until_{number}"]) for number in _ROWS]

    def clean(self) -> dict[str, Any] | None:
        """A change that is begun says all three."""
        said = super().clean() or self.cleaned_data
        for number in _ROWS:
            names = [f"{name}_{number}" for name in ("what", "who", "until")]
            given = [bool(said.get(name)) for name in names]
            if any(given) and not all(given):
                for name, is_there in zip(names, given, strict=True):
                    if not is_there and name not in self.errors:
                        self.add_error(name, _("Say what, by whom and until when, or leave all three empty."))
        return said

    def changes(self) -> list[Change]:
        """Those that were filled in."""
        said = self.cleaned_data
        return [
            Change(said[f"what_{number}"], UUID(said[f"who_{number}"]), _day(said[f"until_{number}"]))
            for number in _ROWS
            if said[f"what_{number}"]
        ]


def _day(value: Any) -> date:
    assert isinstance(value, date)
    return value
