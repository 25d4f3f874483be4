"""``/vouchers/``: the wallet, one voucher to hold out, on paper, as a picture, in the calendar; and ``/v/<token>/``."""

from datetime import date
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import local_day, now
from kernel.errors import NotFound
from referrals import texts
from referrals.access import access_voucher
from referrals.codes import SecretKind, normalise
from referrals.models import Voucher
from referrals.paper.calendar import appointment_ics
from referrals.paper.facts import facts_of, paper_of
from referrals.paper.qr import card_png, check_address
from referrals.paper.voucher import voucher_pdf as print_voucher
from referrals.rules import shown_state
from referrals.staff import selectors as mine
from referrals.staff.lists import Wallet
from referrals.states import VoucherState
from referrals.workflow.reminding import reminded_on
from tenancy.models import Tenant
from ui.addresses import HOST_ALONE
from ui.names import named
from ui.templatetags.ui import code444, school_day, school_time

_SPENT: Final = frozenset({VoucherState.USED_UP, VoucherState.EXPIRED, VoucherState.VOID})


def _today(request: ActingRequest) -> date:
    return local_day(now(), request.tenant.time_zone)


@require_safe
@role_required("voucher.own")
def wallet_page(request: ActingRequest) -> HttpResponse:
    """All my vouchers, usable ones first; ``?show=&page=``. No code is shown here."""
    return render(request, "referrals/vouchers/wallet.html", {**Wallet(request).context(), "quick_exit": True})


@require_safe
@role_required("voucher.own")
def wallet_csv(request: ActingRequest) -> HttpResponse:
    """The same list for a spreadsheet: numbers and money, no code. The file's name is neutral."""
    return Wallet(request).file()


@require_safe
@role_required("voucher.own")
def voucher_page(request: ActingRequest, voucher_id: UUID) -> HttpResponse:
    """The face to hold out, what it is worth, where to go, who can see it and who has looked."""
    voucher = access_voucher(request.actor, voucher_id)
    state = shown_state(voucher, _today(request))
    partner = named(voucher.partner)
    scans = mine.scans_of(voucher)
    context = {
        "voucher": voucher,
        "title": texts.KIND_TEXTS[voucher.service.kind].voucher,
        "subtitle": _subtitle(voucher, partner),
        "state": state,
        "spent": state in _SPENT,
        "code": voucher.code,
        "qr_url": check_address(voucher.token, scheme=request.scheme or "http"),
        "facts": facts_of(voucher),
        "is_course": voucher.units > 1,
        "partner": partner,
        "booking": voucher.booking,
        "reminders": _(", ").join(str(days) for days in reminded_on(request.tenant, voucher)),
        "redemptions": list(mine.redemptions_of(voucher)),
        "see_rows": texts.see_rows(
            voucher.service.kind, partner, has_child=voucher.referral.child_id is not None, is_accepted=True
        ),
        "scans": [
            (
                scan.at,
                f"{named(scan.partner)} · {texts.desk_text(desk)}",
                texts.SCANS.get(scan.outcome, _("was refused")),
            )
            for scan, desk in scans
        ],
        "pdf_url": reverse("voucher_pdf", args=[voucher.pk]),
        "image_url": reverse("voucher_picture", args=[voucher.pk]),
        "quick_exit": True,
    }
    response = render(request, "referrals/vouchers/voucher.html", context)
    response["Referrer-Policy"] = HOST_ALONE
    return response


def _subtitle(voucher: Voucher, partner: str) -> str:
    when = school_time(voucher.booking.starts_at) if voucher.booking else ""
    return " · ".join(part for part in (partner, when) if part)


@require_safe
@role_required("voucher.own")
def voucher_pdf(request: ActingRequest, voucher_id: UUID) -> HttpResponse:
    """The voucher on paper. A new state has a new file name: some phones keep a file by its name."""
    return paper(access_voucher(request.actor, voucher_id), request.tenant, request.scheme or "http")


def paper(voucher: Voucher, tenant: Tenant, scheme: str) -> HttpResponse:
    """The file of ``voucher_pdf``."""
    pdf = print_voucher(paper_of(voucher, tenant, scheme=scheme))
    return _download(pdf, "application/pdf", f"{_file_name(voucher)}.pdf")


@require_safe
@role_required("voucher.own")
def voucher_picture(request: ActingRequest, voucher_id: UUID) -> HttpResponse:
    """The code as a picture for the album; it says neither which service nor whose it is."""
    voucher = access_voucher(request.actor, voucher_id)
    last = _("Valid until %(day)s, 24:00") % {"day": school_day(voucher.valid_until)}
    address = check_address(voucher.token, scheme=request.scheme or "http")
    picture = card_png(address, code=code444(voucher.code), lines=(voucher.number, last))
    return _download(picture, "image/png", f"{_file_name(voucher)}.png")


@require_safe
@role_required("booking.own")
def voucher_ics(request: ActingRequest, voucher_id: UUID) -> HttpResponse:
    """The appointment for the person's calendar. NotFound for a voucher without one."""
    return calendar_entry(access_voucher(request.actor, voucher_id), request.tenant)


def calendar_entry(voucher: Voucher, tenant: Tenant) -> HttpResponse:
    """The file of ``voucher_ics``, or NotFound."""
    if voucher.booking is None:
        raise NotFound
    event = appointment_ics(voucher.booking, host=tenant.host)
    return _download(event, "text/calendar; charset=utf-8", f"{_file_name(voucher)}.ics")


def _file_name(voucher: Voucher) -> str:
    sequence = voucher.booking.sequence if voucher.booking else 0
    return f"{voucher.number}-{sequence}-{voucher.units_left}"


def _download(body: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@never_cache
@sensitive_variables("token")
@require_safe
def check_page(request: ActingRequest, token: str) -> HttpResponse:
    """What any camera opens: hand this to the counter. Every token looks the same, so nothing can be found out here.

    A counter that is signed in gets a button that looks the voucher up.
    """
    if not request.on_platform:
        raise NotFound
    secret = normalise(token)
    if secret is None or secret.kind is not SecretKind.TOKEN:
        raise NotFound
    actor = getattr(request, "actor", None)
    context = {"token": secret.value, "may_scan": actor is not None and actor.may("partner.redeem")}
    response = render(request, "referrals/vouchers/check.html", context)
    response["Referrer-Policy"] = HOST_ALONE
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
