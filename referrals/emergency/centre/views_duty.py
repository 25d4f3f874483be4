"""``/centre/emergency/duty/``: who is on duty now and next, fourteen days at a glance, and entering shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import read_day
from kernel.errors import Conflict, DomainError, NotFound
from referrals.emergency.centre.duty_shown import duty_of
from referrals.emergency.centre.forms import ShiftForm, WeekForm
from referrals.emergency.centre.shown import drawn, names_of
from referrals.emergency.centre.strain_shown import say_strain, would_strain
from referrals.emergency.centre.swaps_shown import swaps_of
from referrals.emergency.hand_over import hand_over_of
from referrals.emergency.models import DutyShift, Layer, chain_moment
from referrals.emergency.over import already_done, calm_when_over
from referrals.emergency.readiness_facts import unfilled_of
from referrals.emergency.rota import duty_at, shifts_between
from referrals.emergency.rules.on_duty import (
    Cell,
    Part,
    Span,
    cells,
    grid,
    rota_day,
    short_rest,
    too_long,
)
from referrals.emergency.texts import LAYER_TEXTS
from referrals.emergency.workflow.shifts import end_shift, enter_shifts, remove_shift, take_duty
from referrals.emergency.workflow.standing import known_to
from ui.confirm import asked_again
from ui.navigation import at_desk
from ui.templatetags.ui import school_day, school_time


@require_safe
@role_required("chain.read")
def duty(request: ActingRequest) -> HttpResponse:
    """Now and next, the rota, its gaps and long turns in words, and the shifts to come."""
    school, actor = request.tenant, request.actor
    found = duty_of(actor, school, chain_moment())
    now, shifts, names = found.now, found.shifts, found.names
    first = rota_day(now, school.time_zone)
    may_keep = actor.may("chain.rota")
    me = actor.membership_id if actor.may("duty.take") else None
    second = grid(shifts, first, school.time_zone, since=now, layer=2) if any(one.layer == 2 for one in shifts) else []
    context = at_desk(
        request,
        "emergency",
        on_duty=found.first,
        second=found.second,
        next=found.next,
        weeks=found.weeks,
        second_weeks=drawn(_without_gaps(second), names, now),
        letters=found.letters,
        has_marked_days=found.has_marked_days,
        holes=found.shown_holes,
        more_holes=found.more_holes,
        long_turns=[_turn(run.who, run.starts_at, run.ends_at, names) for run in too_long(shifts) if run.ends_at > now],
        short_rests=[
            _turn(rest.who, rest.starts_at, rest.ends_at, names) for rest in short_rest(shifts) if rest.ends_at > now
        ],
        rows=[_row(row, names, now, me) for row in found.rows if row.ends_at > now],
        is_empty=not shifts,
        swaps=swaps_of(actor, now),
        handed=hand_over_of(me, found.rows, now) if actor.may("incident.read") else None,
        away=unfilled_of(school, now) if me is not None else [],
        is_mine=found.first is not None and found.first.is_me,
        may_keep=may_keep,
        may_take=actor.may("duty.take"),
    )
    return render(request, "emergency/duty.html", context)


def _without_gaps(cells: list[Cell]) -> list[Cell]:
    """Of the second layer nothing is red: it is nobody's first call."""
    return [Cell(cell.day, cell.part, cell.starts_at, cell.ends_at, cell.shifts) for cell in cells]


def _turn(
    who: UUID | None, starts_at: datetime, ends_at: datetime, names: Mapping[UUID | None, str]
) -> dict[str, object]:
    hours = round((ends_at - starts_at) / timedelta(hours=1))
    return {"name": names.get(who, "") if who else "", "hours": hours, "start": starts_at, "end": ends_at}


def _row(row: DutyShift, names: Mapping[UUID | None, str], now: datetime, me: UUID | None) -> dict[str, object]:
    who = row.holder_id or row.line_id
    return {
        "pk": row.pk,
        "who": names.get(who) or (row.holder.address if row.holder else row.line.name if row.line else ""),
        "is_counted": who in names,
        "layer": LAYER_TEXTS[row.layer],
        "start": row.starts_at,
        "end": row.ends_at,
        "runs": row.starts_at <= now,
        "may_swap": me is not None and row.holder_id == me and row.starts_at > now,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("duty.take")
@calm_when_over("emergency_duty")
def take(request: ActingRequest) -> HttpResponse:
    """Who is relieved and until when; then the button. ``?incident=``: whoever came from there is led back to it."""
    now = chain_moment()
    came_from = _incident_behind(request)
    held = duty_at(request.tenant, now).get(Layer.FIRST.value)
    if request.method == "POST":
        seen = request.POST.get("instead_of", "")
        taken = take_duty(actor=request.actor, instead_of=_uuid(seen))
        messages.success(request, _("You are on duty from now until %(end)s.") % {"end": school_time(taken.ends_at)})
        say_strain(request, [taken])
        return redirect(came_from or reverse("emergency_duty"))
    if held is not None and held.who == request.actor.membership_id:
        return already_done(request, "emergency_duty")
    running = DutyShift.objects.filter(layer=Layer.FIRST, starts_at__lte=now, ends_at__gt=now).first()
    me = request.actor.membership_id
    names = names_of([one for one in (held and held.who, me) if one])
    relieved = names[held.who] if held else _("nobody")
    context = {
        "title": _("Take the duty now?"),
        "lead": _("From the moment you press, you are called first."),
        "facts": [
            (_("On duty until now"), relieved),
            (
                _("You stay on duty until"),
                school_time(held.ends_at) if held else _("the next shift, or the end of this one"),
            ),
        ],
        "warning": would_strain(request.tenant, me, held, now, names),
        "confirm_label": _("I am on duty"),
        "hidden": [("instead_of", running.pk if running else "")],
        "back_url": came_from or reverse("emergency_duty"),
    }
    return render(request, "ui/confirm.html", context)


def _incident_behind(request: ActingRequest) -> str:
    """The page of the incident from which the duty is taken; ``""`` for none, and for one that the chain hides."""
    try:
        key = UUID(request.GET.get("incident", ""))
    except ValueError:
        return ""
    is_known = request.actor.may("incident.read") and known_to(request.actor.membership_id).filter(pk=key).exists()
    return reverse("emergency_incident", args=[key]) if is_known else ""


def _uuid(text: str) -> UUID | None:
    """NotFound for anything else than a key or nothing."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def shift_new(request: ActingRequest) -> HttpResponse:
    """One shift, or the same one on several days; ``?day=&part=`` from a gap."""
    school, now = request.tenant, chain_moment()
    day = read_day(request.GET.get("day"))
    part = request.GET.get("part", "")
    today = rota_day(now, school.time_zone)
    running = next(cell.part for cell in cells(today, 1, school.time_zone) if cell.covers(now))
    initial = {"first_day": day or today, "part": part if part in set(Part) else running.value}
    form = ShiftForm(request.POST if request.method == "POST" else None, initial=initial, school=school)
    if form.is_valid():
        first = form.cleaned_data["first_day"]
        last = form.cleaned_data["last_day"] or first
        held = shifts_between(school, *_around(first, last, now))
        try:
            found = enter_shifts(actor=request.actor, shifts=form.drafts(held, now))
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Entered: %(count)s shifts.") % {"count": len(found)})
            say_strain(request, found)
            return redirect("emergency_duty")
    context = at_desk(request, "emergency", form=form)
    return render(request, "emergency/shift_new.html", context, status=422 if form.errors else 200)


def _around(first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    """A span that surely holds the cells of ``[first, last]``, whatever the zone."""
    start = datetime(first.year, first.month, first.day, tzinfo=now.tzinfo)
    end = datetime(last.year, last.month, last.day, tzinfo=now.tzinfo)
    return start - timedelta(days=2), end + timedelta(days=3)


@dataclass(frozen=True, slots=True)
class WeekCell:
    """A cell of the week's form: who holds it in words, or the name of the field that asks."""

    name: str
    label: str
    gaps: Sequence[Span]
    held: str


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def week(request: ActingRequest) -> HttpResponse:
    """Seven days from ``?day=`` on, for ``?layer=``: every cell that is open is asked, the others say who."""
    school, now = request.tenant, chain_moment()
    today = rota_day(now, school.time_zone)
    asked = read_day(request.GET.get("day"))
    first = min(max(asked or today, today), today + timedelta(days=365))
    layer = Layer.SECOND.value if request.GET.get("layer") == "2" else Layer.FIRST.value
    shifts = shifts_between(school, *_around(first, first + timedelta(days=7), now))
    names = names_of(shift.who for shift in shifts)
    found = grid(shifts, first, school.time_zone, since=now, days=7, layer=layer)
    asked_cells = [_week_cell(cell, names) for cell in found if cell.ends_at > now]
    form = WeekForm(request.POST if request.method == "POST" else None, school=school, cells=asked_cells)
    if form.is_valid():
        drafts = form.drafts(layer)
        try:
            entered = enter_shifts(actor=request.actor, shifts=drafts)
        except DomainError as error:
            form.refuse(error)
        else:
            if entered:
                messages.success(request, _("Entered: %(count)s shifts.") % {"count": len(entered)})
                say_strain(request, entered)
            else:
                messages.info(request, _("Nobody was chosen, so nothing was entered."))
            return redirect("emergency_duty")
    context = at_desk(
        request,
        "emergency",
        form=form,
        rows=[(cell, form[cell.name] if cell.gaps else None) for cell in asked_cells],
        first=first,
        last=first + timedelta(days=6),
        layer=layer,
        before=first - timedelta(days=7) if first > today else None,
        after=first + timedelta(days=7),
    )
    return render(request, "emergency/week.html", context, status=422 if form.errors else 200)


def _week_cell(cell: Cell, names: Mapping[UUID | None, str]) -> WeekCell:
    part = pgettext("rota", "day") if cell.part is Part.DAY else pgettext("rota", "night")
    held = ", ".join(dict.fromkeys(names.get(shift.who, "") for shift in cell.shifts))
    label = f"{school_day(cell.day)} · {part}"
    if held and cell.gaps:
        label = _("%(cell)s (the rest; %(who)s is entered)") % {"cell": label, "who": held}
    return WeekCell(f"{cell.part}-{cell.day.isoformat()}", label, cell.gaps, held)


def _access_shift(shift_id: UUID) -> DutyShift:
    row = DutyShift.objects.filter(pk=shift_id).prefetch_related("holder", "line").first()
    if row is None:
        raise NotFound
    return row


def _shift_facts(row: DutyShift) -> list[tuple[str, object]]:
    who = names_of([row.holder_id or row.line_id])
    return [
        (_("Who is on duty"), next(iter(who.values()), "")),
        (_("From"), school_time(row.starts_at)),
        (_("To"), school_time(row.ends_at)),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
@calm_when_over("emergency_duty", key="shift_id", removed=("emergency.dutyshift", "duty.remove"))
def shift_remove(request: ActingRequest, shift_id: UUID) -> HttpResponse:
    """Take one out that has not begun."""
    row = _access_shift(shift_id)
    if row.starts_at <= chain_moment():
        raise Conflict("shift_begun")
    return asked_again(
        request,
        lambda: remove_shift(actor=request.actor, shift_id=row.pk),
        back=reverse("emergency_duty"),
        title=_("Take this shift out?"),
        lead=_("Until somebody else is entered, nobody is on duty at that time."),
        facts=_shift_facts(row),
        label=_("Take out"),
        danger=True,
        done=_("Taken out."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
@calm_when_over("emergency_duty")
def shift_end(request: ActingRequest, shift_id: UUID) -> HttpResponse:
    """End one that runs."""
    row = _access_shift(shift_id)
    if not row.starts_at <= chain_moment() < row.ends_at:
        return already_done(request, "emergency_duty")
    return asked_again(
        request,
        lambda: end_shift(actor=request.actor, shift_id=row.pk),
        back=reverse("emergency_duty"),
        title=_("End this shift now?"),
        lead=_("From now on nobody is on duty until somebody else is entered or takes over."),
        facts=_shift_facts(row),
        label=_("End it"),
        danger=True,
        done=_("Ended."),
    )
