"""``…/<incident>/reports/``: what anybody has told, read, answered, or made an incident of its own. Duty and centre."""

import base64
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import remember
from audit import record_read
from kernel.errors import DomainError, NotFound
from referrals.emergency.models import Incident, Report, ReportLetter
from referrals.emergency.report_texts import POST_TEXTS, as_read
from referrals.emergency.rules.reporting import Post
from referrals.emergency.workflow.receiving import Told, told_in
from referrals.emergency.workflow.report_acts import answer_report, read_reports, split_report
from referrals.emergency.workflow.standing import known_to
from ui.lists import page_of
from ui.navigation import at_desk
from ui.refusals import explain

PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class ShownReport:
    """One report with its words. ``facts``: (label, value) of what was said."""

    report: Report
    told: Told
    facts: list[tuple[Any, str]]


@require_safe
@role_required("incident.read")
def reports(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """All of an incident, those that nobody has read first, ``?page=``."""
    one = _incident(request, incident_id)
    rows = Report.objects.filter(incident=one).defer("picture_sealed")
    page = page_of(rows.order_by("read_at", "-danger_now", "-received_at", "pk"), request.GET.get("page"), PAGE, _shown)
    record_read(actor=request.actor, action="incident.read", obj=one)
    unread = [row.report.pk for row in page.object_list if row.report.read_at is None]
    context = at_desk(request, "emergency", incident=one, page=page, unread=unread, quick_exit=True)
    return render(request, "emergency/reports/list.html", context)


@require_POST
@role_required("incident.read")
def reports_read(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """Those that were shown are read."""
    shown = [key for value in request.POST.getlist("report") if (key := _key(value)) is not None]
    count = read_reports(actor=request.actor, incident_id=incident_id, report_ids=shown)
    if count:
        messages.success(request, _("Written down as read. Nobody is called about these any more."))
    else:
        messages.info(request, _("These were read already. Nothing was changed."))
    return redirect("emergency_reports", incident_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.read")
def report(request: ActingRequest, incident_id: UUID, report_id: UUID) -> HttpResponse:
    """One report with its letters; an answer, or an incident of its own."""
    one = _incident(request, incident_id)
    found = Report.objects.filter(pk=report_id, incident=one).first()
    if found is None:
        return _moved(request, one, report_id)
    fault, words = "", ""
    if request.method == "POST":
        words = request.POST.get("words", "").replace("\0", "")
        try:
            return _act(request, one, found, words)
        except DomainError as error:
            remember(error)
            fault = str(explain(error.reason, error.params).title)
    record_read(actor=request.actor, action="incident.read", obj=one)
    letters = list(ReportLetter.objects.filter(report=found).select_related("report").order_by("number"))
    context = at_desk(
        request,
        "emergency",
        incident=one,
        row=_shown([found])[0],
        letters=[(letter.by_id is not None, letter.read(), letter.written_at) for letter in letters],
        is_alone=found.opened and not Report.objects.filter(incident=one).exclude(pk=found.pk).exists(),
        has_ended=one.closed_at is not None,
        fault=fault,
        words=words,
        quick_exit=True,
    )
    return render(request, "emergency/reports/one.html", context, status=422 if fault else 200)


def _act(request: ActingRequest, one: Incident, found: Report, words: str) -> HttpResponse:
    if request.POST.get("act") == "split":
        own = split_report(actor=request.actor, incident_id=one.pk, report_id=found.pk)
        messages.success(request, _("It is an incident of its own now; the school is being called about it."))
        return redirect("emergency_report", own.pk, found.pk)
    answer_report(actor=request.actor, incident_id=one.pk, report_id=found.pk, words=words)
    messages.success(request, _("Sent. Whoever has the receipt can read it."))
    return redirect("emergency_report", one.pk, found.pk)


def _moved(request: ActingRequest, one: Incident, report_id: UUID) -> HttpResponse:
    """It has become another incident's meanwhile: there, for whoever may know of that one."""
    now_in = known_to(request.actor.membership_id).filter(reports=report_id).first()
    if now_in is None:
        raise NotFound
    messages.info(request, _("This report stands with another incident already."))
    return redirect("emergency_report", now_in.pk, report_id)


@require_safe
@role_required("incident.read")
def picture(request: ActingRequest, incident_id: UUID, report_id: UUID) -> HttpResponse:
    """The picture of a report. 404 where there is none."""
    one = _incident(request, incident_id)
    found = Report.objects.filter(pk=report_id, incident=one).first()
    data = found.read("picture") if found is not None else ""
    if not data:
        raise NotFound
    record_read(actor=request.actor, action="incident.read", obj=one)
    return HttpResponse(
        base64.b64decode(data),
        content_type="image/jpeg",
        headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
    )


def _incident(request: ActingRequest, incident_id: UUID) -> Incident:
    one = known_to(request.actor.membership_id).filter(pk=incident_id).first()
    if one is None:
        raise NotFound
    return one


def _shown(rows: list[Report]) -> list[ShownReport]:
    found = []
    for row in rows:
        told = told_in(row)
        told = replace(told, signs=tuple(as_read(sign) for sign in told.signs))
        not_told = [str(POST_TEXTS[Post(one)]) for one in told.not_told]
        if told.not_told_names:
            not_told.append(told.not_told_names)
        facts = [
            (pgettext("report", "About"), told.about),
            (_("Department"), told.department),
            (_("Where"), told.where),
            (_("Noticed"), told.noticed),
            (_("What may have set it off"), told.set_off),
            (_("Must not know"), _(", ").join(not_told)),
            (_("Sent by, not proved"), _(", ").join(part for part in (told.name, told.number) if part)),
        ]
        found.append(ShownReport(row, told, [(label, value) for label, value in facts if value]))
    return found


def _key(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
