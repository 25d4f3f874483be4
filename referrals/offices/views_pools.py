"""``/finance/pools/<year>/<scheme>/``: how one pool's money goes; ``/finance/payers/``: who pays which scheme (books §1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import local_day, now
from kernel.errors import Invalid, NotFound
from ledger.selectors import AccountBalance, balance, monthly, returned
from referrals.kinds import Scheme
from referrals.models import OrderKind, PayerKind, PoolOrder
from referrals.offices.burn_down import months_of, picture_of, runs_out
from referrals.offices.forms import PAYER_TEXTS, SCHEME_TEXTS, PayerForm
from referrals.offices.views_finance import pool_shown
from referrals.states import PoolOrderState
from referrals.workflow.payers import change_payer, payer_of, payers
from referrals.workflow.pools import pool_key
from ui.navigation import at_desk


@require_safe
@role_required("ledger.lines")
def pool(request: ActingRequest, year: int, scheme: str) -> HttpResponse:
    """One pool of one year: its sums, what was left month by month, and how long it lasts."""
    if scheme not in set(Scheme) or not 2000 <= year <= 9998:
        raise NotFound
    key, today = pool_key(scheme, year), local_day(now())
    stands, given_back = balance(key), returned(key)
    granted, used = monthly(key)
    months = months_of(granted, used, today.month if year == today.year else 12 if year < today.year else 1)
    context = at_desk(
        request,
        "finance",
        pool=pool_shown(AccountBalance(key, stands)),
        year=year,
        all_granted=stands.granted + given_back,
        returned=given_back,
        months=months,
        picture=picture_of(months),
        runs_out=runs_out(months),
        is_over=year < today.year,
        closed=closed_by(scheme, year),
        payer=PAYER_TEXTS[payer_of(request.tenant, scheme).kind],
    )
    return render(request, "referrals/office/pool.html", context)


def closed_by(scheme: str, year: int) -> PoolOrder | None:
    """The order that closed the pool's year, if two people have."""
    rows = PoolOrder.objects.filter(kind=OrderKind.CLOSE_YEAR, scheme=scheme, year=year, state=PoolOrderState.APPROVED)
    return rows.first()


@require_safe
@role_required("ledger.lines")
def payer_list(request: ActingRequest) -> HttpResponse:
    """Both payers and what each pays."""
    rows = [_shown(row) for row in payers(request.tenant).values()]
    context = at_desk(request, "finance", payers=rows, may_change=request.actor.may("pool.grant"))
    return render(request, "referrals/office/payers.html", context)


def _shown(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "title": PAYER_TEXTS[row.kind],
        "facts": [
            (_("Name"), row.name or "–"),
            (_("Tax number"), row.tax_code or "–"),
            (_("Bank"), row.bank or "–"),
            (_("Account number"), row.account or "–"),
            (_("Pays for"), _(", ").join(str(SCHEME_TEXTS[each]) for each in row.schemes) or "–"),
        ],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("pool.grant")
def payer(request: ActingRequest, kind: str) -> HttpResponse:
    """Write down who a payer is and what it pays; the other one pays the rest."""
    if kind not in PayerKind.values:
        raise NotFound
    row = payers(request.tenant)[kind]
    initial = {name: getattr(row, name) for name in ("name", "tax_code", "bank", "account", "schemes")}
    form = PayerForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_payer(actor=request.actor, tenant=request.tenant, kind=kind, **form.cleaned_data)
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("finance_payers")
    context = at_desk(request, "finance", form=form, title=PAYER_TEXTS[kind])
    return render(request, "referrals/office/payer.html", context, status=422 if form.errors else 200)
