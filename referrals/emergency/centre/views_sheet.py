"""``/centre/emergency/sheet/``: the contact sheet on paper, for the day on which nothing else works."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from papers.printer import print_pdf
from referrals.emergency.contact_sheet import sheet_of
from referrals.emergency.models import SheetCopy
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.sheets import number_copy
from ui.names import CHINESE, reads_chinese
from ui.navigation import at_desk

MOST_COPIES = 20


@require_safe
@role_required("chain.sheet")
def sheet(request: ActingRequest) -> HttpResponse:
    """What would stand on it now, and which copies are about."""
    copies = SheetCopy.objects.select_related("by").order_by("-number")[:MOST_COPIES]
    context = at_desk(request, "emergency", sheet=sheet_of(request.tenant, chain_now()), copies=copies, quick_exit=True)
    return render(request, "emergency/sheet.html", context)


@require_POST
@role_required("chain.sheet")
def sheet_print(request: ActingRequest) -> HttpResponse:
    """One numbered copy. A machine without the PDF engine gives no number away."""
    context = {
        "sheet": sheet_of(request.tenant, chain_now()),
        "school": request.tenant,
        "lang": CHINESE if reads_chinese() else "en",
    }
    print_pdf(render_to_string("emergency/sheet_paper.html", {**context, "number": 0}))
    copy = number_copy(actor=request.actor)
    pdf = print_pdf(render_to_string("emergency/sheet_paper.html", {**context, "number": copy.number}))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="contact-sheet-{copy.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
