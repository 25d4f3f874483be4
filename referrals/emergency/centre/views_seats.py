"""``/centre/emergency/seats/``: the offices of the chain, who holds them and who stands in."""

from dataclasses import dataclass
from typing import Any
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
from referrals.emergency.centre.choices import value_of
from referrals.emergency.centre.forms import SeatForm
from referrals.emergency.centre.shown import names_of
from referrals.emergency.models import Seat, chain_moment
from referrals.emergency.over import already_done, calm_when_over
from referrals.emergency.rota import seats_on
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.texts import SEAT_TEXTS
from referrals.emergency.workflow.seats import appoint, end_seat, name_deputy
from ui.navigation import at_desk


@dataclass(frozen=True, slots=True)
class ShownSeat:
    """One office with who is there."""

    kind: str
    title: Any
    holder: str
    deputy: str
    seat: Seat | None
    later: list[tuple[Seat, str]]


@require_safe
@role_required("chain.read")
def seats(request: ActingRequest) -> HttpResponse:
    """The five seats; the bureau's may stay empty."""
    today = request.tenant.day_of(chain_moment())
    rows = [*seats_on(today), *Seat.objects.filter(since__gt=today)]
    names = names_of(
        key for row in rows for key in (row.holder_id, row.holder_line_id, row.deputy_id, row.deputy_line_id)
    )

    def name(*keys: UUID | None) -> str:
        return next((names.get(key, "") for key in keys if key), "")

    shown = []
    for kind in SeatKind:
        held = next((row for row in rows if row.kind == kind and row.since <= today), None)
        later = [
            (row, name(row.holder_id, row.holder_line_id)) for row in rows if row.kind == kind and row.since > today
        ]
        holder = name(held.holder_id, held.holder_line_id) if held else ""
        deputy = name(held.deputy_id, held.deputy_line_id) if held else ""
        shown.append(ShownSeat(kind.value, SEAT_TEXTS[kind], holder, deputy, held, later))
    context = at_desk(request, "emergency", rows=shown, may_keep=request.actor.may("chain.seats"))
    return render(request, "emergency/seats.html", context)


def _kind(text: str) -> SeatKind:
    if text not in set(SeatKind):
        raise NotFound
    return SeatKind(text)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.seats")
def seat(request: ActingRequest, seat_kind: str) -> HttpResponse:
    """Who holds it from which day on, and who stands in. Whoever stays from today on keeps the seat; only the deputy changes."""
    kind, school = _kind(seat_kind), request.tenant
    today = school.day_of(chain_moment())
    held = seats_on(today).filter(kind=kind).first()
    initial: dict[str, Any] = {"since": today}
    if held is not None:
        initial["holder"] = value_of(held.holder_id, held.holder_line_id)
        initial["deputy"] = value_of(held.deputy_id, held.deputy_line_id)
    form = SeatForm(request.POST if request.method == "POST" else None, initial=initial, school=school, kind=kind)
    if form.is_valid():
        try:
            if held is not None and form.keeps(held, today):
                name_deputy(actor=request.actor, seat_id=held.pk, **form.stand_in())
            else:
                appoint(actor=request.actor, kind=kind.value, **form.values())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("emergency_seats")
    context = at_desk(request, "emergency", form=form, title=SEAT_TEXTS[kind], held=held, kind=kind.value)
    return render(request, "emergency/seat.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.seats")
@calm_when_over("emergency_seats")
def seat_end(request: ActingRequest, seat_kind: str) -> HttpResponse:
    """Nobody holds it from today on."""
    kind = _kind(seat_kind)
    held = seats_on(request.tenant.day_of(chain_moment())).filter(kind=kind).first()
    if held is None:
        return already_done(request, "emergency_seats")
    if request.method == "POST":
        end_seat(actor=request.actor, seat_id=held.pk)
        messages.success(request, _("Nobody holds this seat now."))
        return redirect("emergency_seats")
    names = names_of([held.holder_id, held.holder_line_id])
    context = {
        "title": _("Leave this seat empty?"),
        "lead": _("Steps that call this seat pass at once to the next one. Better appoint somebody else instead."),
        "facts": [(SEAT_TEXTS[kind], next(iter(names.values()), ""))],
        "confirm_label": _("Leave it empty"),
        "danger": True,
        "back_url": reverse("emergency_seats"),
    }
    return render(request, "ui/confirm.html", context)
