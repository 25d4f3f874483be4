"""``/union/open-days/<id>/questions/``: ask the families, print the code, close the questions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from content.opendays.access import organised
from content.opendays.paper import questions_pdf
from content.opendays.survey_questions import OPEN_DAY
from content.opendays.workflow.surveying import ask_families, close_questions
from kernel.errors import NotFound
from surveys.models import Survey
from surveys.selectors import standing


@require_POST
@role_required("openday.run")
def office_questions(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """Make the link for the families."""
    ask_families(actor=request.actor, school=request.tenant, open_day_id=open_day_id)
    messages.success(request, _("The link and the code stand below. Hang the code up at the exit."))
    return redirect("office_open_day", open_day_id=open_day_id)


@require_POST
@role_required("openday.run")
def office_questions_print(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """The sheet with the code for the exit."""
    day = organised(request.actor, open_day_id)
    asked = standing(OPEN_DAY, day.pk)
    if asked is None:
        raise NotFound
    pdf = questions_pdf(day, asked.asked, survey_address(request, asked.survey), request.tenant)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="questions.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.run")
def office_questions_close(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """What closing means, then the button."""
    day = organised(request.actor, open_day_id)
    if standing(OPEN_DAY, day.pk) is None:
        raise NotFound
    if request.method == "POST":
        close_questions(actor=request.actor, open_day_id=day.pk)
        messages.success(request, _("Closed. What families said stands in the report."))
        return redirect("office_report", open_day_id=day.pk)
    context = {
        "title": _("Close the questions to the families?"),
        "lead": _(
            "Nobody can answer any more, and the questions cannot be opened again. If fewer people answered than may be told, all of it is deleted."
        ),
        "facts": [(_("Open day"), day.title)],
        "confirm_label": _("Close the questions"),
        "back_url": reverse("office_open_day", args=[day.pk]),
    }
    return render(request, "ui/confirm.html", context)


def survey_address(request: HttpRequest, survey: Survey) -> str:
    """Where families answer."""
    return request.build_absolute_uri(reverse("survey", args=[survey.token]))
