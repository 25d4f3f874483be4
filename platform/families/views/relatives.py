"""``/my/family/``: whom I named, what each agreed to, the links that ask them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from families import rules
from families.access import access_consent, access_relative
from families.forms import RelativeForm
from families.models import Relative
from families.selectors import Question, RelativeRow, Standing, my_children, my_relatives, question_of, relative_row
from families.states import ConsentState
from families.texts import dialled, see_relative, sign
from families.views.back import way_back
from families.workflow import ask_consent, change_relative, forget_relative, register_relative, withdraw_consent
from kernel.clock import local_day, now
from kernel.errors import DomainError, NotFound
from ui.addresses import HOST_ALONE
from ui.cards import my_cards
from ui.names import named
from vault.phones import mask_phone

BAD_FORM = 422


@require_safe
@role_required("contact.own")
def family(request: ActingRequest) -> HttpResponse:
    """My relatives and children, and how everything stands."""
    rows = [_shown(row) for row in my_relatives(request.actor)]
    children = my_children(request.actor, local_day(now(), request.tenant.time_zone))
    context = {
        "relatives": rows,
        "children": children,
        "cards": [card for card in my_cards(request.actor) if card.is_of_family],
    }
    return render(request, "families/mine/family.html", context)


@require_safe
@role_required("contact.own")
def relative(request: ActingRequest, relative_id: UUID) -> HttpResponse:
    """One relative: number, purposes, links."""
    row = relative_row(access_relative(request.actor, relative_id))
    context = {**_shown(row), "see_rows": see_relative()}
    return render(request, "families/mine/relative.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def relative_new(request: ActingRequest) -> HttpResponse:
    """Name somebody. Saving tells nobody; asking is a step of its own. ``next`` is the page of ours to come back to."""
    form = RelativeForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            named = register_relative(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            return _form_page(request, _refused(form, error))
        messages.success(request, _("Saved. Nobody was told; you decide what to ask for."))
        return redirect(way_back(request) or reverse("relative", args=[named.pk]))
    return _form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def relative_change(request: ActingRequest, relative_id: UUID) -> HttpResponse:
    """Correct name, number or relation."""
    found = access_relative(request.actor, relative_id)
    form = RelativeForm(request.POST or None, initial=RelativeForm.initial_of(found), label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            change_relative(actor=request.actor, relative_id=found.pk, **form.cleaned_data)
        except DomainError as error:
            return _form_page(request, _refused(form, error), found)
        messages.success(request, _("Saved."))
        return redirect("relative", relative_id=found.pk)
    return _form_page(request, form, found)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def relative_remove(request: ActingRequest, relative_id: UUID) -> HttpResponse:
    """What removing means, then the button."""
    found = access_relative(request.actor, relative_id)
    if request.method == "POST":
        forget_relative(actor=request.actor, relative_id=found.pk)
        messages.success(request, _("Removed. Name and number are erased."))
        return redirect("my_family")
    context = {
        "title": _("Remove this person?"),
        "lead": _("Name and number are erased at once. Whatever they agreed to ends, and their links stop working."),
        "facts": [(_("Name"), found.name), (_("Relation"), found.get_relation_display())],
        "danger": True,
        "confirm_label": _("Remove"),
        "back_url": reverse("relative", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context)


@sensitive_variables("token", "address")
@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def ask(request: ActingRequest, relative_id: UUID, purpose: str) -> HttpResponse:
    """What they will read; then the link, on the page that answers the POST and nowhere else ever. ``next`` leads back."""
    found = access_relative(request.actor, relative_id)
    question = question_of(found, purpose)
    if question is None:
        raise NotFound
    context: dict[str, Any] = {
        "relative": found,
        "question": question,
        "days": rules.ANSWER_LINK_LIFE.days,
        "next": way_back(request),
    }
    if request.method != "POST":
        if not question.may_ask:
            return redirect("relative", relative_id=found.pk)
        return render(request, "families/mine/ask.html", context)
    token = ask_consent(actor=request.actor, relative_id=found.pk, purpose=question.purpose)
    address = request.build_absolute_uri(reverse("family_link", args=[token]))
    context |= {
        "address": address,
        "until": now() + rules.ANSWER_LINK_LIFE,
        "message": _("%(school)s would like to ask you something. Please open: %(address)s")
        % {"school": named(request.tenant), "address": address},
    }
    response = render(request, "families/mine/link.html", context)
    response["Referrer-Policy"] = HOST_ALONE
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("contact.own")
def consent_end(request: ActingRequest, consent_id: UUID) -> HttpResponse:
    """Take a question back, or end what a relative agreed to."""
    consent = access_consent(request.actor, consent_id)
    if consent.relative_id is None:  # own consents belong to their request
        raise NotFound
    found = access_relative(request.actor, consent.relative_id)
    back = reverse("relative", args=[found.pk])
    if request.method == "POST":
        withdraw_consent(actor=request.actor, consent_id=consent.pk)
        messages.success(request, _("Ended. The link no longer works."))
        return redirect(back)
    if consent.state not in (ConsentState.ASKED, ConsentState.GIVEN):
        return redirect(back)
    given = consent.state == ConsentState.GIVEN
    context = {
        "title": _("End this agreement?") if given else _("Take the question back?"),
        "lead": _("The school may then no longer contact them for this.") if given else _("The link stops working."),
        "facts": [(_("Name"), found.name), (_("About"), consent.get_purpose_display())],
        "confirm_label": _("Yes, end it") if given else _("Take it back"),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


def _form_page(request: ActingRequest, form: RelativeForm, found: Relative | None = None) -> HttpResponse:
    questions = relative_row(found).questions if found else []
    context = {
        "form": form,
        "relative": found,
        "see_rows": see_relative(),
        "ends": any(question.may_take_back for question in questions),
        "next": way_back(request),
    }
    return render(request, "families/mine/relative_form.html", context, status=BAD_FORM if form.errors else 200)


def _refused(form: RelativeForm, error: DomainError) -> RelativeForm:
    form.refuse(error)
    return form


def _shown(row: RelativeRow) -> dict[str, Any]:
    return {
        "relative": row.relative,
        "masked": mask_phone(dialled(row.relative.phone)),
        "phone": dialled(row.relative.phone),
        "questions": [_question(question) for question in row.questions],
    }


def _question(question: Question) -> dict[str, Any]:
    return {"it": question, "sign": sign(question.standing), "first": question.standing == Standing.NEW}
