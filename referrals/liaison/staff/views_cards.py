"""``/my/cards/``: what the centre would pass on about me, item by item, before it goes and after (6.3; experience §3)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from disclosure.sentences import panel
from kernel.clock import now
from kernel.errors import NotFound
from referrals.liaison.card_states import ALWAYS, UNDER_WAY, CardField, CardState, stands_as
from referrals.liaison.card_texts import FIELD_TEXTS, PURPOSE_TEXTS, card_next, field_rows, report_rows
from referrals.liaison.looks import looks_at
from referrals.liaison.models import HandOn
from referrals.liaison.printing import print_letter
from referrals.liaison.workflow.handing_on import consent, refuse, revoke, words_of
from referrals.liaison.workflow.reporting import report_of
from ui.confirm import asked_again
from ui.names import named

_MOST = 50


def _rows(request: ActingRequest) -> Any:
    if request.actor.membership_id is None:
        raise NotFound
    return HandOn.objects.select_related("partner", "person").filter(person_id=request.actor.membership_id)


def _mine(request: ActingRequest, case_id: UUID) -> HandOn:
    found: HandOn | None = _rows(request).filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def _state(case: HandOn) -> CardState:
    return stands_as(case.state, case.until, now())


@require_safe
@role_required("card.own")
def cards(request: ActingRequest) -> HttpResponse:
    """Mine, newest first; a person has a handful in all the years."""
    rows = [(case, named(case.partner), _state(case)) for case in _rows(request).order_by("-written_at", "-id")[:_MOST]]
    return render(request, "liaison/my/cards.html", {"rows": rows, "quick_exit": True})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("card.own")
def card(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """Before the yes: every item with its tick, as it would be read. After it: what went, who looked, what came back."""
    case = _mine(request, case_id)
    if request.method == "POST":
        chosen = {field.value for field in CardField if f"send_{field.value}" in request.POST}
        consent(actor=request.actor, tenant=request.tenant, case_id=case.pk, fields=chosen)
        messages.success(request, _("Sent: what you ticked, and nothing else."))
        return redirect("my_card", case_id=case.pk)
    state, agency = _state(case), named(case.partner)
    there = words_of(case) if state not in (CardState.REFUSED, CardState.REVOKED, CardState.WITHDRAWN) else {}
    items = [(field.value, FIELD_TEXTS[field], there[field], field in ALWAYS) for field in CardField if field in there]
    sent = {name: there[name] for name in case.agreed if name in there}
    context = {
        "case": case,
        "state": state,
        "agency": agency,
        "purpose": PURPOSE_TEXTS[case.purpose],
        "next": card_next(state, case.until, agency),
        "items": items if state == CardState.SHOWN else [],
        "sent": field_rows(sent) if case.agreed_at else [],
        "report": report_rows(report_of(case)),
        "looks": looks_at(case, agency),
        "may_revoke": state == CardState.SENT,
        "may_print": state in UNDER_WAY,
        "see_rows": panel(["hand_on"], agency=agency, is_accepted=True),
        "quick_exit": True,
    }
    return render(request, "liaison/my/card.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("card.own")
def refuse_card(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """A no: asked once more."""
    case = _mine(request, case_id)
    return asked_again(
        request,
        lambda: refuse(actor=request.actor, case_id=case.pk),
        back=reverse("my_card", args=[case.pk]),
        waits=_state(case) == CardState.SHOWN,
        title=_("Pass nothing on?"),
        facts=[(_("To whom"), named(case.partner)), (_("What for"), PURPOSE_TEXTS[case.purpose])],
        lead=_(
            "Nothing goes to anybody, and no reason is asked. The centre sees that you said no, and still helps you."
        ),
        label=_("Pass nothing on"),
        done=_("Nothing was sent. What the centre wrote is deleted."),
        quick_exit=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("card.own")
def revoke_card(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """Take the card back while nobody has opened it: asked once more."""
    case = _mine(request, case_id)
    return asked_again(
        request,
        lambda: revoke(actor=request.actor, case_id=case.pk),
        back=reverse("my_card", args=[case.pk]),
        waits=_state(case) == CardState.SENT,
        title=_("Take the card back?"),
        facts=[(_("To whom"), named(case.partner))],
        lead=_(
            "What it holds is deleted, and printed letters are no longer good. The institution sees that it was taken back."
        ),
        label=_("Take the card back"),
        done=_("Taken back. Nobody has read it, and what it held is deleted."),
        quick_exit=True,
    )


@require_POST
@role_required("card.own")
def letter(request: ActingRequest, case_id: UUID) -> HttpResponse:
    """A numbered copy to take along."""
    return print_letter(request, _mine(request, case_id))
