"""``/centre/emergency/<id>/duties/``: what of the person's duties changes for a while, with their agreement (chain §6)."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from audit import record_read
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.duties_forms import DutiesForm, RenewForm
from referrals.emergency.duties import arrangers_of
from referrals.emergency.duties_shown import shown_changes
from referrals.emergency.incident_texts import duties_text
from referrals.emergency.models import DutyChange, Incident, chain_moment
from referrals.emergency.over import already_done
from referrals.emergency.workflow.duties import end_duties, renew_duties, write_duties
from referrals.emergency.workflow.standing import known_to
from ui.confirm import asked_again
from ui.navigation import at_desk
from ui.templatetags.ui import school_day


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("duties.write")
def duties(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """Those of this incident, and one more. Who reads it stands there by name before it is sent."""
    one = known_to(request.actor.membership_id).filter(pk=incident_id).first()
    if one is None:
        raise NotFound
    day = request.tenant.day_of(chain_moment())
    form = DutiesForm(request.POST if request.method == "POST" else None, initial={"starts_on": day})
    if form.is_valid():
        try:
            write_duties(actor=request.actor, incident_id=one.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Written. Whoever arranges it is told that there is something to look at."))
            return redirect("emergency_duties", one.pk)
    record_read(actor=request.actor, action="incident.read", obj=one)
    return render(
        request, "emergency/duties/office.html", _context(request, one, form, day), status=422 if form.errors else 200
    )


def _context(request: ActingRequest, one: Incident, form: DutiesForm, day: date) -> dict[str, Any]:
    rows = list(DutyChange.objects.filter(incident=one).order_by("-starts_on", "-pk"))
    for row in rows:
        if one.person is not None:
            row.person = one.person  # each is theirs: read once
    told = arrangers_of({one.pk: one.person}, day)[one.pk] if one.person is not None else []
    return at_desk(
        request,
        "emergency",
        incident=one,
        form=form,
        rows=shown_changes(rows, day),
        person=one.person,
        readers=_(", ").join(reader.name for reader in told),
        quick_exit=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("duties.write")
def renew(request: ActingRequest, change_id: UUID) -> HttpResponse:
    """The same duties for longer: the person is asked again."""
    row = _change(request, change_id)
    if row.ended_at is not None:
        return already_done(request, "emergency_duties", row.incident_id)
    form = RenewForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            renew_duties(actor=request.actor, change_id=row.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Renewed. Whoever arranges it is told."))
            return redirect("emergency_duties", row.incident_id)
    context = {
        "title": _("Renew the change of duties"),
        "lead": _("The same duties go on from the day after its last one, or from today."),
        "facts": _facts(row),
        "form": form,
        "confirm_label": _("Renew"),
        "back_url": reverse("emergency_duties", args=[row.incident_id]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("duties.write")
def end(request: ActingRequest, change_id: UUID) -> HttpResponse:
    """Before its last day."""
    row = _change(request, change_id)
    here = reverse("emergency_duties", args=[row.incident_id])
    if row.ended_at is not None or row.until < request.tenant.day_of(chain_moment()):
        return already_done(request, "emergency_duties", row.incident_id)
    return asked_again(
        request,
        lambda: end_duties(actor=request.actor, change_id=row.pk),
        back=here,
        title=_("End the change of duties today?"),
        lead=_("From now on the usual duties hold again. Whoever arranges it gets a word to look."),
        facts=_facts(row),
        label=pgettext("duties", "End it"),
        quick_exit=True,
        done=_("Ended. Whoever arranges it is told to look."),
    )


def _change(request: ActingRequest, change_id: UUID) -> DutyChange:
    known = known_to(request.actor.membership_id)
    row = DutyChange.objects.filter(pk=change_id, incident__in=known).first()
    if row is None:
        raise NotFound
    return row


def _facts(row: DutyChange) -> list[tuple[Any, Any]]:
    days = pgettext("days", "%(first)s to %(last)s") % {
        "first": school_day(row.starts_on),
        "last": school_day(row.until),
    }
    return [
        (pgettext("incident", "Person"), row.person.name),
        (pgettext("duties", "What changes"), duties_text(row.duties)),
        (pgettext("duties", "Days"), days),
    ]
