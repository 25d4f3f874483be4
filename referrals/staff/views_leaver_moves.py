"""``/left/<token>/…/move/``: another time for one appointment of somebody who has left, by the rules of everybody."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.clock import now
from kernel.errors import NotFound, Refused
from referrals.models import Booking, Reschedule
from referrals.new_time import NewTime, facts_of, facts_of_wish, is_asked_by, picker_of
from referrals.rules import may_answer_move
from referrals.staff.leaver_page import Visit, by_link
from referrals.staff.views_reschedule import may_move
from referrals.states import RescheduleSide
from referrals.workflow.rescheduling import (
    accept_reschedule,
    ask_reschedule,
    check_new_time,
    decline_reschedule,
    open_one,
    withdraw_reschedule,
)
from referrals.workflow.slots import busy_of
from ui.names import named
from ui.templatetags.ui import school_time


@require_safe
@by_link
def move(request: HttpRequest, visit: Visit, booking_id: UUID) -> HttpResponse:
    """Choose another time, no later than the page is open."""
    booking, moment = visit.booking(booking_id), now()
    if not may_move(booking) or open_one(booking, moment) is not None:
        return visit.done()  # it says how it stands
    context = {
        "booking": booking,
        "service": named(booking.service),
        "partner": named(booking.partner),
        "picker": picker_of(
            booking,
            NewTime.of(request.GET),
            moment,
            busy_of(booking, moment),
            days=visit.tenant.settings.move_days,
            latest=visit.leaver.last,
        ),
        "check_url": visit.url("leaver_move_check", booking.pk),
        "other_label": _("Agency"),
        "back": visit.url("leaver"),
        "quick_exit": True,
    }
    return render(request, "referrals/left/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def move_check(request: HttpRequest, visit: Visit, booking_id: UUID) -> HttpResponse:
    """Old and new time side by side and what asking means, then the button."""
    booking = visit.booking(booking_id)
    asked = NewTime.of(request.POST if request.method == "POST" else request.GET)
    choose = visit.url("leaver_move", booking.pk)
    if asked.start is None:
        messages.info(request, _("Choose a time first."))
        return redirect(choose)
    start, end = asked.start, asked.end_of(booking)
    if request.method == "POST":
        ask_reschedule(actor=visit.actor, tenant=visit.tenant, booking_id=booking.pk, starts_at=start, ends_at=end)
        messages.success(request, _("Asked. Until the agency says yes, the old time stands."))
        return visit.done()
    if not may_move(booking) or open_one(booking, now()) is not None:
        return visit.done()
    check_new_time(visit.tenant, booking.referral, booking, start, end)
    context = {
        "title": _("Ask for this time instead?"),
        "facts": [(_("Agency"), named(booking.partner)), *facts_of(booking, start, end)],
        "lead": _(
            "The agency answers within 24 hours. Until it says yes, the old time stands; voucher and price stay."
        ),
        "confirm_label": _("Ask for this time"),
        "hidden": [("start", start.isoformat())],
        "back_url": f"{choose}?{asked.query()}",
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


def _own(visit: Visit, reschedule_id: UUID) -> tuple[Reschedule, Booking]:
    asked = Reschedule.objects.filter(pk=reschedule_id).first()
    if asked is None:
        raise NotFound
    return asked, visit.booking(asked.booking_id)


@require_safe
@by_link
def wish(request: HttpRequest, visit: Visit, reschedule_id: UUID) -> HttpResponse:
    """A wish to move that waits: the person answers the agency's, or takes their own back."""
    asked, booking = _own(visit, reschedule_id)
    if not may_answer_move(asked, booking, now()):
        return visit.done()  # it says how it ended
    try:
        check_new_time(visit.tenant, booking.referral, booking, asked.starts_at, asked.ends_at)
        may_accept = True
    except Refused:
        may_accept = False  # said before the click, not after it
    context = {
        "facts": [(_("Agency"), named(booking.partner)), *facts_of_wish(booking, asked)],
        "until": school_time(asked.until),
        "is_mine": is_asked_by(asked, RescheduleSide.PERSON),
        "may_accept": may_accept,
        "accept_url": visit.url("leaver_wish_accept", asked.pk),
        "decline_url": visit.url("leaver_wish_decline", asked.pk),
        "withdraw_url": visit.url("leaver_wish_withdraw", asked.pk),
        "back_url": visit.url("leaver"),
        "quick_exit": True,
    }
    return render(request, "referrals/left/wish.html", context)


@require_POST
@by_link
def wish_accept(request: HttpRequest, visit: Visit, reschedule_id: UUID) -> HttpResponse:
    """Takes the agency's other time."""
    asked, _booking = _own(visit, reschedule_id)
    accept_reschedule(actor=visit.actor, tenant=visit.tenant, reschedule_id=asked.pk)
    messages.success(request, _("Moved. The voucher stays the same one."))
    return visit.done()


@require_POST
@by_link
def wish_decline(request: HttpRequest, visit: Visit, reschedule_id: UUID) -> HttpResponse:
    """Keeps the old time."""
    asked, _booking = _own(visit, reschedule_id)
    decline_reschedule(actor=visit.actor, reschedule_id=asked.pk)
    messages.success(request, _("The old time stands. The agency is told."))
    return visit.done()


@require_POST
@by_link
def wish_withdraw(request: HttpRequest, visit: Visit, reschedule_id: UUID) -> HttpResponse:
    """Takes one's own wish back."""
    asked, _booking = _own(visit, reschedule_id)
    withdraw_reschedule(actor=visit.actor, reschedule_id=asked.pk)
    messages.success(request, _("Taken back. The old time stands."))
    return visit.done()
