"""Hardship files as the two desks list them: the union with names, finance with number, ceiling and last day alone."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Membership
from accounts.search import contains
from exports import plain_yuan
from referrals.kinds import FILE_SCHEMES
from referrals.models import HardshipFile
from referrals.offices.forms import SCHEME_TEXTS, search_field, state_field
from ui.lists import Column, Listing, Nothing
from ui.states import sign_of

STATE_TEXTS: dict[str, Any] = {
    "asked": _("Waits for finance"),
    "granted": _("Approved"),
    "declined": _("Not approved"),
    "withdrawn": _("Withdrawn"),
    "ended": _("Ended early"),
}


FILE_TEXTS: dict[str, Any] = {scheme.value: SCHEME_TEXTS[scheme] for scheme in FILE_SCHEMES}


class HardshipFilter(forms.Form):
    """Which files."""

    q = search_field(_("File number"))
    scheme = state_field(_("What pays"), FILE_TEXTS, _("All schemes"))
    state = state_field(_("State"), STATE_TEXTS, _("All states"))


class FinanceFiles(Listing[HardshipFile, HardshipFile]):
    """Newest first; ``?q=&scheme=&state=&page=``. No column leads to a person."""

    form = HardshipFilter
    file_route, file_name = "finance_hardship_csv", "files"
    export = "hardship.export"
    columns = (
        Column[HardshipFile](_("File number"), lambda row: row.number),
        Column(_("What pays"), lambda row: FILE_TEXTS[row.scheme]),
        Column(_("At most"), lambda row: plain_yuan(row.ceiling_fen)),
        Column(pgettext_lazy("hardship", "Last day"), lambda row: row.last_day),
        Column(_("State"), lambda row: sign_of(row.state, "hardship").text),
        Column(_("Asked at"), lambda row: row.asked_at),
        Column(_("Decided at"), lambda row: row.decided_at),
    )
    nothing = Nothing(_("No file yet"), _("The union asks for one; it appears here for your word."), "coin")
    nothing_found = Nothing(_("Nothing found"), _("Try another word or another state."), "search")

    def rows(self) -> QuerySet[HardshipFile]:
        """By when they were asked."""
        rows = HardshipFile.objects.order_by("-asked_at", "-id")
        if self.wanted["scheme"]:
            rows = rows.filter(scheme=self.wanted["scheme"])
        if self.wanted["state"]:
            rows = rows.filter(state=self.wanted["state"])
        return rows.filter(self.looked_for(self.wanted["q"])) if self.wanted["q"] else rows

    def shown(self, rows: list[HardshipFile]) -> list[HardshipFile]:
        """With the word for what pays."""
        for row in rows:
            row.scheme_name = FILE_TEXTS[row.scheme]  # type: ignore[attr-defined]
        return rows

    def looked_for(self, q: str) -> Q:
        """The number alone: a name must find nothing here."""
        return contains(q, "number")


class UnionFiles(FinanceFiles):
    """The same with whose it is; the file to take away has no names."""

    file_route = "union_hardship_csv"
    nothing = Nothing(
        _("No file yet"),
        _("When a file of the union is to pay for services, ask here; finance says yes to number, sum and last day."),
        "people",
    )

    def rows(self) -> QuerySet[HardshipFile]:
        """With their persons, in a query of their own."""
        return super().rows().prefetch_related("person")

    def looked_for(self, q: str) -> Q:
        """By number or by name."""
        named = Membership.objects.filter(contains(q, "name")).values_list("pk", flat=True)
        return contains(q, "number") | Q(person_id__in=list(named))
