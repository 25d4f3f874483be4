"""``/my/waiting/``: where one stands in line for a time that is full, what was offered, and the way out."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now, read_moment
from kernel.errors import NotFound
from kernel.identifiers import uuid7
from partners.models import Service
from referrals.access import as_uuid
from referrals.models import WaitingEntry
from referrals.staff.drafts import Exact
from referrals.waiting_states import OPEN, WaitingState
from referrals.workflow.drafting import keep_draft
from referrals.workflow.waiting_list import accept_seat, ahead_of, is_offered, join_waiting, leave_waiting
from ui.confirm import asked_again
from ui.names import named
from ui.templatetags.ui import school_clock, school_time


def _mine(request: ActingRequest) -> Any:
    if request.actor.membership_id is None:
        raise NotFound
    return WaitingEntry.objects.select_related("service__institution").filter(
        person_id=request.actor.membership_id, state__in=OPEN, starts_at__gt=now()
    )


def _one(request: ActingRequest, entry_id: Any) -> WaitingEntry:
    found: WaitingEntry | None = _mine(request).filter(pk=entry_id).first()
    if found is None:
        raise NotFound
    return found


def _time(entry: WaitingEntry) -> str:
    return f"{school_time(entry.starts_at)}–{school_clock(entry.ends_at)}"


@require_safe
@role_required("referral.own")
def waiting(request: ActingRequest) -> HttpResponse:
    """Every line the person stands in, by time."""
    moment = now()
    entries = list(_mine(request).order_by("starts_at", "id"))
    before = ahead_of(entries) if entries else {}
    rows = [
        {
            "entry": entry,
            "service": named(entry.service),
            "agency": named(entry.service.institution),
            "time": _time(entry),
            "is_offered": is_offered(entry, moment),
            # An offer that has run out is nobody's any more, whether or not the sweep has been.
            "is_over": entry.state == WaitingState.OFFERED and not is_offered(entry, moment),
            "place": before[entry.pk] + 1,
        }
        for entry in entries
    ]
    return render(request, "referrals/my/waiting.html", {"rows": rows, "quick_exit": True})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def join(request: ActingRequest) -> HttpResponse:
    """What waiting means, then the button. ``service`` and ``start`` name the time."""
    sent = request.POST if request.method == "POST" else request.GET
    service = Service.objects.select_related("institution").filter(pk=as_uuid(sent.get("service", ""))).first()
    start = read_moment(sent.get("start"))
    if service is None or start is None:
        raise NotFound
    if request.method == "POST":
        join_waiting(actor=request.actor, tenant=request.tenant, service_id=service.pk, starts_at=start)
        messages.success(request, _("You are in the line. We write to you as soon as a place is free."))
        return redirect("waiting")
    context = {
        "title": _("Wait for a place?"),
        "facts": [
            (_("Service"), named(service)),
            (_("Agency"), named(service.institution)),
            (_("Time"), school_time(start)),
        ],
        "lead": _(
            "Whoever came first is asked first. A place that becomes free is kept for you for a while, half an hour at least; nothing is booked before you say yes."
        ),
        "confirm_label": _("Join the line"),
        "hidden": [("service", str(service.pk)), ("start", start.isoformat())],
        "back_url": reverse("apply_service", args=[service.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


@require_POST
@role_required("referral.own")
def accept(request: ActingRequest, entry_id: Any) -> HttpResponse:
    """The offered place becomes the chosen time of a request; price and consent follow."""
    entry = _one(request, entry_id)
    service = entry.service
    exact = Exact(str(service.pk), entry.starts_at, entry.ends_at)
    draft = keep_draft(
        actor=request.actor,
        tenant=request.tenant,
        draft_id=uuid7(),
        service=service,
        answers={"when": {"units": "1"}, "unit": service.unit, "exact": exact.to_json()},
    )
    accept_seat(actor=request.actor, tenant=request.tenant, entry_id=entry.pk, draft_id=draft.pk)
    messages.success(request, _("The place is kept for you. Two short steps are left."))
    return redirect("apply_when", draft_id=draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def leave(request: ActingRequest, entry_id: Any) -> HttpResponse:
    """Out of the line, asked once more."""
    entry = _one(request, entry_id)
    return asked_again(
        request,
        lambda: leave_waiting(actor=request.actor, entry_id=entry.pk),
        back=reverse("waiting"),
        title=_("Leave the line?"),
        facts=[(_("Service"), named(entry.service)), (_("Time"), _time(entry))],
        lead=_("Who joins again stands at the end. It costs nothing, and nobody is told."),
        label=_("Leave the line"),
        done=_("You are out of the line. You can join again at any time."),
        quick_exit=True,
    )
