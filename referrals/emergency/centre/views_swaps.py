"""``/centre/emergency/duty/<shift>/swap/`` and ``duty/swaps/<swap>/``: asking a colleague to take a shift, answering, undoing."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.fields import choice_field
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.choices import ChainForm
from referrals.emergency.centre.shown import colleagues_named
from referrals.emergency.centre.swaps_shown import candidates, parties, swap_title, warnings_of
from referrals.emergency.models import DutyShift, DutySwap, Layer, chain_moment
from referrals.emergency.over import calm_when_over
from referrals.emergency.rules.swaps import LIVING, SwapState
from referrals.emergency.workflow.swaps import accept_swap, ask_swap, decline_swap, undo_swap, withdraw_swap
from ui.navigation import at_desk
from ui.templatetags.ui import school_time


class SwapForm(ChainForm):
    """Whom one asks."""

    elsewhere = "colleague"
    colleague = forms.ChoiceField(label=gettext_lazy("Whom do you ask"), choices=[], widget=forms.RadioSelect)

    def __init__(self, *args: Any, offered: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "colleague").choices = offered


def _called(layer: int) -> str:
    return _("first") if layer == Layer.FIRST else _("second, when the first does not answer")


def _times(row: DutyShift | DutySwap) -> list[tuple[str, object]]:
    return [
        (_("From"), school_time(row.starts_at)),
        (_("To"), school_time(row.ends_at)),
        (_("Called"), _called(row.layer)),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("duty.take")
def swap_new(request: ActingRequest, shift_id: UUID) -> HttpResponse:
    """Ask one colleague to take a coming shift of one's own. NotFound for a shift that is not, or has begun."""
    row = DutyShift.objects.filter(pk=shift_id, holder=request.actor.membership_id).first()
    if row is None or row.starts_at <= chain_moment():
        raise NotFound
    offered = candidates(request.tenant, row)
    form = SwapForm(request.POST if request.method == "POST" else None, offered=offered)
    if form.is_valid():
        try:
            made = ask_swap(actor=request.actor, shift_id=row.pk, colleague_id=UUID(form.cleaned_data["colleague"]))
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Asked. Until your colleague takes it, the shift is yours."))
            return redirect("emergency_swap", made.pk)
    context = at_desk(request, "emergency", form=form, facts=_times(row), has_anybody=bool(offered))
    return render(request, "emergency/swap_new.html", context, status=422 if form.errors else 200)


_Act = tuple[Callable[..., DutySwap], Any]
_ACTS: Final[Mapping[str, _Act]] = {
    "accept": (accept_swap, gettext_lazy("The shift is yours. Until it begins you can undo this.")),
    "decline": (decline_swap, gettext_lazy("Declined. Your colleague is told, without a reason.")),
    "withdraw": (withdraw_swap, gettext_lazy("Withdrawn. The shift is still yours.")),
    "undo": (undo_swap, gettext_lazy("Undone. Please look at the rota who is on duty.")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("duty.take")
@calm_when_over("emergency_duty")
def swap(request: ActingRequest, swap_id: UUID) -> HttpResponse:
    """What is asked, what it would ask of whoever takes it, and what whoever looks may do. NotFound for a third person."""
    me = request.actor.membership_id
    row = DutySwap.objects.filter(pk=swap_id).first()
    if row is None or me not in parties(row):
        raise NotFound
    if request.method == "POST":
        if request.POST.get("act") not in _ACTS:
            raise NotFound
        writer, done = _ACTS[request.POST["act"]]
        writer(actor=request.actor, swap_id=row.pk)
        messages.success(request, done)
        return redirect("emergency_duty")
    names = colleagues_named(parties(row))
    is_asker = row.asker_id == me
    is_to_come = row.starts_at > chain_moment()
    is_asked = is_to_come and row.state == SwapState.ASKED
    context = at_desk(
        request,
        "emergency",
        title=swap_title(row, is_asker=is_asker, name=names.get(row.asked_id if is_asker else row.asker_id, "")),
        facts=_times(row),
        shown_state=row.state if is_to_come or row.state not in LIVING else _shown_when_begun(row),
        may_answer=is_asked and not is_asker,
        may_withdraw=is_asked and is_asker,
        may_undo=is_to_come and row.state == SwapState.ACCEPTED,
        undo_gives_back=is_asker,
        warnings=warnings_of(request.tenant, row, names) if is_asked else [],
    )
    return render(request, "emergency/swap.html", context)


def _shown_when_begun(row: DutySwap) -> str:
    return row.state if row.state == SwapState.ACCEPTED else "over"
