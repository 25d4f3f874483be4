"""The offices' list of appointments about which person and agency contradict each other: no names (rules §5)."""

from typing import TYPE_CHECKING, Final, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import ActingRequest
from accounts.search import contains
from kernel.clock import local_day
from referrals.missed_texts import said_text
from referrals.models import Booking, Referral
from referrals.offices.selectors import kinds_of
from referrals.states import BookingState
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.states import sign_of

if TYPE_CHECKING:
    from referrals.offices.shown import ListedQuarrel


_MOST_NUMBERS: Final = 500
"""Numbers that a word may fit; whoever types more of it comes nearer."""


class QuarrelFilter(forms.Form):
    """By GET: those that wait unless what was settled is asked for."""

    q = forms.CharField(label=_("Number"), required=False, max_length=40, widget=forms.TextInput({"type": "search"}))
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Waiting")), ("settled", _("Looked at"))]
    )


class QuarrelList(Listing[Booking, "ListedQuarrel"]):
    """Those that wait, the oldest first; ``?q=&state=&page=``."""

    form = QuarrelFilter
    export = "booking.export"
    size = 30
    columns = (
        Column["ListedQuarrel"](_("Number"), lambda row: row.referral.number),
        Column(_("Service"), lambda row: row.service_name),
        Column(_("Agency"), lambda row: row.partner_name),
        Column(_("Day"), lambda row: row.day),
        Column(_("The person says"), lambda row: said_text(row.person_says)),
        Column(_("The agency says"), lambda row: said_text(row.agency_says)),
        Column(_("State"), lambda row: sign_of(row.state, "booking").text),
    )
    nothing = Nothing(
        _("No quarrel waits"),
        _("Where person and agency say different things about an appointment, it appears here."),
        "check-circle",
    )
    nothing_found = Nothing(_("Nothing found"), _("Try another word or another state."), "search")

    def __init__(self, request: ActingRequest, office: str) -> None:
        self.office = office
        self.file_route = f"{office}_quarrels_csv"
        super().__init__(request)

    def rows(self) -> QuerySet[Booking]:
        """Of the kinds that the office decides."""
        rows = Booking.objects.prefetch_related("service", "partner", "referral")
        rows = rows.filter(service__kind__in=kinds_of(self.office)).exclude(person_says="", agency_says="")
        if self.wanted["q"]:
            asked = Referral.objects.filter(contains(self.wanted["q"], "number")).values_list("pk", flat=True)
            rows = rows.filter(referral_id__in=list(asked[:_MOST_NUMBERS]))
        if self.wanted["state"]:
            settled = (BookingState.DONE, BookingState.NO_SHOW, BookingState.LAPSED)
            return rows.filter(state__in=settled, due_at__isnull=True).order_by("-starts_at", "-id")
        return rows.filter(state=BookingState.DISPUTED).order_by("starts_at", "id")

    def shown(self, rows: list[Booking]) -> "list[ListedQuarrel]":
        """With service and agency in the reader's language, and the day alone."""
        found = cast("list[ListedQuarrel]", rows)
        for row in found:
            row.service_name, row.partner_name = named(row.service), named(row.partner)
            row.day = local_day(row.starts_at, row.zone)
            row.person_word, row.agency_word = said_text(row.person_says), said_text(row.agency_says)
        return found
