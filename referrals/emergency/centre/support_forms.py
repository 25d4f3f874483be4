"""What is typed about support after an incident: the union's own grant, help for a group, a gradual return."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import DayField, WholeField, choice_field
from referrals.emergency.centre.choices import ChainForm
from referrals.emergency.centre.incident_forms import MOST_WORDS
from referrals.emergency.incident_texts import CARE_TEXTS, DUTY_TEXTS
from referrals.emergency.rules.duties import Duty
from referrals.emergency.rules.support import FEWEST, MOST, MOST_STEPS, SHARES
from referrals.emergency.selectors import departments_with
from tenancy.models import Tenant

_STEPS = range(1, MOST_STEPS + 1)
_BESIDE = (Duty.EVENING, Duty.CLASS_TEACHER)
_DAY = {"type": "date"}


def _agreed() -> forms.CharField:
    return forms.CharField(
        label=_("How and when the person agreed"),
        max_length=MOST_WORDS,
        help_text=_("Only the centre and who is on duty read this."),
    )


class GrantForm(ChainForm):
    """The person's yes, nothing else."""

    agreed_how = _agreed()


class CareForm(ChainForm):
    """Which group, how many, what is offered."""

    kind = forms.ChoiceField(
        label=_("What is offered"),
        choices=[(str(kind), text) for kind, text in CARE_TEXTS.items()],
        widget=forms.RadioSelect,
        initial="group",
    )
    department = forms.ChoiceField(label=_("Whom"), required=False)
    how_many = WholeField(label=_("About how many"), min_value=FEWEST, max_value=MOST)

    def __init__(self, *args: Any, school: Tenant, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = departments_with(school.settings.fewest_people, day)
        choice_field(self, "department").choices = [
            ("", _("Of the whole school")), *((str(pk), name) for pk, name in rows)
        ]  # fmt: skip


class ReturnForm(ChainForm):
    """A gradual return in up to four steps; a step without weeks is none."""

    elsewhere = "weeks_1"
    starts_on = DayField(label=pgettext_lazy("duties", "First day"), widget=forms.DateInput(dict(_DAY), "%Y-%m-%d"))
    duties = forms.MultipleChoiceField(
        label=_("Beside fewer hours, all the time"),
        required=False,
        choices=[(str(duty), DUTY_TEXTS[duty]) for duty in _BESIDE],
        widget=forms.CheckboxSelectMultiple,
    )
    agreed_how = _agreed()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in _STEPS:
            self.fields[f"weeks_{number}"] = WholeField(
                label=_("Step %(n)s: weeks") % {"n": number}, required=number == 1, min_value=1, max_value=13
            )
            self.fields[f"share_{number}"] = forms.TypedChoiceField(
                label=_("Step %(n)s: of the usual hours") % {"n": number},
                choices=[(share, f"{share} %") for share in SHARES],
                coerce=int,
                required=False,
                initial=SHARES[min(number, len(SHARES)) - 1],
            )
        self.order_fields(
            [
                "starts_on",
                *(f"{name}_{number}" for number in _STEPS for name in ("weeks", "share")),
                "duties",
                "agreed_how",
            ]
        )

    def steps(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Weeks and share of each step, side by side."""
        return [(self[f"weeks_{number}"], self[f"share_{number}"]) for number in _STEPS]

    def values(self) -> dict[str, Any]:
        """As the writer takes them."""
        said = self.cleaned_data
        steps = [
            (said[f"weeks_{number}"], said[f"share_{number}"] or 0) for number in _STEPS if said.get(f"weeks_{number}")
        ]
        return {
            "starts_on": said["starts_on"],
            "steps": steps,
            "duties": said["duties"],
            "agreed_how": said["agreed_how"],
        }


class DecideForm(ChainForm):
    """Given or declined, and on which day."""

    given = forms.ChoiceField(
        label=_("How was it decided?"),
        choices=[("yes", pgettext_lazy("grant", "Given")), ("no", pgettext_lazy("grant", "Declined"))],
        widget=forms.RadioSelect,
    )
    on = DayField(
        label=pgettext_lazy("grant", "On which day"),
        widget=forms.DateInput(dict(_DAY), "%Y-%m-%d"),
        help_text=_("No amount is asked here."),
    )

    def values(self) -> dict[str, Any]:
        """As the writer takes them."""
        on: date = self.cleaned_data["on"]
        return {"given": self.cleaned_data["given"] == "yes", "on": on}
