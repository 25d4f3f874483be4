"""``/partner/redemptions/``: what was redeemed, and taking one back with a reason."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from audit import record_read
from exports import csv_answer, plain_yuan
from kernel.errors import IllegalMove
from kernel.money import yuan
from referrals.access import in_school_of
from referrals.counter.forms import REVERSE_TEXTS, RedemptionFilter, ReverseForm
from referrals.counter.selectors import page_of_redemptions, redemption_shown, redemptions_for_file
from referrals.states import REDEMPTION_MOVES, RedemptionEvent, RedemptionState
from referrals.texts import named
from referrals.workflow.redeeming import reverse as take_back
from ui.states import sign_of
from ui.templatetags.ui import school_time

_REVERSIBLE: Final = frozenset(state for state, event in REDEMPTION_MOVES if event is RedemptionEvent.REVERSE)


def _wanted(form: RedemptionFilter) -> dict[str, Any]:
    data = form.cleaned_data if form.is_valid() else {}
    return {
        "q": (data.get("q") or "").strip(),
        "state": data.get("state") or "",
        "first": data.get("first"),
        "last": data.get("last"),
    }


@require_safe
@role_required("partner.read")
def redemptions(request: ActingRequest) -> HttpResponse:
    """Newest first, with the sums of the whole filtered list; ``?q=&state=&first=&last=&page=``."""
    actor, form = request.actor, RedemptionFilter(request.GET)
    wanted = _wanted(form)
    page, totals = page_of_redemptions(actor, **wanted, number=request.GET.get("page"))
    for row in page.object_list:
        row.service_name = named(row.voucher.service)
        row.reversible = row.state in _REVERSIBLE
        row.reason_text = REVERSE_TEXTS.get(row.reverse_reason, "")
    context = {
        "filter": form,
        "page": page,
        "totals": totals,
        "filtered": any(wanted.values()),
        "may_reverse": actor.may("partner.reverse"),
    }
    return render(request, "referrals/partner/redemptions.html", context)


@require_safe
@role_required("partner.read")
def redemptions_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    rows = redemptions_for_file(request.actor, **_wanted(RedemptionFilter(request.GET)))
    answer = csv_answer(
        [
            _("Request key"),
            _("Voucher number"),
            _("Service"),
            _("Redeemed"),
            _("State"),
            _("Price"),
            _("School pays"),
            _("Collected"),
        ],
        (
            [
                row.voucher.referral_id,
                row.voucher_number,
                named(row.voucher.service),
                row.redeemed_at,
                sign_of(row.state, "redemption").text,
                plain_yuan(row.fee_fen),
                plain_yuan(row.subsidy_fen),
                plain_yuan(row.self_fen),
            ]
            for row in rows
        ),
    )
    record_read(actor=request.actor, action="redemption.export", facts={"rows": answer.rows})
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.reverse")
def redemption_reverse(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """What taking it back means, then the reason and the button."""
    actor = request.actor
    found = redemption_shown(actor, redemption_id)
    form = ReverseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with in_school_of(found):
            take_back(actor=actor, redemption_id=found.pk, reason=form.cleaned_data["reason"])
        messages.success(request, _("Taken back. While the voucher is valid its unit can be used again."))
        return redirect("partner_redemptions")
    if found.state not in _REVERSIBLE:
        raise IllegalMove("settlement_closed" if found.state != RedemptionState.REVERSED else None)
    context = {
        "title": _("Undo this redemption?"),
        "lead": _("The school no longer owes you for it. While the voucher is valid its unit can be used again."),
        "facts": [
            (_("Voucher number"), found.voucher_number),
            (_("Service"), named(found.voucher.service)),
            (_("Redeemed"), school_time(found.redeemed_at)),
            (_("School pays"), yuan(found.subsidy_fen)),
            (_("Collected from the person"), yuan(found.self_fen)),
        ],
        "warning": _("Give back what you collected. The person is told."),
        "form": form,
        "confirm_label": _("Undo it"),
        "danger": True,
        "back_url": reverse("partner_redemptions"),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
