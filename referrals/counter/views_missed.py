"""``/partner/unscanned/``: appointments whose day is over and that nobody scanned, and the agency's answer."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from referrals.access import in_school_of
from referrals.counter import selectors
from referrals.counter.lists import UnscannedList
from referrals.missed import Said, stands_as
from referrals.missed_texts import said_text
from referrals.states import BookingState
from referrals.workflow.unscanned import say_took_place
from tenancy.models import Tenant
from ui.names import named
from ui.templatetags.ui import school_time


class SayForm(forms.Form):
    """What the agency says about an appointment."""

    says = forms.ChoiceField(
        label=gettext_lazy("Did it take place?"),
        choices=[
            (Said.YES.value, gettext_lazy("It took place")),
            (Said.NO.value, gettext_lazy("It did not take place, and nobody is to blame")),
            (Said.NO_SHOW.value, gettext_lazy("The person did not come")),
        ],
        widget=forms.RadioSelect,
    )


@require_safe
@role_required("partner.read")
def unscanned(request: ActingRequest) -> HttpResponse:
    """Those that wait for an answer or an outcome, the shortest clock first."""
    context = {**UnscannedList(request).context(), "may_say": request.actor.may("partner.answer")}
    return render(request, "referrals/partner/unscanned.html", context)


@require_safe
@role_required("partner.read")
def unscanned_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file, without the card."""
    return UnscannedList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.answer")
def took_place(request: ActingRequest, booking_id: UUID) -> HttpResponse:
    """What is asked and until when, what each answer means, then the button."""
    booking = selectors.own_booking(request.actor, booking_id)
    form = SayForm(request.POST if request.method == "POST" else None, initial={"says": booking.agency_says or None})
    if request.method == "POST" and form.is_valid():
        with in_school_of(booking) as tenant_id:
            tenant = Tenant.objects.get(pk=tenant_id)
            says = form.cleaned_data["says"]
            say_took_place(actor=request.actor, tenant=tenant, booking_id=booking.pk, says=says)
        messages.success(request, _("Noted. The person is asked as well."))
        return redirect("partner_unscanned")
    moment = now()
    state, until = stands_as(booking, moment)
    if until is None or not may_say(state, booking.ends_at <= moment):
        return redirect("partner_unscanned")  # it says how it stands
    with in_school_of(booking):  # the card is sealed with its school's key
        card = booking.card
    if state is BookingState.CONFIRMED:  # its day is not over: it can still be scanned
        only: Any = form.fields["says"]
        only.choices = only.choices[-1:]
        only.widget = forms.HiddenInput()
        form.initial["says"] = Said.NO_SHOW.value
    context = {
        "title": _("Did it take place?"),
        "lead": _(
            "The person is asked too. What both say decides; if you differ, the school looks at it. Whoever did not come "
            "can object within 48 hours, and only then does the fee of the agreement follow."
        ),
        "facts": [
            (_("Time"), school_time(booking.starts_at)),
            (_("Service"), named(booking.service)),
            (_("For"), card),
            *([] if state is BookingState.CONFIRMED else [(_("Answer by"), school_time(until))]),
            *([(_("You said"), said_text(booking.agency_says))] if booking.agency_says else []),
        ],
        "form": form,
        "confirm_label": _("The person did not come") if state is BookingState.CONFIRMED else _("Send the answer"),
        "back_url": reverse("partner_unscanned"),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


def may_say(state: BookingState, has_ended: bool) -> bool:
    """Whether the agency may answer: while both are asked; that nobody came, as soon as it has ended."""
    return state is BookingState.UNRESOLVED or (state is BookingState.CONFIRMED and has_ended)
