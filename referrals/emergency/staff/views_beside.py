"""Beside the contacts: who is never called, and where the person lives."""

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
from kernel.errors import DomainError
from referrals.emergency.access import access_never, lifted_of, never_of, person_of
from referrals.emergency.models import HomeCommunity, NeverContact
from referrals.emergency.models.contacts import SetBy
from referrals.emergency.over import already_done, calm_when_over
from referrals.emergency.selectors import colleague_named, communities_on
from referrals.emergency.staff.forms import ChainForm, CommunityForm, NeverColleagueForm, NeverNumberForm
from referrals.emergency.texts import see_community, see_never
from referrals.emergency.workflow.communities import forget_community, set_community
from referrals.emergency.workflow.never import bar_colleague, bar_number, lift_bar
from ui.confirm import asked_again

BAD_FORM = 422


@require_safe
@role_required("contact.own")
def never(request: ActingRequest) -> HttpResponse:
    """Who is never called about me."""
    rows = [(row, recognised(row), row.set_by == SetBy.PERSON) for row in never_of(request.actor)]
    lifted = [(row.at, bool(row.facts.get("colleague"))) for row in lifted_of(request.actor)]
    context = {"rows": rows, "lifted": lifted, "see_rows": see_never(), "quick_exit": True}
    return render(request, "emergency/contacts/never.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def never_number(request: ActingRequest) -> HttpResponse:
    """A number."""
    form = NeverNumberForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            bar_number(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. This number is not called about you."))
            return redirect("emergency_never")
    return _form_page(request, form, "emergency/contacts/never_form.html", heading=_("A number never to be called"))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def never_colleague(request: ActingRequest) -> HttpResponse:
    """A colleague, whatever their seat."""
    form = NeverColleagueForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data["colleague"]
        try:
            member_id = colleague_named(request.tenant.today(), said, form.cleaned_data["department"])
            bar_colleague(actor=request.actor, member_id=member_id, label=said)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. This colleague is not called about you."))
            return redirect("emergency_never")
    return _form_page(request, form, "emergency/contacts/never_form.html", heading=_("A colleague never to be called"))


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
@calm_when_over("emergency_never", key="never_id", removed=("emergency.nevercontact", "never.lift"), is_own=True)
def never_lift(request: ActingRequest, never_id: UUID) -> HttpResponse:
    """What taking off means, then the button."""
    found = access_never(request.actor, never_id)
    return asked_again(
        request,
        lambda: lift_bar(actor=request.actor, never_id=found.pk),
        back=reverse("emergency_never"),
        title=_("Take them off this list?"),
        lead=_("They may then be called about you again, if they are one of your contacts or on duty."),
        facts=[(_("Never called"), recognised(found))],
        label=_("Take off"),
        quick_exit=True,
        done=_("Taken off the list."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def community(request: ActingRequest) -> HttpResponse:
    """Where I live: the community station, and the street if I like."""
    stations = communities_on(request.tenant.today())
    home = HomeCommunity.objects.filter(person_id=person_of(request.actor)).first()
    first = {"community": str(home.community_id), "street": home.street} if home else {}
    form = CommunityForm(request.POST or None, communities=stations, initial=first, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            set_community(
                actor=request.actor,
                community_id=UUID(form.cleaned_data["community"]),
                street=form.cleaned_data["street"],
            )
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("emergency_contacts")
    more = {"home": home, "stations": stations, "see_rows": see_community()}
    return _form_page(request, form, "emergency/contacts/community.html", **more)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def community_forget(request: ActingRequest) -> HttpResponse:
    """Take back where I live."""
    if not HomeCommunity.objects.filter(person_id=person_of(request.actor)).exists():
        return already_done(request, "emergency_contacts")
    if request.method == "POST":
        forget_community(actor=request.actor)
        messages.success(request, _("Removed. Nothing of it is kept."))
        return redirect("emergency_contacts")
    context = {
        "title": _("Remove where you live?"),
        "lead": _("Community and street are erased at once."),
        "danger": True,
        "confirm_label": _("Remove"),
        "back_url": reverse("emergency_community"),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


def recognised(row: NeverContact) -> str:
    """What the person typed, and the end of a number."""
    end = f"…{row.end}" if row.end else ""
    return " · ".join(part for part in (row.label, end) if part) or _("A colleague")


def _form_page(request: ActingRequest, form: ChainForm, template: str, **more: Any) -> HttpResponse:
    context = {"form": form, "see_rows": see_never(), "quick_exit": True, **more}
    return render(request, template, context, status=BAD_FORM if form.errors else 200)
