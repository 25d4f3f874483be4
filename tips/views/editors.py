"""``/school/tips/``: which tips families get by e-mail, in which order, and how a letter looks."""

from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import DomainError, NotFound
from tips.forms import AddForm, SeriesForm, SingleForm
from tips.letters import HIDDEN, tips_letter
from tips.lists import SeriesList
from tips.models import Rhythm, Series
from tips.rules import AT_ONCE
from tips.selectors import choices, reach, rows_of
from tips.ways import mail_is_offered
from tips.workflow.ordering import add_tip, make_series, move_tip, send_single, stop_series, take_out
from ui.navigation import at_desk

BAD_FORM: Final = 422


def _found(series_id: UUID) -> Series:
    found: Series | None = Series.objects.filter(pk=series_id).first()
    if found is None:
        raise NotFound
    return found


@require_safe
@role_required("tips.send")
def desk(request: ActingRequest) -> HttpResponse:
    """How many families are reached, and every series."""
    context = {"reach": reach(request.tenant), "is_offered": mail_is_offered(), **SeriesList(request).context()}
    return render(request, "tips/desk.html", at_desk(request, "tips", **context))


@require_safe
@role_required("tips.send")
def desk_csv(request: ActingRequest) -> HttpResponse:
    """The list as a file."""
    return SeriesList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("tips.send")
def series_new(request: ActingRequest) -> HttpResponse:
    """Name, first day, interval; the tips come on the series' own page."""
    form = SeriesForm(request.POST or None, initial={"starts_on": request.tenant.today()}, label_suffix="")
    if form.is_valid():
        try:
            made = make_series(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect("tips_series", series_id=made.pk)
    context = at_desk(request, "tips", form=form, is_single=False)
    return render(request, "tips/new.html", context, status=BAD_FORM if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("tips.send")
def single_new(request: ActingRequest) -> HttpResponse:
    """One tip on one day."""
    there = choices()
    today = request.tenant.today()
    form = SingleForm(request.POST or None, choices=there, initial={"starts_on": today}, label_suffix="")
    if form.is_valid():
        try:
            made = send_single(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Planned. Families who get tips by e-mail have it within a week of that day."))
            return redirect("tips_series", series_id=made.pk)
    context = at_desk(request, "tips", form=form, is_single=True, has_tips=bool(there))
    return render(request, "tips/new.html", context, status=BAD_FORM if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("tips.send")
def series(request: ActingRequest, series_id: UUID) -> HttpResponse:
    """The tips in their order; POST adds one."""
    found = _found(series_id)
    rows = rows_of(found)
    there = choices({row.item.page for row in rows})
    form = AddForm(request.POST or None, choices=there, label_suffix="")
    if form.is_valid():
        try:
            add_tip(actor=request.actor, series_id=found.pk, page=form.cleaned_data["page"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Added at the end."))
            return redirect("tips_series", series_id=found.pk)
    context = at_desk(request, "tips", form=form, series=found, rows=rows, may_add=bool(there))
    return render(request, "tips/series.html", context, status=BAD_FORM if form.errors else 200)


@require_POST
@role_required("tips.send")
def item_move(request: ActingRequest, series_id: UUID, item_id: UUID) -> HttpResponse:
    """One place up or down."""
    move_tip(actor=request.actor, series_id=series_id, item_id=item_id, up=request.POST.get("to") == "up")
    return redirect("tips_series", series_id=series_id)


@require_POST
@role_required("tips.send")
def item_remove(request: ActingRequest, series_id: UUID, item_id: UUID) -> HttpResponse:
    """Out of the series; it can be added again."""
    take_out(actor=request.actor, series_id=series_id, item_id=item_id)
    messages.success(request, _("Taken out of the series. The page itself is untouched."))
    return redirect("tips_series", series_id=series_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("tips.send")
def series_stop(request: ActingRequest, series_id: UUID) -> HttpResponse:
    """What stopping means, then the button."""
    found = _found(series_id)
    back = reverse("tips_series", args=[found.pk])
    if request.method == "POST":
        stop_series(actor=request.actor, series_id=found.pk)
        messages.success(request, _("Stopped. Families get nothing more of it."))
        return redirect(back)
    if found.stopped_at is not None:
        return redirect(back)
    context: dict[str, Any] = {
        "title": _("Stop this series?"),
        "lead": _("Families get nothing more of it, and it does not begin again. What they have stays."),
        "facts": [(_("Name of the series"), found.title)],
        "danger": True,
        "confirm_label": _("Stop the series"),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


@require_safe
@role_required("tips.send")
def preview(request: ActingRequest, series_id: UUID) -> HttpResponse:
    """The next letters as a family gets them: one tip a week, or four at once."""
    found = _found(series_id)
    pages = [row.page for row in rows_of(found) if row.page is not None]
    rhythm = Rhythm.MONTHLY if request.GET.get("rhythm") == Rhythm.MONTHLY else Rhythm.WEEKLY
    size = AT_ONCE[rhythm]
    letters = [tips_letter(request.tenant, pages[at : at + size], token=HIDDEN) for at in range(0, len(pages), size)]
    letters = [replace(letter, text=_as_read(letter.text)) for letter in letters]
    context = at_desk(request, "tips", series=found, letters=letters[:12], rhythm=rhythm, rhythms=Rhythm.choices)
    return render(request, "tips/preview.html", context)


def _as_read(text: str) -> str:
    # A port is there where the product is tried out, and nowhere else; in an address the dots would stand as signs of a code.
    return text.replace(f":{settings.BASE_PORT}", "").replace(quote(HIDDEN), HIDDEN)
