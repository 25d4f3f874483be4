"""The offices' list of requests at agencies that are suspended: no names (rules §5)."""

from typing import TYPE_CHECKING, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import ActingRequest
from accounts.search import contains
from referrals.models import Referral
from referrals.offices.selectors import kinds_of
from referrals.workflow.paused import paused_now, standing_of
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.states import sign_of

if TYPE_CHECKING:
    from referrals.offices.shown import ListedPause


class PausedFilter(forms.Form):
    """By GET."""

    q = forms.CharField(label=_("Number"), required=False, max_length=40, widget=forms.TextInput({"type": "search"}))


class PausedList(Listing[Referral, "ListedPause"]):
    """Those under way at a suspended agency, the earliest asked for first; ``?q=&page=``."""

    form = PausedFilter
    export = "referral.export"
    size = 30
    columns = (
        Column["ListedPause"](_("Number"), lambda row: row.number),
        Column(_("Service"), lambda row: row.service_name),
        Column(_("Agency"), lambda row: row.partner_name),
        Column(_("Next appointment"), lambda row: row.next_at),
        Column(_("Decide by"), lambda row: row.due_at),
        Column(_("State"), lambda row: sign_of(row.pause_state, "paused").text),
    )
    nothing = Nothing(
        _("No agency is suspended"),
        _("When one is, what is booked there stands here: you keep it, let the person move, or call it off."),
        "check-circle",
    )
    nothing_found = Nothing(_("Nothing found"), _("Try another word or another state."), "search")

    def __init__(self, request: ActingRequest, office: str) -> None:
        self.office = office
        self.tenant = request.tenant
        self.file_route = f"{office}_paused_csv"
        super().__init__(request)

    def rows(self) -> QuerySet[Referral]:
        """Of the kinds that the office decides."""
        rows = paused_now().prefetch_related("service", "partner").filter(kind__in=kinds_of(self.office))
        if self.wanted["q"]:
            rows = rows.filter(contains(self.wanted["q"], "number"))
        return rows.order_by("submitted_at", "id")

    def shown(self, rows: list[Referral]) -> "list[ListedPause]":
        """With the next appointment and until when it is to be decided, as the dates have it."""
        found, stands = cast("list[ListedPause]", rows), standing_of(self.tenant, rows)
        found = [row for row in found if row.pk in stands]
        for row in found:
            row.service_name, row.partner_name = named(row.service), named(row.partner)
            how = stands[row.pk]
            row.next_at, row.due_at, row.pause_state = how.next_at, how.due_at, how.state
        return found
