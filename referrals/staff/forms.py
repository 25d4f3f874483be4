"""What a person types to ask for help: how much, when, for whom; then consent and an optional note."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.fields import MomentField, WholeField, choice_field
from families.models import Child
from kernel.clock import now
from kernel.errors import Invalid
from partners.calendars.selectors import opening_of
from partners.kinds import ServiceKind, ServiceUnit
from partners.models import Service
from referrals.kinds import KINDS
from referrals.rules import MAX_WINDOWS, SessionRule, check_windows
from referrals.states import ReferralState
from referrals.texts import window_fault
from ui.states import sign_of

PAIRS: Final = 3
MAX_UNITS: Final = 12
MAX_NOTE: Final = 500
_HOW_MANY: Final = {
    ServiceUnit.SESSION: _("How many sessions?"),
    ServiceUnit.HOUR: _("How many hours?"),
    ServiceUnit.HALF_DAY: _("How many half days?"),
    ServiceUnit.DAY: _("How many days?"),
    ServiceUnit.MONTH: _("How many months?"),
}
_INPUT_FORMAT: Final = "%Y-%m-%dT%H:%M"
_MORE: Final = tuple(f"_{pair}" for pair in range(2, PAIRS + 1))


def _moment(label: Any, *, required: bool) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_INPUT_FORMAT)
    missing = {"required": window_fault("windows_missing")}
    return MomentField(label=label, required=required, widget=widget, error_messages=missing)


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


class TimesForm(forms.Form):
    """Step 1. Times are read and shown in the school's zone; ``windows`` gives them on in UTC."""

    units = WholeField(min_value=1, max_value=MAX_UNITS, initial=1)

    def __init__(self, *args: Any, service: Service, children: Sequence[Child], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.session = SessionRule(
            opening_of(service.institution_id), service.visit_minutes, is_exact=False, most=MAX_WINDOWS
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
        for pair in range(1, PAIRS + 1):
            number = {"n": pair}
            self.fields[f"start_{pair}"] = _moment(_("Time %(n)d, from") % number, required=pair == 1)
            self.fields[f"end_{pair}"] = _moment(_("Time %(n)d, until") % number, required=pair == 1)
        self.windows: list[tuple[datetime, datetime]] = []

    def needs_child(self) -> bool:
        """The service is for a child, and none is entered yet."""
        return "child" in self.fields and not choice_field(self, "child").choices

    def first_fields(self) -> list[forms.BoundField]:
        """What everybody answers: how much, for whom, one time."""
        return [field for field in self if not field.name.endswith(_MORE)]

    def more_fields(self) -> list[forms.BoundField]:
        """Further times: folded away until somebody wants them."""
        return [field for field in self if field.name.endswith(_MORE)]

    def shows_more(self) -> bool:
        """Whether one of the further times is filled in, or wrong."""
        return any(field.value() or field.errors for field in self.more_fields())

    def clean(self) -> dict[str, Any]:
        """Pairs of times, faults at their fields."""
        data: dict[str, Any] = super().clean() or {}
        pairs = list(self._pairs(data))
        if pairs and not self._has_time_errors():
            self._check(pairs)
        return data

    def _pairs(self, data: dict[str, Any]) -> Iterator[tuple[int, datetime, datetime]]:
        for pair in range(1, PAIRS + 1):
            start, end = data.get(f"start_{pair}"), data.get(f"end_{pair}")
            if start and end:
                yield pair, start, end
            elif start and f"end_{pair}" not in self.errors:
                self.add_error(f"end_{pair}", _("Until when?"))
            elif end and f"start_{pair}" not in self.errors:
                self.add_error(f"start_{pair}", _("From when?"))

    def _has_time_errors(self) -> bool:
        return any(name.startswith(("start_", "end_")) for name in self.errors)

    def _check(self, pairs: list[tuple[int, datetime, datetime]]) -> None:
        try:
            found = check_windows([(start, end) for _pair, start, end in pairs], now(), self.zone, self.session)
        except Invalid as error:
            for field, code, _detail in error.fields:
                position = int(field.partition("[")[2].partition("]")[0])
                side = "end" if field.endswith("ends_at") else "start"
                self.add_error(f"{side}_{pairs[position][0]}", window_fault(code))
        else:
            self.windows = [(start, end) for start, end in found]


def times_initial(answers: dict[str, Any], zone: Any) -> dict[str, Any]:
    """Earlier answers as the form's first values, in the school's zone."""
    initial: dict[str, Any] = {"units": answers["units"], "child": answers["child"]}
    for pair, (start, end) in enumerate(answers["windows"], 1):
        initial[f"start_{pair}"] = timezone.localtime(datetime.fromisoformat(start).astimezone(UTC), zone)
        initial[f"end_{pair}"] = timezone.localtime(datetime.fromisoformat(end).astimezone(UTC), zone)
    return initial


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
