"""``/union/open-days/<id>/report/``: the day afterwards, in numbers, in what families said, in pictures; page and PDF."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from content.models import ReportPage
from content.opendays.access import organised
from content.opendays.checkins import report_of
from content.opendays.models import OpenDay
from content.opendays.paper import report_pdf
from content.opendays.pictures import take_down_by, taken_back
from content.opendays.workflow.photos import pictures_looked_through
from kernel.clock import now
from ui.navigation import at_desk


@require_safe
@role_required("openday.run")
def office_report(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """How it went; none by department and no name."""
    day = organised(request.actor, open_day_id)
    page = report_page(day)
    context = at_desk(
        request,
        "union",
        day=day,
        report=report_of(day),
        page=page,
        shots=page.shown_pictures() if page is not None and page.live else [],
        has_begun=now() >= day.starts_at,
        is_late=page is not None and not page.live and page.due_on < request.tenant.today(),
        taken_down=take_down_by(taken_back(day), request.tenant),
    )
    return render(request, "opendays/report.html", context)


@require_POST
@role_required("openday.run")
def office_report_print(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """The same as PDF."""
    day = organised(request.actor, open_day_id)
    pdf = report_pdf(day, report_of(day), report_page(day), request.tenant)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="open-day-report.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.run")
def office_pictures(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """What it means that the pictures were looked through, then the button."""
    day = organised(request.actor, open_day_id)
    back = reverse("office_report", args=[day.pk])
    if request.method == "POST":
        pictures_looked_through(actor=request.actor, open_day_id=day.pk)
        messages.success(request, _("Written down. The pictures are shown again."))
        return redirect(back)
    context = {
        "title": _("Have all these pictures been looked through?"),
        "lead": _(
            "Say so only when an editor has taken out every picture in which somebody can be recognised who no longer wants to be seen."
        ),
        "facts": [(_("Open day"), day.title)],
        "confirm_label": _("Yes, looked through"),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


def report_page(day: OpenDay) -> ReportPage | None:
    """The editors' page about the day, published or not; None when there is none, or it was thrown away."""
    return ReportPage.objects.filter(pk=day.report_id).first() if day.report_id is not None else None
