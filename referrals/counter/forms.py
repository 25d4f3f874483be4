"""What a partner types: a time, a reason, a filter. Reading only: writers decide."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.fields import DayField, choice_field
from accounts.writer_form import WriterForm
from kernel.clock import read_moment
from kernel.errors import DomainError
from referrals.counter.selectors import OVER
from referrals.states import BookingState, OfferState, RedemptionState
from referrals.texts import window_fault
from referrals.workflow.answering import OFFER_DECLINE_REASONS
from referrals.workflow.redeeming import REVERSE_REASONS
from referrals.workflow.rerouting import AGENCY_CANCEL_REASONS
from ui.states import sign_of
from ui.templatetags.ui import school_time

DECLINE_TEXTS: Final = {
    "no_capacity": _("We have no place free"),
    "no_such_time": _("We are not open at these times"),
    "not_our_field": _("We do not offer this"),
    "on_holiday": _("We are on holiday then"),
}
CANCEL_TEXTS: Final = {
    "ill": _("Somebody of ours is ill"),
    "double_booked": _("The time was given twice"),
    "closed_that_day": _("We are closed that day"),
    "cannot_serve": _("We cannot offer this any more"),
}
REVERSE_TEXTS: Final = {
    "scanned_by_mistake": _("Scanned by mistake"),
    "wrong_person": _("Another person's voucher"),
    "not_delivered": _("The service did not take place"),
    "wrong_amount": _("Wrong amount"),
    "upheld": _("The school upheld the person's objection"),
}


class StartForm(forms.Form):
    """At which start the partner takes the request, and who of its people does it."""

    starts_at = forms.ChoiceField(label=_("Start"))
    counsellor = forms.ChoiceField(label=_("Who does it"), required=False)

    def __init__(
        self,
        *args: Any,
        starts: Iterable[tuple[datetime, datetime]],
        people: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = list(people)
        choice_field(self, "counsellor").choices = [("", _("Whoever is free then")), *self.people]
        self.ends = {start.astimezone(UTC).isoformat(): (start, end) for start, end in starts}
        choice_field(self, "starts_at").choices = [
            (key, school_time(start)) for key, (start, _end) in self.ends.items()
        ]

    def times(self) -> tuple[datetime, datetime]:
        """``(start, end)`` of a valid form."""
        return self.ends[self.cleaned_data["starts_at"]]

    def named(self) -> UUID | None:
        """Who does it; None for whoever is free. The form is valid."""
        return UUID(self.cleaned_data["counsellor"]) if self.cleaned_data["counsellor"] else None


class StartsField(forms.Field):
    """Starts as the control sends them: moments with their offset."""

    widget = forms.SelectMultiple  # its errors belong into the summary; partners/choose draws it
    default_error_messages = {"required": window_fault("windows_missing"), "invalid": _("Choose a time from the page.")}

    def clean(self, value: Any) -> list[datetime]:
        """The moments, each once, in order. ValidationError ``required``, ``invalid``."""
        found = [read_moment(text) for text in value or ()]
        if not found:
            raise ValidationError(self.error_messages["required"], code="required")
        moments = [moment for moment in found if moment is not None]
        if len(moments) < len(found):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return sorted(set(moments))


class ProposeForm(WriterForm):
    """Up to five other starts; each lasts one unit."""

    start = StartsField(label=_("Start"))

    def __init__(self, *args: Any, minutes: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.length = timedelta(minutes=minutes)

    def windows(self) -> list[tuple[datetime, datetime]]:
        """What the writer wants."""
        return [(start, start + self.length) for start in self.cleaned_data["start"]]

    def sentence(self, code: str, error: DomainError, detail: str) -> Any:
        """What is wrong with the time, and with which when there are several."""
        return window_fault(code)

    def place(self, field: str) -> str | None:
        """There is one control."""
        return "start"


class AppointmentForm(ProposeForm):
    """The next appointment of a course: one start; it lasts one unit."""


def _choices(texts: dict[str, Any], known: frozenset[str]) -> list[tuple[str, Any]]:
    return [(code, text) for code, text in texts.items() if code in known]


class DeclineForm(forms.Form):
    """Why not; the list is closed so that the person gets an answer and no judgement."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=_choices(DECLINE_TEXTS, OFFER_DECLINE_REASONS), widget=forms.RadioSelect
    )


class CancelForm(forms.Form):
    """Why the agency cannot keep an appointment; the person reads it."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=_choices(CANCEL_TEXTS, AGENCY_CANCEL_REASONS), widget=forms.RadioSelect
    )


class ReverseForm(forms.Form):
    """Why a redemption is taken back."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=_choices(REVERSE_TEXTS, REVERSE_REASONS), widget=forms.RadioSelect
    )


def _date(label: Any) -> DayField:
    return DayField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _states(states: Any, machine: str) -> list[tuple[str, Any]]:
    return [("", _("All states")), *[(state.value, sign_of(state, machine).text) for state in states]]


class OfferFilter(forms.Form):
    """The requests' filters, by GET. ``services``: ``(id, name)`` of the institution's own."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=_states(OfferState, "offer"))
    service = forms.ChoiceField(label=_("Service"), required=False)

    def __init__(self, *args: Any, services: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "service").choices = [("", _("All services")), *services]


class BookingFilter(forms.Form):
    """The appointments' filters, by GET."""

    day = _date(_("Day"))
    state = forms.ChoiceField(
        label=_("Which ones"),
        required=False,
        choices=[("", _("From today on")), (OVER, _("Before today")), *_states(BookingState, "booking")[1:]],
    )


class UnscannedFilter(forms.Form):
    """What became of appointments that nobody scanned, by GET; those that are open unless another state is asked for."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All that are open")),
            *_states(
                [BookingState.UNRESOLVED, BookingState.NO_SHOW, BookingState.DISPUTED, BookingState.LAPSED], "booking"
            )[1:],
        ],
    )


class RedemptionFilter(forms.Form):
    """The redemptions' filters, by GET."""

    q = forms.CharField(
        label=_("Voucher number"), required=False, max_length=40, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=_states(RedemptionState, "redemption"))
    first = _date(_("From"))
    last = _date(_("Until"))
