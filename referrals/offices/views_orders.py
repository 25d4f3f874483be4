"""``/finance/pools/``, ``/finance/orders/``: money of pools, asked for by one person and decided by another (books §1)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.same_person import same_person
from exports import plain_yuan
from kernel.clock import local_day, now
from kernel.errors import Invalid, NotFound, Refused
from kernel.money import yuan
from ledger.selectors import pools
from referrals.access import as_uuid
from referrals.models import OrderKind, PoolOrder
from referrals.offices.forms import ORDER_TEXTS, SCHEME_TEXTS, PoolOrderForm
from referrals.offices.orders import OrderList
from referrals.offices.two_people import (
    ASK_ANEW,
    NOT_APPROVED,
    TAKEN_BACK,
    YOU_ASKED,
    YOU_MAY,
    Answer,
    Door,
    answered,
    decided_page,
    people_of,
)
from referrals.offices.views_finance import pool_shown
from referrals.states import PoolOrderState
from referrals.workflow.pools import (
    Closing,
    approve_pool_order,
    ask_pool_order,
    check_possible,
    closing_of,
    decline_pool_order,
    withdraw_pool_order,
)
from ui.confirm import goes_back
from ui.navigation import at_desk
from ui.states import sign_of

_MOST_LISTED: Final = 50


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("pool.grant")
def ask(request: ActingRequest) -> HttpResponse:
    """First the form, then what it means, then it waits for a second person. Nothing moves here."""
    today = local_day(now())
    form = PoolOrderForm(request.POST if request.method == "POST" else None, today=today, initial={"year": today.year})
    if request.method == "POST" and not goes_back(request) and form.is_valid():
        data = form.cleaned_data
        try:
            if not request.POST.get("confirmed"):
                check_possible(request.tenant, data["kind"], data["scheme"], data["year"], data["amount"])
                return _confirm(request, data)
            key = as_uuid(request.POST.get("reference", ""))
            order = ask_pool_order(actor=request.actor, tenant=request.tenant, key=key, **form.values())
        except (Invalid, Refused) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Asked. A second person of finance decides and has a message about it."))
            return redirect("finance_order", order_id=order.pk)
    rows = [pool_shown(pool) for pool in pools(today.year)]
    context = at_desk(request, "finance", form=form, pools=rows, year=today.year)
    return render(request, "referrals/office/pools.html", context, status=422 if form.errors else 200)


def _confirm(request: ActingRequest, data: dict[str, Any]) -> HttpResponse:
    closes = data["kind"] == OrderKind.CLOSE_YEAR
    context = {
        "title": _("Ask for this?"),
        "lead": _("Nothing moves before a second person has approved it."),
        "facts": [
            (_("What"), ORDER_TEXTS[data["kind"]]),
            (_("Scheme"), SCHEME_TEXTS[data["scheme"]]),
            (_("Calendar year"), data["year"]),
            *([] if closes else [(_("Sum"), yuan(data["amount"]))]),
            *(_closing_facts(closing_of(data["scheme"], data["year"])) if closes else []),
            (_("Reason"), data["reason"]),
        ],
        "confirm_label": _("Ask for this"),
        "hidden": [
            ("kind", data["kind"]),
            ("scheme", data["scheme"]),
            ("year", data["year"]),
            ("amount", "" if closes else plain_yuan(data["amount"])),
            ("reason", data["reason"]),
            ("reference", uuid4()),
            ("confirmed", "1"),
        ],
        "keeps": True,
    }
    return render(request, "ui/confirm.html", context)


def _closing_facts(closing: Closing) -> list[tuple[str, Any]]:
    return [
        (_("Goes back"), yuan(closing.returned_fen)),
        (_("Carried into the next year"), yuan(closing.carried_fen)),
        (_("Reservations carried"), len(closing.carried)),
    ]


@require_safe
@role_required("ledger.lines")
def orders(request: ActingRequest) -> HttpResponse:
    """What was asked for pools, newest first; ``?q=&kind=&scheme=&state=&page=``."""
    context = {**OrderList(request).context(), "may_ask": request.actor.may("pool.grant")}
    return render(request, "referrals/office/orders.html", at_desk(request, "finance", **context))


@require_safe
@role_required("ledger.lines")
def orders_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file."""
    return OrderList(request).file()


def _found(order_id: UUID) -> PoolOrder:
    order = PoolOrder.objects.filter(pk=as_uuid(order_id)).first()
    if order is None:
        raise NotFound
    return order


def _facts(order: PoolOrder) -> list[tuple[str, Any]]:
    facts = [
        (_("What"), ORDER_TEXTS[order.kind]),
        (_("Scheme"), SCHEME_TEXTS.get(order.scheme, order.scheme)),
        (_("Calendar year"), order.year),
        (_("Reason"), order.reason),
    ]
    if order.kind != OrderKind.CLOSE_YEAR:
        return [*facts, (_("Sum"), yuan(order.amount_fen))]
    if order.state == PoolOrderState.APPROVED:
        return [
            *facts,
            (_("Went back"), yuan(order.returned_fen)),
            (_("Carried into the next year"), yuan(order.carried_fen)),
        ]
    return [*facts, *_closing_facts(closing_of(order.scheme, order.year))] if _waits(order) else facts


def _waits(order: PoolOrder) -> bool:
    return order.state == PoolOrderState.ASKED


@require_safe
@role_required("ledger.lines")
def order(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """One order, who asked and decided, and what may be done."""
    actor, found = request.actor, _found(order_id)
    waits, mine = _waits(found), same_person(actor.user_id, found.asked_by_id)
    may = waits and actor.may("pool.grant")
    doors = []
    if may and not mine:
        doors.append(Door(reverse("finance_order_approve", args=[found.pk]), _("Approve"), is_yes=True))
        doors.append(Door(reverse("finance_order_decline", args=[found.pk]), _("Do not approve")))
    if may and found.asked_by_id == actor.user_id:
        doors.append(Door(reverse("finance_order_withdraw", args=[found.pk]), _("Take back")))
    closes = waits and found.kind == OrderKind.CLOSE_YEAR
    carried = closing_of(found.scheme, found.year).carried if closes else ()
    return decided_page(
        request,
        desk="finance",
        title=_("An order for a pool"),
        heading=str(ORDER_TEXTS[found.kind]),
        sign=sign_of(found.state, "pool_order"),
        back=reverse("finance_orders"),
        eyes=(YOU_ASKED if mine else YOU_MAY) if waits else "",
        facts=_facts(found),
        people=people_of(found),
        doors=doors,
        carried=[(number + 1, yuan(unit.subsidy_fen)) for number, unit in enumerate(carried[:_MOST_LISTED])],
        carried_more=max(len(carried) - _MOST_LISTED, 0),
    )


_APPROVE = Answer(
    title=gettext_lazy("Approve this?"),
    lead=gettext_lazy("The money moves at once. It is written into the books and cannot be deleted."),
    label=gettext_lazy("Approve"),
    done=gettext_lazy("Approved. It stands in the books."),
)
_CLOSE = replace(
    _APPROVE,
    title=gettext_lazy("Close this year?"),
    lead=gettext_lazy(
        "What is left goes back, what is reserved is carried. After that nothing can be granted to the year or taken out of it; this cannot be undone."
    ),
    label=gettext_lazy("Close it for good"),
    done=gettext_lazy("The year is closed. It stands in the books."),
)
_DECLINE = Answer(gettext_lazy("Not approve this?"), ASK_ANEW, gettext_lazy("Do not approve"), NOT_APPROVED)
_WITHDRAW = Answer(gettext_lazy("Take this back?"), ASK_ANEW, gettext_lazy("Take back"), TAKEN_BACK, own=True)


def _answered(request: ActingRequest, order_id: UUID, answer: Answer, write: Callable[..., PoolOrder]) -> HttpResponse:
    found = _found(order_id)
    return answered(
        request,
        found,
        answer,
        lambda: write(actor=request.actor, order_id=found.pk),
        waits=_waits(found),
        back=reverse("finance_order", args=[found.pk]),
        facts=_facts(found),
        danger=found.kind == OrderKind.CLOSE_YEAR,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("pool.grant")
def approve(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """What the yes moves, then the button."""
    closes = _found(order_id).kind == OrderKind.CLOSE_YEAR
    return _answered(
        request, order_id, _CLOSE if closes else _APPROVE, partial(approve_pool_order, tenant=request.tenant)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("pool.grant")
def decline(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """A no: nothing moves."""
    return _answered(request, order_id, _DECLINE, decline_pool_order)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("pool.grant")
def withdraw(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """Taken back by whoever asked."""
    return _answered(request, order_id, _WITHDRAW, withdraw_pool_order)
