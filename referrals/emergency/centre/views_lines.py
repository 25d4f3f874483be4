"""``/centre/emergency/lines/``: numbers outside the school that answer when nobody of the school is on duty."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.forms import LineForm
from referrals.emergency.models import DutyLine
from referrals.emergency.over import already_done
from referrals.emergency.rules.line_numbers import written
from referrals.emergency.workflow.lines import add_line, change_line, end_line, resume_line
from ui.navigation import at_desk


@require_safe
@role_required("chain.read")
def lines(request: ActingRequest) -> HttpResponse:
    """All of them, those that answer first."""
    rows = [(line, written(line.number)) for line in DutyLine.objects.all()]
    return render(
        request,
        "emergency/lines.html",
        at_desk(
            request,
            "emergency",
            rows=rows,
            may_keep=request.actor.may("chain.rota"),
            may_print=request.actor.may("chain.sheet"),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def line_new(request: ActingRequest) -> HttpResponse:
    """Enter one."""
    form = LineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            add_line(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Entered. Shifts, seats and plans can name it now."))
            return redirect("emergency_lines")
    context = at_desk(request, "emergency", form=form)
    return render(request, "emergency/line_new.html", context, status=422 if form.errors else 200)


def _access_line(line_id: UUID) -> DutyLine:
    line = DutyLine.objects.filter(pk=line_id).first()
    if line is None:
        raise NotFound
    return line


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def line(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """Its words. Another number is another line."""
    found = _access_line(line_id)
    form = LineForm(
        request.POST if request.method == "POST" else None,
        is_new=False,
        initial={"name": found.name, "kind": found.kind, "answers": found.answers},
    )
    if form.is_valid():
        try:
            change_line(actor=request.actor, line_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("emergency_lines")
    context = at_desk(request, "emergency", form=form, line=found, number=written(found.number))
    return render(request, "emergency/line.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def line_end(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """It answers no more."""
    found = _access_line(line_id)
    if not found.is_active:
        return already_done(request, "emergency_lines")
    if request.method == "POST":
        end_line(actor=request.actor, line_id=found.pk)
        messages.success(request, _("Ended. Its shifts to come are gaps now."))
        return redirect("emergency_lines")
    context = {
        "title": _("End this line?"),
        "lead": _("It is called no more. Its shifts to come turn into gaps, and plans that name it would not hold."),
        "facts": [(_("Line"), found.name), (_("Number"), written(found.number))],
        "confirm_label": _("End it"),
        "danger": True,
        "back_url": reverse("emergency_line", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["POST"])
@role_required("chain.rota")
def line_resume(request: ActingRequest, line_id: UUID) -> HttpResponse:
    """It answers again."""
    found = _access_line(line_id)
    if found.is_active:
        return already_done(request, "emergency_lines")
    resume_line(actor=request.actor, line_id=found.pk)
    messages.success(request, _("It is called again."))
    return redirect("emergency_lines")
