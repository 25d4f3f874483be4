"""``/partner/cards/``: what schools have passed on to this institution, opened by its office, and its answer (6.3)."""

import json
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.fields import DayField
from accounts.search import contains
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from referrals.access import as_uuid, in_school_of, institution_of
from referrals.liaison.card_states import CardState
from referrals.liaison.card_texts import NEXT_TEXTS, OUTCOME_TEXTS, PURPOSE_TEXTS, field_rows
from referrals.liaison.forms import LiaisonForm
from referrals.liaison.models import HandOnCard
from referrals.liaison.selectors import state_there
from referrals.liaison.workflow.handing_on import open_card
from referrals.liaison.workflow.reporting import report
from tenancy.models import Tenant
from tenancy.scope import use_partner
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.states import sign_of
from ui.templatetags.ui import school_time


class ReportForm(LiaisonForm):
    """The answer: what became of it, who goes on, what the school can do."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What became of it"),
        choices=[(str(code), text) for code, text in OUTCOME_TEXTS.items()],
        widget=forms.RadioSelect,
    )
    goes_on = forms.ChoiceField(
        label=gettext_lazy("Who goes on"),
        choices=[(str(code), text) for code, text in NEXT_TEXTS.items()],
        widget=forms.RadioSelect,
    )
    advice = forms.CharField(
        label=gettext_lazy("What the school can do"),
        required=False,
        help_text=gettext_lazy(
            "No diagnosis and no findings. The school's centre and the person read it, nobody else."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    back_on = DayField(
        label=gettext_lazy("Back at work from"),
        required=False,
        help_text=gettext_lazy("Only if it is known and the person agrees that the school knows."),
    )


class TheirFilter(forms.Form):
    """Which of them."""

    q = forms.CharField(label=gettext_lazy("Number"), required=False, max_length=30)
    show = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("All states")),
            ("new", gettext_lazy("Not opened")),
            ("open", gettext_lazy("Waiting for our answer")),
            ("done", gettext_lazy("Answered or over")),
        ],
    )


class TheirCards(Listing[HandOnCard, HandOnCard]):
    """Newest first, of every school; ``?q=&show=&page=``. Neither page nor file has a name: that is inside the card."""

    form = TheirFilter
    size = 20
    file_route, file_name = "partner_cards_csv", "cards"
    export = "card.export"
    columns = (
        Column[HandOnCard](gettext_lazy("Number"), lambda row: row.number),
        Column(gettext_lazy("State"), lambda row: sign_of(state_there(row), "hand_on").text),
        Column(gettext_lazy("Sent on"), lambda row: row.sent_at),
        Column(gettext_lazy("Answer by"), lambda row: row.until),
    )
    nothing = Nothing(
        gettext_lazy("No card yet"),
        gettext_lazy("When a school hands somebody on to you with their consent, the card appears here."),
        "inbox",
    )
    nothing_found = Nothing(gettext_lazy("Nothing found"), gettext_lazy("Try another word or another state."), "search")

    def reading(self) -> AbstractContextManager[Any]:
        """Behind the institution's own wall."""
        return use_partner(institution_of(self.actor))

    def rows(self) -> QuerySet[HandOnCard]:
        """By when they were sent."""
        rows = HandOnCard.objects.order_by("-sent_at", "-id")
        over = Q(reported_at__isnull=False) | Q(ended_at__isnull=False) | Q(until__lte=now())
        match self.wanted["show"]:
            case "new":
                rows = rows.filter(read_at__isnull=True).exclude(over)
            case "open":
                rows = rows.filter(read_at__isnull=False).exclude(over)
            case "done":
                rows = rows.filter(over)
        return rows.filter(contains(self.wanted["q"], "number")) if self.wanted["q"] else rows


@require_safe
@role_required("card.read")
def cards(request: ActingRequest) -> HttpResponse:
    """A page at a time."""
    shown = TheirCards(request).context()
    lines = [(row, state_there(row), PURPOSE_TEXTS[row.purpose]) for row in shown["page"].object_list]
    return render(request, "liaison/partner/cards.html", {"lines": lines, **shown})


@require_safe
@role_required("card.read")
def cards_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return TheirCards(request).file()


def _theirs(request: ActingRequest, card_id: UUID) -> HandOnCard:
    with use_partner(institution_of(request.actor)):
        found = HandOnCard.objects.filter(pk=as_uuid(card_id)).first()
    if found is None:
        raise NotFound
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("card.read")
def card(request: ActingRequest, card_id: UUID) -> HttpResponse:
    """GET tells that there is a card; opening it is a button, is recorded and told. After that each look is recorded."""
    found = _theirs(request, card_id)
    state = state_there(found)
    with in_school_of(found) as tenant_id:
        school = named(Tenant.objects.get(pk=tenant_id))
        if request.method == "POST" or (found.read_at and not found.ended_at and now() < found.until):
            opened = open_card(actor=request.actor, card_id=found.pk)
            values: dict[str, str] = json.loads(opened.body) if opened.body else {}
            if request.method == "POST":
                return redirect("partner_card", card_id=found.pk)
        else:
            values = {}
    context = {
        "card": found,
        "state": state,
        "school": school,
        "purpose": PURPOSE_TEXTS[found.purpose],
        "until": school_time(found.until),
        "rows": field_rows(values),
        "quick_exit": True,
    }
    return render(request, "liaison/partner/card.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("card.read")
def answer(request: ActingRequest, card_id: UUID) -> HttpResponse:
    """The return report; it is sent once."""
    found = _theirs(request, card_id)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with in_school_of(found) as tenant_id:
            try:
                tenant = Tenant.objects.get(pk=tenant_id)
                report(actor=request.actor, tenant=tenant, card_id=found.pk, **form.cleaned_data)
            except NotFound:
                raise
            except DomainError as error:
                form.refuse(error)
            else:
                messages.success(request, _("Sent. The school's centre and the person read it."))
                return redirect("partner_card", card_id=found.pk)
    elif request.method != "POST" and state_there(found) != CardState.READ:
        return redirect("partner_card", card_id=found.pk)
    context = {"card": found, "form": form, "back": reverse("partner_card", args=[found.pk]), "quick_exit": True}
    return render(request, "liaison/partner/report.html", context, status=422 if form.errors else 200)
