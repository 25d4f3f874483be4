"""``/my/contacts/``: who is called if I am in danger, at which grade, who never, and where I live."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from families.access import access_relative, relatives_of
from kernel.errors import DomainError
from referrals.emergency.access import access_contact, contacts_of, never_of, person_of
from referrals.emergency.models import HomeCommunity
from referrals.emergency.over import calm_when_over
from referrals.emergency.rules.contacts import MOST_CONTACTS, Readiness
from referrals.emergency.selectors import agreed_without_place
from referrals.emergency.staff.forms import ChangeContactForm, NewContactForm
from referrals.emergency.staff.shown import ShownContact, family_first, shown
from referrals.emergency.texts import see_contacts
from referrals.emergency.workflow.contacts import (
    add_contact,
    call_first,
    change_contact,
    confirm_contacts,
    remove_contact,
    trust_number,
)

BAD_FORM = 422


@require_safe
@role_required("contact.own")
def contacts(request: ActingRequest) -> HttpResponse:
    """Who is called, how each stands, what is missing, and the two pages beside it."""
    rows = _mine(request)
    ready = {row.ready for row in rows if row.ready.is_reached}
    home = HomeCommunity.objects.filter(person_id=person_of(request.actor)).select_related("community").first()
    context = {
        "contacts": rows,
        "reached": sum(row.ready.is_reached for row in rows),
        "by_hand_only": ready == {Readiness.BY_HAND},
        "is_due": any(row.is_due for row in rows),
        "may_add": len(rows) < MOST_CONTACTS,
        "agreed": agreed_without_place(person_of(request.actor)) if len(rows) < MOST_CONTACTS else 0,
        "never": never_of(request.actor).count(),
        "home": home,
        "see_rows": see_contacts(),
        "quick_exit": True,
    }
    return render(request, "emergency/contacts/list.html", context)


@require_safe
@role_required("contact.own")
def choose(request: ActingRequest) -> HttpResponse:
    """Whom of the family? The family first, then somebody else of trust; or name somebody new."""
    taken = {contact.relative_id for contact in contacts_of(request.actor)}
    if len(taken) >= MOST_CONTACTS:
        return redirect("emergency_contacts")
    relatives = [row for row in family_first(list(relatives_of(request.actor))) if row.pk not in taken]
    context = {"relatives": relatives, "is_first": not taken, "quick_exit": True}
    return render(request, "emergency/contacts/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def new(request: ActingRequest, relative_id: UUID) -> HttpResponse:
    """When they may be called. Saving tells nobody; asking is the next step."""
    relative = access_relative(request.actor, relative_id)
    form = NewContactForm(
        request.POST or None, relative=relative, initial=NewContactForm.usual(relative), label_suffix=""
    )
    if request.method == "POST" and form.is_valid():
        try:
            contact = add_contact(actor=request.actor, relative_id=relative.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. Nobody was told yet: ask them for their agreement now."))
            return redirect("emergency_contact", contact_id=contact.pk)
    return _form_page(request, form, relative=relative, back_url=reverse("emergency_contact_choose"))


@require_safe
@role_required("contact.own")
def contact(request: ActingRequest, contact_id: UUID) -> HttpResponse:
    """One contact: how they stand, what is to be done."""
    found = access_contact(request.actor, contact_id)
    context = {"row": _shown(request, found.pk), "see_rows": see_contacts(), "quick_exit": True}
    return render(request, "emergency/contacts/one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def change(request: ActingRequest, contact_id: UUID) -> HttpResponse:
    """When they may be called, and whether they are next of kin."""
    found = access_contact(request.actor, contact_id)
    first = {"grades": found.grades, "is_next_of_kin": found.is_next_of_kin}
    form = ChangeContactForm(request.POST or None, initial=first, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            change_contact(actor=request.actor, contact_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("emergency_contact", contact_id=found.pk)
    return _form_page(
        request, form, relative=found.relative, contact=found, back_url=reverse("emergency_contact", args=[found.pk])
    )


@require_POST
@role_required("contact.own")
def first(request: ActingRequest, contact_id: UUID) -> HttpResponse:
    """They are called before the other one."""
    call_first(actor=request.actor, contact_id=contact_id)
    messages.success(request, _("Saved."))
    return redirect("emergency_contacts")


@require_POST
@role_required("contact.own")
def trust(request: ActingRequest, contact_id: UUID) -> HttpResponse:
    """The number that could not be reached is right."""
    trust_number(actor=request.actor, contact_id=contact_id)
    messages.success(request, _("Saved. The number is used again."))
    return redirect("emergency_contact", contact_id=contact_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
@calm_when_over("emergency_contacts", key="contact_id", removed=("emergency.contact", "contact.remove"), is_own=True)
def remove(request: ActingRequest, contact_id: UUID) -> HttpResponse:
    """What taking off means, then the button."""
    found = access_contact(request.actor, contact_id)
    if request.method == "POST":
        remove_contact(actor=request.actor, contact_id=found.pk)
        messages.success(request, _("Taken off. They are not called for you any more."))
        return redirect("emergency_contacts")
    context = {
        "title": _("Take this contact off?"),
        "lead": _("They are not called any more, and what they agreed to ends. They stay on the page of your family."),
        "facts": [
            (pgettext("person", "Name"), found.relative.name),
            (_("Relation"), found.relative.get_relation_display()),
        ],
        "danger": True,
        "confirm_label": _("Take off"),
        "back_url": reverse("emergency_contact", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def still_right(request: ActingRequest) -> HttpResponse:
    """Once a year: one tap says yes, one changes, one leaves it."""
    if request.method == "POST":
        confirm_contacts(actor=request.actor)
        messages.success(request, _("Thank you. You are asked again in a year."))
        return redirect("emergency_contacts")
    rows = _mine(request)
    if not rows:
        return redirect("emergency_contacts")
    return render(request, "emergency/contacts/still_right.html", {"contacts": rows, "quick_exit": True})


def _mine(request: ActingRequest) -> list[ShownContact]:
    return shown(list(contacts_of(request.actor)), request.tenant.today())


def _shown(request: ActingRequest, contact_id: UUID) -> ShownContact:
    return next(row for row in _mine(request) if row.contact.pk == contact_id)


def _form_page(request: ActingRequest, form: Any, **more: Any) -> HttpResponse:
    context = {"form": form, "see_rows": see_contacts(), "quick_exit": True, **more}
    return render(request, "emergency/contacts/form.html", context, status=BAD_FORM if form.errors else 200)
