"""``/partner/day/``: the day as a list for the wall or the pocket, and the same on paper."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from audit import record_read
from kernel.clock import local_day, now, read_day
from papers.printer import print_pdf
from partners.models import Institution
from referrals.counter.day import day_of
from ui.names import CHINESE, named, reads_chinese


@require_safe
@role_required("partner.read")
def day(request: ActingRequest) -> HttpResponse:
    """``?day=``, today where none is asked for."""
    today = local_day(now())
    shown = read_day(request.GET.get("day")) or today
    context = {
        "found": day_of(request.actor, shown),
        "institution": _name(request),
        "is_today": shown == today,
        "earlier": _address("partner_day", shown - timedelta(days=1)),
        "later": _address("partner_day", shown + timedelta(days=1)),
        "now_url": reverse("partner_day"),
        "pdf_url": _address("partner_day_pdf", shown),
    }
    return render(request, "referrals/partner/day.html", context)


@require_safe
@role_required("partner.read")
def day_pdf(request: ActingRequest) -> HttpResponse:
    """The same on A4, to be printed; that it was taken along is recorded."""
    shown = read_day(request.GET.get("day")) or local_day(now())
    found = day_of(request.actor, shown)
    context = {
        "found": found,
        "institution": _name(request),
        "moment": now(),
        "lang": CHINESE if reads_chinese() else "en",
    }
    pdf = print_pdf(render_to_string("referrals/partner/day_paper.html", context))
    record_read(
        actor=request.actor, action="booking.export", object_type="referrals.booking", facts={"rows": len(found.rows)}
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="appointments-{shown.isoformat()}.pdf"'
    return response


def _name(request: ActingRequest) -> str:
    return named(Institution.objects.get(pk=request.actor.institution_id))


def _address(route: str, shown: date) -> str:
    return reverse(route, query={"day": shown.isoformat()})
