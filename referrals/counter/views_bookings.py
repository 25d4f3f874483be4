"""``/partner/bookings/``: appointments by day and state, with the minimum card."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import actor_for
from audit import record_read
from exports import csv_answer
from referrals.counter.forms import BookingFilter
from referrals.counter.selectors import bookings_for_file, page_of_visits
from referrals.texts import named
from ui.states import sign_of


def _wanted(form: BookingFilter) -> dict[str, Any]:
    data = form.cleaned_data if form.is_valid() else {}
    return {"state": data.get("state") or "", "day": data.get("day")}


@never_cache
@require_safe
@role_required("partner.read")
def bookings(request: HttpRequest) -> HttpResponse:
    """Newest first; ``?day=&state=&page=``."""
    form = BookingFilter(request.GET)
    wanted = _wanted(form)
    page, visits = page_of_visits(actor_for(request), **wanted, number=request.GET.get("page"))
    context = {"filter": form, "page": page, "visits": visits, "filtered": any(wanted.values())}
    return render(request, "referrals/partner/bookings.html", context)


@never_cache
@require_safe
@role_required("partner.read")
def bookings_csv(request: HttpRequest) -> HttpResponse:
    """The same list without the card: a file travels further than a screen."""
    rows = bookings_for_file(actor_for(request), **_wanted(BookingFilter(request.GET)))
    answer = csv_answer(
        [_("Request key"), _("Voucher number"), _("Start"), _("End"), _("Service"), _("State")],
        (
            [
                row.referral_id,
                row.voucher_number,
                row.starts_at,
                row.ends_at,
                named(row.service),
                sign_of(row.state, "booking").word,
            ]
            for row in rows
        ),
    )
    record_read(actor=actor_for(request), action="booking.export", facts={"rows": answer.rows})
    return answer
