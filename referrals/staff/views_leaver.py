"""``/left/<token>/``: what still runs for somebody who has left the school, by a link of their own (books §4, ADR 0046).

GET shows, POST acts. Nothing else of the school stands here, and every closed link looks like one that never was.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kernel.clock import now
from kernel.errors import NotFound, Refused
from referrals import texts
from referrals.access import access_voucher
from referrals.ending_texts import with_freed, with_return
from referrals.missed import Missed, Said, is_asked_about, stands_as
from referrals.missed_texts import late_warning, no_show_warning, said_text
from referrals.models import Booking, Redemption, Referral, Voucher
from referrals.paper.facts import facts_of
from referrals.paper.qr import check_address
from referrals.rules import Cancellation, shown_state
from referrals.staff import selectors as mine
from referrals.staff.leaver_page import SEE_OTHER, Visit, by_link, by_link_to_answer, unfound
from referrals.staff.views_wallet import calendar_entry, paper
from referrals.states import STANDING, BookingState, RedemptionState, VoucherState
from referrals.workflow.appointments import cancel_appointment
from referrals.workflow.cancelling import cancel_referral, cancelling_means, meaning_for
from referrals.workflow.course import is_course, live_voucher, may_stop
from referrals.workflow.fees import fee_of
from referrals.workflow.leaver_links import new_link_signed_in, of_leaver, path_of
from referrals.workflow.objecting import may_object
from referrals.workflow.stopping import stop_course
from referrals.workflow.unit_holders import asked_about
from referrals.workflow.unscanned import say_took_place
from tenancy.middleware import HostRequest
from ui.names import named
from ui.templatetags.ui import school_time


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HostRequest) -> HttpResponse:
    """Who signs in with the account of a place they have left opens their page here; nobody else finds anything."""
    guest, tenant = getattr(request, "guest", None), request.tenant
    if guest is None:
        raise NotFound
    if request.method == "POST":
        return HttpResponseRedirect(path_of(new_link_signed_in(tenant=tenant, user=guest)), status=SEE_OTHER)
    member = guest.memberships.first()
    if member is None or of_leaver(tenant, member) is None:
        raise NotFound
    return unfound(render(request, "referrals/left/begin.html", {"quick_exit": True}))


@never_cache
@require_safe
def over(request: HttpRequest) -> HttpResponse:
    """After the last of it: the link is closed, so this page holds nothing of it and looks the same for everybody."""
    return unfound(render(request, "referrals/left/over.html", {"quick_exit": True}))


@require_safe
@by_link_to_answer
def page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Appointments to come, what is asked about earlier ones and uses, vouchers that are good; until when the page is open.

    When the days are over it shows what is asked and nothing that could be used, whatever a sweep has left standing.
    """
    member, today, moment, is_over = visit.leaver.member, visit.tenant.today(), now(), visit.leaver.is_over
    bookings = list(
        Booking.objects.select_related("partner", "service", "referral")
        .filter(referral__person=member, state__in=(*STANDING, BookingState.UNRESOLVED, BookingState.NO_SHOW))
        .order_by("starts_at", "id")[:100]
    )
    vouchers = list(
        Voucher.objects.select_related("partner", "service", "booking", "referral")
        .filter(person=member, state__in=mine.LIVE, valid_until__gte=today)
        .order_by("valid_until", "id")[: 0 if is_over else 100]
    )
    uses = Redemption.objects.select_related("voucher__service", "partner").filter(
        voucher__person=member, state__in=(RedemptionState.REDEEMED, RedemptionState.DISPUTED)
    )
    wishes, by_request = mine.wishes_of(bookings), {row.referral_id: row for row in vouchers}
    context = {
        "until": visit.leaver.last,
        "is_over": is_over,
        "coming": [
            _shown(visit, row, wishes.get(row.pk), by_request.get(row.referral_id))
            for row in bookings
            if row.state == BookingState.CONFIRMED and row.ends_at > moment and not is_over
        ],
        "asked": [
            (row, stands_as(row, moment)[1], visit.url("leaver_took_place", row.pk))
            for row in bookings
            if is_asked_about(row, moment) and stands_as(row, moment)[0] != BookingState.DISPUTED
        ],
        "uses": [
            (row, row.state == RedemptionState.DISPUTED, visit.url("leaver_use", row.pk))
            for row in uses.order_by("redeemed_at", "pk")[:100]
            if row.state == RedemptionState.DISPUTED or may_object(row, moment)
        ],
        "vouchers": [
            {
                "row": row,
                "title": texts.KIND_TEXTS[row.service.kind].voucher,
                "state": shown_state(row, today),
                "left": texts.unit_text(row.service.unit, row.units_left),
                "url": visit.url("leaver_voucher", row.pk),
            }
            for row in vouchers
        ],
        "quick_exit": True,
    }
    return render(request, "referrals/left/page.html", context)


def _shown(visit: Visit, row: Booking, wish: Any, voucher: Voucher | None) -> dict[str, Any]:
    to_come = row.starts_at > now()
    course = voucher is not None and is_course(row.referral, voucher)
    cancel = visit.url("leaver_cancel", row.referral_id) + (f"?booking={row.pk}" if course else "")
    return {
        "row": row,
        "wish": wish,
        "wish_url": visit.url("leaver_wish", wish.pk) if wish else "",
        "move_url": visit.url("leaver_move", row.pk) if to_come and wish is None else "",
        "cancel_url": cancel if to_come else "",
    }


@require_safe
@by_link
def voucher_page(request: HttpRequest, visit: Visit, voucher_id: UUID) -> HttpResponse:
    """The face to hold out."""
    voucher = access_voucher(visit.actor, voucher_id)
    state, partner = shown_state(voucher, visit.tenant.today()), named(voucher.partner)
    when = school_time(voucher.booking.starts_at) if voucher.booking else ""
    voucher_of_course = is_course(voucher.referral, voucher)
    context = {
        "voucher": voucher,
        "title": texts.KIND_TEXTS[voucher.service.kind].voucher,
        "subtitle": " · ".join(part for part in (partner, when) if part),
        "state": state,
        "spent": state in (VoucherState.USED_UP, VoucherState.EXPIRED, VoucherState.VOID),
        "code": voucher.code,
        "qr_url": check_address(voucher.token, scheme=request.scheme or "http"),
        "facts": facts_of(voucher),
        "is_course": voucher.units > 1,
        "partner": partner,
        "pdf_url": visit.url("leaver_voucher_pdf", voucher.pk),
        "ics_url": visit.url("leaver_voucher_ics", voucher.pk) if voucher.booking else "",
        "cancel_label": _("Stop the course") if voucher_of_course else _("Cancel this request"),
        "cancel_url": visit.url("leaver_cancel", voucher.referral_id),
        "back_url": visit.url("leaver"),
        "quick_exit": True,
    }
    return render(request, "referrals/left/voucher.html", context)


@require_safe
@by_link
def voucher_pdf(request: HttpRequest, visit: Visit, voucher_id: UUID) -> HttpResponse:
    """The voucher on paper."""
    return paper(access_voucher(visit.actor, voucher_id), visit.tenant, request.scheme or "http")


@require_safe
@by_link
def voucher_ics(request: HttpRequest, visit: Visit, voucher_id: UUID) -> HttpResponse:
    """Its next appointment for the person's calendar. NotFound for a voucher without one."""
    return calendar_entry(access_voucher(visit.actor, voucher_id), visit.tenant)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def cancel(request: HttpRequest, visit: Visit, referral_id: UUID) -> HttpResponse:
    """What cancelling means, then the button: one appointment of a course with ``?booking=``, else the whole request."""
    found = visit.referral(referral_id)
    if wanted := request.GET.get("booking", ""):
        return _cancel_one(request, visit, found, wanted)
    voucher = live_voucher(found)
    course = voucher is not None and is_course(found, voucher)
    if request.method == "POST":
        end = stop_course if course else cancel_referral
        end(actor=visit.actor, tenant=visit.tenant, referral_id=found.pk)
        messages.success(request, with_freed(found, _("Cancelled.")))
        return visit.done()
    leaving = cancelling_means(found, visit.tenant)
    if leaving.meaning is Cancellation.STARTED:
        raise Refused("cancel_started")
    if course and not may_stop(found, voucher, visit.tenant):
        return visit.done()  # it says how it stands
    if not course and asked_about(found, now()):
        raise Refused("asked_about")
    told = _("The agency is told, without a reason.")
    context = {
        "title": _("Stop the course here?") if course else _("Cancel this request?"),
        "facts": [
            *_facts(found),
            *((_("Time"), school_time(row.starts_at)) for row in mine.bookings_of(found) if row.state in STANDING),
        ],
        "lead": told if leaving.fee.uses_unit else with_return(found, "", told),
        "warning": late_warning(found, leaving),
        "danger": True,
        "confirm_label": _("Stop the course") if course else _("Cancel the request"),
        "back_url": visit.url("leaver"),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


def _facts(found: Referral) -> list[tuple[str, str]]:
    return [(_("Number"), found.number), (_("Service"), named(found.service)), (_("Agency"), named(found.partner))]


def _cancel_one(request: HttpRequest, visit: Visit, found: Referral, wanted: str) -> HttpResponse:
    booking = next((row for row in mine.bookings_of(found) if str(row.pk) == wanted), None)
    if booking is None:
        raise NotFound
    if request.method == "POST":
        cancel_appointment(actor=visit.actor, tenant=visit.tenant, referral_id=found.pk, booking_id=booking.pk)
        messages.success(request, _("Cancelled."))
        return visit.done()
    if booking.state != BookingState.CONFIRMED:
        return visit.done()  # it says how it stands
    leaving = meaning_for(found, booking, visit.tenant)
    if leaving.meaning is Cancellation.STARTED:
        raise Refused("cancel_started")
    context = {
        "title": _("Cancel this appointment?"),
        "facts": [*_facts(found), (_("Time"), school_time(booking.starts_at))],
        "lead": _("The agency is told, without a reason."),
        "warning": late_warning(found, leaving),
        "confirm_label": _("Cancel the appointment"),
        "back_url": visit.url("leaver"),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link_to_answer
def took_place(request: HttpRequest, visit: Visit, booking_id: UUID) -> HttpResponse:
    """Whether an appointment that nobody scanned took place: what each answer means, then two buttons."""
    booking = visit.booking(booking_id)
    found = booking.referral
    if request.method == "POST":
        says = request.POST.get("says", "")
        say_took_place(actor=visit.actor, tenant=visit.tenant, booking_id=booking.pk, says=says)
        messages.success(request, _("Thank you, it is noted."))
        return visit.done()
    state, until = stands_as(booking, now())
    if until is None or state not in (BookingState.UNRESOLVED, BookingState.NO_SHOW):
        return visit.done()  # it says how it stands
    is_objection, voucher, warning = state is BookingState.NO_SHOW, live_voucher(found), ""
    if is_objection and voucher is not None:
        warning = no_show_warning(found, fee_of(visit.tenant, found, voucher, booking, Missed.NO_SHOW))
    context = {
        "is_objection": is_objection,
        "facts": [
            (_("Service"), named(booking.service)),
            (_("Agency"), named(booking.partner)),
            (_("Time"), school_time(booking.starts_at)),
            *([(_("You said"), said_text(booking.person_says))] if booking.person_says else []),
        ],
        "until": school_time(until),
        "warning": warning,
        "yes": Said.YES.value,
        "no": Said.NO.value,
        "back_url": visit.url("leaver"),
        "quick_exit": True,
    }
    return render(request, "referrals/my/took_place.html", context)
