"""``/my/open-days/``: the link for my family, who came by it, and photographs of children whose guardian I am."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest, Actor
from content.opendays.access import invited_party, offered_to_staff
from content.opendays.models import Guest, Invitation, Party
from content.opendays.rules import UNDER_14
from content.opendays.workflow.inviting import invite, remove_party
from content.opendays.workflow.photos import say_photo_as_guardian
from kernel.clock import now


@require_safe
@role_required("openday.invite")
def my_open_days(request: ActingRequest) -> HttpResponse:
    """The days to come, each with my link and my families."""
    days = list(offered_to_staff(request.actor))
    invitations = {
        row.open_day_id: row
        for row in Invitation.objects.filter(person_id=request.actor.membership_id, open_day__in=days)
    }
    parties: dict[UUID, list[Any]] = {}
    guests: dict[UUID, list[Guest]] = {}
    for guest in Guest.objects.filter(
        party__invitation__in=invitations.values(), party__left_at__isnull=True, band__in=UNDER_14
    ).order_by("band", "pk"):
        guests.setdefault(guest.party_id, []).append(guest)
    for party in (
        Party.objects.filter(invitation__in=invitations.values(), was_removed=False, left_at__isnull=True)
        .annotate(people=Count("guests"))
        .order_by("created_at", "pk")
    ):
        parties.setdefault(party.open_day_id, []).append((party, guests.get(party.pk, [])))
    rows = [(day, _address(request, invitations.get(day.pk)), parties.get(day.pk, [])) for day in days]
    return render(request, "opendays/mine.html", {"rows": rows, "photographed": _photographed(request.actor)})


def _photographed(actor: Actor) -> list[Guest]:
    """Children under 14 of whom the actor said yes, of days that are over: pictures may still stand."""
    came = Guest.objects.select_related("party__open_day").filter(
        party__invitation__person_id=actor.membership_id, party__left_at__isnull=True, band__in=UNDER_14
    )
    past = came.filter(may_photograph=True, party__open_day__ends_at__lte=now())
    return list(past.order_by("-party__open_day__starts_at", "band", "pk"))


def _address(request: ActingRequest, invitation: Invitation | None) -> str:
    if invitation is None:
        return ""
    return request.build_absolute_uri(reverse("openday_invitation", args=[invitation.token]))


@require_POST
@role_required("openday.invite")
def my_open_day_invite(request: ActingRequest, open_day_id: UUID) -> HttpResponse:
    """Make my link; it is shown on the list from then on."""
    invite(actor=request.actor, open_day_id=open_day_id)
    messages.success(request, _("This is your family's link. Pass it on; nobody was told yet."))
    return redirect("my_open_days")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("openday.invite")
def my_party_remove(request: ActingRequest, party_id: UUID) -> HttpResponse:
    """What removing means, then the button."""
    party = invited_party(request.actor, party_id)
    if request.method == "POST":
        remove_party(actor=request.actor, party_id=party.pk)
        messages.success(request, _("Removed. Their places are free."))
        return redirect("my_open_days")
    context = {
        "title": _("Remove this family?"),
        "lead": _(
            "Their places are free at once, and their own link opens nothing any more. Your invitation stays as it is."
        ),
        "facts": [(_("Form of address"), party.address), (_("How many people"), party.guests.count())],
        "danger": True,
        "confirm_label": _("Remove"),
        "back_url": reverse("my_open_days"),
    }
    return render(request, "ui/confirm.html", context)


@require_POST
@role_required("openday.invite")
def my_guest_photo(request: ActingRequest, party_id: UUID, guest_id: UUID) -> HttpResponse:
    """Yes or no about a photograph of a child under 14 whose guardian I am."""
    yes = request.POST.get("photo") == "yes"
    say_photo_as_guardian(actor=request.actor, school=request.tenant, party_id=party_id, guest_id=guest_id, yes=yes)
    return redirect("my_open_days")
