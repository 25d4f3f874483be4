"""``/school/roster/``: upload a staff list, look at the difference, confirm, watch, read the result."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import RosterImport, RosterState
from audit import record_read
from jobs.workflow import start
from kernel.errors import Conflict, DomainError, Invalid
from people.forms import RosterForm
from people.roster.access import access_roster
from people.roster.difference import differences
from people.roster.issues import issues_csv, issues_of, issues_xlsx
from people.roster.kept import needs_confirmation
from people.roster.workflow.previewing import choose_invitations, confirm_leavers, discard_roster, upload_roster
from people.texts import refusal_text
from ui.lists import page_of
from ui.navigation import at_desk

SHOWN = 100  # issues on the page; all of them in the file
UPLOADS = 10  # earlier uploads on a page


@require_http_methods(["GET", "POST"])
@role_required("roster.import")
def rosters(request: ActingRequest) -> HttpResponse:
    """Upload, and what was uploaded before. A long list is read as a job; its own page shows how far that is."""
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            roster = upload_roster(
                actor=request.actor,
                file=upload,
                file_name=upload.name,
                marks_leavers=form.cleaned_data["marks_leavers"],
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect("school_roster_import", import_id=roster.pk)
    before = RosterImport.objects.defer("sealed_rows", "errors").order_by("-created_at", "-id")
    context = at_desk(request, "school", form=form, page=page_of(before, request.GET.get("page"), UPLOADS))
    return render(request, "people/rosters.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("roster.import")
def roster(request: ActingRequest, import_id: UUID) -> HttpResponse:
    """One list in its present state: difference, progress, or result. htmx asks for the progress part alone."""
    found = access_roster(request.actor, import_id)
    running = found.state in (RosterState.READING, RosterState.RUNNING)
    if request.headers.get("HX-Request") and running:
        return render(request, "people/roster_progress.html", {"roster": found, "running": True})
    issues = issues_of(found, looks=request.actor.membership_id)
    changes = differences(found, request.actor) if found.state == RosterState.PREVIEWED else []
    context = at_desk(
        request,
        "school",
        roster=found,
        page=page_of(changes, request.GET.get("page"), SHOWN),
        running=running,
        asks_number=found.state == RosterState.PREVIEWED and needs_confirmation(found),
        refused=[row for row in issues if row.blocking][:SHOWN],
        notes=[row for row in issues if not row.blocking][:SHOWN],
        more=max(len(issues) - SHOWN, 0),
        fault=refusal_text(found.counts["fault"], found.counts.get("params", {})) if "fault" in found.counts else "",
    )
    response = render(request, "people/roster.html", context)
    if request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"  # the work has ended: show the whole page
    return response


@require_POST
@role_required("roster.import")
def roster_apply(request: ActingRequest, import_id: UUID) -> HttpResponse:
    """Start writing, as a job; its own page shows how far it is."""
    found = access_roster(request.actor, import_id)
    try:
        if found.state == RosterState.PREVIEWED:
            if needs_confirmation(found):
                confirm_leavers(actor=request.actor, import_id=found.pk, typed=request.POST.get("leavers", ""))
            choose_invitations(actor=request.actor, import_id=found.pk, wanted="invites" in request.POST)
        start(actor=request.actor, kind="roster", params={"import": found.pk})
    except Invalid as refusal:
        messages.error(request, refusal_text(refusal.reason, refusal.params) or refusal.reason)
    except Conflict:
        messages.error(request, _("This list can no longer be written. Upload it again."))
    return redirect("school_roster_import", import_id=found.pk)


@require_POST
@role_required("roster.import")
def roster_discard(request: ActingRequest, import_id: UUID) -> HttpResponse:
    """Put it away unwritten."""
    discard_roster(actor=request.actor, import_id=import_id)
    messages.success(request, _("The list was discarded. Nothing was changed."))
    return redirect("school_roster")


@require_safe
@role_required("roster.import")
def roster_issues(request: ActingRequest, import_id: UUID, kind: str) -> HttpResponse:
    """The refused rows as a file, to be corrected and uploaded again."""
    found = access_roster(request.actor, import_id)
    if kind == "xlsx":
        content, content_type = issues_xlsx(found), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    else:
        content, content_type = issues_csv(found), "text/csv; charset=utf-8"
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="rows-to-correct.{kind}"'
    response["Cache-Control"] = "no-store"
    record_read(actor=request.actor, action="roster.export", obj=found, facts={"rows": len(found.errors)})
    return response
