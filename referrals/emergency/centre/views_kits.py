"""``/centre/emergency/kits/``: where kits stand, what lies in them, what ends."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required, signed_in
from accounts.actor import ActingRequest
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.kit_forms import CheckForm, ItemForm, PlaceForm
from referrals.emergency.centre.shown import colleagues_named
from referrals.emergency.models import KitItem, KitPlace, chain_moment
from referrals.emergency.over import calm_when_over
from referrals.emergency.rules.kits import KitState, kit_state
from referrals.emergency.workflow.kits import add_place, change_place, check_item, put_item, remove_item
from ui.navigation import at_desk


@require_safe
@signed_in
def kits(request: ActingRequest) -> HttpResponse:
    """Each place with its things, the worst first: all of them, or those that the reader keeps. NotFound where there is neither."""
    day, reads = request.tenant.day_of(chain_moment()), request.actor.may("kit.read")
    rows = KitPlace.objects.all() if reads else KitPlace.objects.filter(keeper_id=request.actor.membership_id)
    places = list(rows)
    if not places and not reads:
        raise NotFound
    lying: dict[UUID, list[tuple[KitItem, KitState]]] = defaultdict(list)
    for row in KitItem.objects.filter(place__in=places):
        lying[row.place_id].append((row, kit_state(row.stock, row.least, row.expires_on, day)))
    names = colleagues_named(place.keeper_id for place in places)
    worst = list(KitState)
    shown = [
        {
            "row": place,
            "keeper": names.get(place.keeper_id, ""),
            "items": sorted(lying[place.pk], key=lambda item: worst.index(item[1])),
            "may_keep": _keeps(request, place),
        }
        for place in places
    ]
    context = at_desk(request, "emergency", places=shown, may_keep=request.actor.may("kit.keep"))
    return render(request, "emergency/kits.html", context)


def _keeps(request: ActingRequest, place: KitPlace) -> bool:
    return request.actor.may("kit.keep") or place.keeper_id == request.actor.membership_id


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("kit.keep")
def place_new(request: ActingRequest) -> HttpResponse:
    """Enter a place."""
    form = PlaceForm(request.POST if request.method == "POST" else None, school=request.tenant)
    if form.is_valid():
        try:
            add_place(actor=request.actor, **form.values())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Entered."))
            return redirect("emergency_kits")
    return _form(request, form, _("Enter a place"), _("Enter"), _("Enter a place"))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("kit.keep")
def place(request: ActingRequest, place_id: UUID) -> HttpResponse:
    """Its words and who keeps it."""
    found = _place(place_id)
    initial = {name: getattr(found, name) for name in ("name", "kind", "licence")} | {"keeper": found.keeper_id}
    form = PlaceForm(request.POST if request.method == "POST" else None, school=request.tenant, initial=initial)
    if form.is_valid():
        try:
            change_place(actor=request.actor, place_id=found.pk, **form.values())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("emergency_kits")
    return _form(request, form, found.name, _("Save"), _("A place of a kit"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def item_new(request: ActingRequest, place_id: UUID) -> HttpResponse:
    """Put something in."""
    found = _place(place_id)
    if not _keeps(request, found):
        raise NotFound
    form = ItemForm(request.POST if request.method == "POST" else None, initial={"stock": 1, "least": 1})
    if form.is_valid():
        try:
            put_item(actor=request.actor, place_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Entered."))
            return redirect("emergency_kits")
    title = _("Put something into %(place)s") % {"place": found.name}
    return _form(request, form, title, _("Enter"), _("Put something in"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def item(request: ActingRequest, item_id: UUID) -> HttpResponse:
    """Look at it: how many, until when."""
    found = _item(request, item_id)
    initial = {name: getattr(found, name) for name in ("stock", "least", "expires_on")}
    form = CheckForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            check_item(actor=request.actor, item_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Looked at today."))
            return redirect("emergency_kits")
    remove_url = reverse("emergency_kit_item_remove", args=[found.pk])
    return _form(request, form, found.name, _("I have looked: so it is"), _("A thing in a kit"), remove_url)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@calm_when_over("emergency_kits", key="item_id", removed=("emergency.kititem", "kit.remove"))
def item_remove(request: ActingRequest, item_id: UUID) -> HttpResponse:
    """It lies there no more."""
    found = _item(request, item_id)
    if request.method == "POST":
        remove_item(actor=request.actor, item_id=found.pk)
        messages.success(request, _("Taken out."))
        return redirect("emergency_kits")
    context = {
        "title": _("Take this out of the kit?"),
        "facts": [(_("Thing"), found.name), (_("Place"), found.place.name)],
        "confirm_label": _("Take out"),
        "back_url": reverse("emergency_kit_item", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context)


def _place(place_id: UUID) -> KitPlace:
    found = KitPlace.objects.filter(pk=place_id).first()
    if found is None:
        raise NotFound
    return found


def _item(request: ActingRequest, item_id: UUID) -> KitItem:
    """One of a place that the reader may keep."""
    found = KitItem.objects.filter(pk=item_id).prefetch_related("place").first()
    if found is None or not _keeps(request, found.place):
        raise NotFound
    return found


def _form(
    request: ActingRequest, form: Any, title: str, button: str, page_title: str, remove_url: str = ""
) -> HttpResponse:
    """``page_title`` is neutral, as every title that others see."""
    context = at_desk(
        request, "emergency", form=form, title=title, button=button, page_title=page_title, remove_url=remove_url
    )
    return render(request, "emergency/kit_form.html", context, status=422 if form.errors else 200)
