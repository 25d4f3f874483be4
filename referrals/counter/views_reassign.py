"""``/partner/bookings/…/person/``: the agency gives a standing appointment to another of its people."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.fields import choice_field
from partners.calendars.resources import own_names_of
from referrals.access import in_school_of
from referrals.counter.selectors import own_booking
from referrals.workflow.reassigning import may_reassign, reassign
from ui.names import named
from ui.templatetags.ui import school_time


class ReassignForm(forms.Form):
    """Who is free then."""

    counsellor = forms.ChoiceField(label=gettext_lazy("Who has it instead"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "counsellor").choices = people


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.answer")
def reassign_booking(request: ActingRequest, booking_id: UUID) -> HttpResponse:
    """What it means for the person, who is free then, and the button."""
    booking = own_booking(request.actor, booking_id)
    with in_school_of(booking):  # the card is sealed with its school's key
        others, card = may_reassign(booking), booking.card
    if not others:
        messages.info(request, _("Nobody else is free at that time. Nothing was changed."))
        return redirect("partner_bookings")
    names = own_names_of({booking.resource, *(place.key for place in others)})
    people = [(str(place.resource_id), names[place.key]) for place in others]
    form = ReassignForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        with in_school_of(booking):
            reassign(actor=request.actor, booking_id=booking.pk, resource_id=UUID(form.cleaned_data["counsellor"]))
        messages.success(request, _("Changed. The person is told at once."))
        return redirect("partner_bookings")
    context = {
        "title": _("Give this appointment to a colleague?"),
        "lead": _(
            "Time, voucher and price stay. The person is told; if they would rather not, they let it go without a fee until it begins."
        ),
        "facts": [
            (_("Time"), school_time(booking.starts_at)),
            (_("Service"), named(booking.service)),
            (_("For"), card),
            *([(_("With"), names[booking.resource])] if booking.resource in names else []),
        ],
        "form": form,
        "confirm_label": _("Change it"),
        "back_url": reverse("partner_bookings"),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
