"""The list of what was asked for pools: kind, scheme, year, sum, who and when."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.search import contains
from exports import plain_yuan
from referrals.models import OrderKind, PoolOrder
from referrals.offices.forms import ORDER_TEXTS, SCHEME_TEXTS, search_field, state_field
from referrals.states import PoolOrderState
from ui.lists import Column, Listing, Nothing
from ui.states import sign_of


class OrderFilter(forms.Form):
    """Which orders."""

    q = search_field(_("Reason"))
    kind = state_field(_("What"), ORDER_TEXTS, _("Everything"))
    scheme = state_field(_("Scheme"), SCHEME_TEXTS, _("All schemes"))
    state = state_field(
        _("State"),
        {
            "asked": _("Waits for a second person"),
            "approved": _("Approved"),
            "declined": _("Not approved"),
            "withdrawn": _("Withdrawn"),
        },
        _("All states"),
    )


def _is_known(row: PoolOrder) -> bool:
    """What closing a year gives back and carries is known once it is closed."""
    return row.kind != OrderKind.CLOSE_YEAR or row.state == PoolOrderState.APPROVED


def _moved(row: PoolOrder) -> int:
    return row.returned_fen if row.kind == OrderKind.CLOSE_YEAR else row.amount_fen


class OrderList(Listing[PoolOrder, PoolOrder]):
    """What was asked for pools, newest first; ``?q=&kind=&scheme=&state=&page=``."""

    form = OrderFilter
    file_route, file_name = "finance_orders_csv", "pool-orders"
    export = "pool.export"
    columns = (
        Column[PoolOrder](_("What"), lambda row: ORDER_TEXTS[row.kind]),
        Column(_("Scheme"), lambda row: SCHEME_TEXTS.get(row.scheme, row.scheme)),
        Column(_("Year"), lambda row: row.year),
        Column(_("Sum"), lambda row: plain_yuan(_moved(row)) if _is_known(row) else ""),
        Column(_("Carried into the next year"), lambda row: plain_yuan(row.carried_fen) if _is_known(row) else ""),
        Column(_("Reason"), lambda row: row.reason),
        Column(_("State"), lambda row: sign_of(row.state, "pool_order").text),
        Column(_("Asked at"), lambda row: row.asked_at),
        Column(_("Decided at"), lambda row: row.decided_at),
    )
    nothing = Nothing(_("Nothing was asked yet"), _("Ask for a grant; a second person of finance decides."), "coin")
    nothing_found = Nothing(_("Nothing found"), _("Try another word or another state."), "search")

    def rows(self) -> QuerySet[PoolOrder]:
        """By when they were asked."""
        rows = PoolOrder.objects.order_by("-asked_at", "-id")
        for name in ("kind", "scheme", "state"):
            if self.wanted[name]:
                rows = rows.filter(**{name: self.wanted[name]})
        return rows.filter(contains(self.wanted["q"], "reason")) if self.wanted["q"] else rows

    def shown(self, rows: list[PoolOrder]) -> list[PoolOrder]:
        """With their words."""
        for row in rows:
            row.sum_fen = _moved(row) if _is_known(row) else None  # type: ignore[attr-defined]
            row.title, row.scheme_name = ORDER_TEXTS[row.kind], SCHEME_TEXTS.get(row.scheme, row.scheme)  # type: ignore[attr-defined]
        return rows
