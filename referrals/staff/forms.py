"""What a person types to ask for help: how much, when, for whom; then consent and an optional note."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import WholeField, choice_field
from families.models import Child
from kernel.clock import now
from partners.calendars.choosing import BOX_NAMES, BoxesForm
from partners.calendars.selectors import opening_of
from partners.kinds import ServiceKind, ServiceUnit
from partners.models import Service
from referrals.kinds import KINDS
from referrals.states import ReferralState
from ui.states import sign_of
from workdays.selectors import calendar

MAX_UNITS: Final = 12
MAX_NOTE: Final = 500
_HOW_MANY: Final = {
    ServiceUnit.SESSION: _("How many sessions?"),
    ServiceUnit.HOUR: _("How many hours?"),
    ServiceUnit.HALF_DAY: _("How many half days?"),
    ServiceUnit.DAY: _("How many days?"),
    ServiceUnit.MONTH: _("How many months?"),
}
MAX_TYPED: Final = 60
"""Characters of one field that a draft keeps; a key has 36."""
_TYPED: Final = ("units", "child", *BOX_NAMES)


class ServiceFilter(forms.Form):
    """Which services to show. A GET form: every answer has an address."""

    kind = forms.ChoiceField(label=_("What kind"), required=False, choices=[("", _("All kinds")), *ServiceKind.choices])
    q = forms.CharField(
        label=_("Name or place"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )


class ReferralFilter(forms.Form):
    """Which of one's own requests to show."""

    state = forms.ChoiceField(label=_("State"), required=False)
    q = forms.CharField(label=_("Number"), required=False, max_length=24, widget=forms.TextInput({"type": "search"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [
            (state.value, sign_of(state, "referral").text) for state in ReferralState if state != ReferralState.DRAFT
        ]
        choice_field(self, "state").choices = [("", _("All")), *states]


class WalletFilter(forms.Form):
    """Which vouchers to show."""

    show = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("live", _("Usable")), ("past", _("Used or ended"))]
    )


class TimesForm(BoxesForm):
    """Step 1: how much, for whom, and the boxes of the day that suit; ``windows`` gives them on as times, in UTC."""

    units = WholeField(min_value=1, max_value=MAX_UNITS, initial=1)

    def __init__(self, *args: Any, service: Service, children: Sequence[Child], **kwargs: Any) -> None:
        super().__init__(
            *args,
            opening=opening_of(service.institution_id),
            calendar=calendar(),
            minutes=service.visit_minutes,
            moment=now(),
            **kwargs,
        )
        self.fields["units"].label = _HOW_MANY[ServiceUnit(service.unit)]
        self.fields["units"].widget.attrs["inputmode"] = "numeric"
        if KINDS[service.kind].for_child:
            choices = [(str(child.pk), child.name) for child in children]
            self.fields["child"] = forms.ChoiceField(
                label=_("Which child?"),
                choices=choices,
                initial=choices[0][0] if len(choices) == 1 else None,
                widget=forms.RadioSelect,
            )

    @property
    def windows(self) -> list[tuple[datetime, datetime]]:
        """What a writer takes; nothing while something is wrong."""
        return [(row.starts_at, row.ends_at) for row in self.times()] if self.is_valid() else []

    def ticked(self) -> list[str]:
        """The names of the boxes that were ticked. The form is valid."""
        return [name for name in BOX_NAMES if self.cleaned_data[name]]

    @staticmethod
    def kept(sent: Mapping[str, Any]) -> dict[str, str]:
        """Of what was sent, what a draft keeps: as it was typed, right or wrong."""
        return {name: str(sent[name])[:MAX_TYPED] for name in _TYPED if sent.get(name)}

    def needs_child(self) -> bool:
        """The service is for a child, and none is entered yet."""
        return "child" in self.fields and not choice_field(self, "child").choices

    def first_fields(self) -> list[forms.BoundField]:
        """What is asked before the boxes: how much, for whom."""
        return [field for field in self if field.name not in BOX_NAMES]


class ConsentForm(forms.Form):
    """Step 2. Nothing is ticked beforehand; each purpose has a box of its own (rules §5)."""

    note = forms.CharField(
        label=_("Anything you would like to say first"),
        help_text=_("You need not write anything, and no reason is asked. Only those who decide can read it."),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea({"rows": 3}),
    )
    consent = forms.BooleanField(error_messages={"required": _("Without this we cannot ask the agency for you.")})

    def __init__(self, *args: Any, partner: str, for_child: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = _(
            "I agree that %(partner)s is told the time, how to address me and the last four digits of my telephone."
        ) % {"partner": partner}
        if for_child:
            self.fields["consent_child"] = forms.BooleanField(
                label=_("As guardian I agree that %(partner)s looks after this child.") % {"partner": partner},
                error_messages={"required": _("The agency needs the guardian's word.")},
            )
