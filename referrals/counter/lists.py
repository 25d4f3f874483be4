"""The institution's lists: requests, appointments, redemptions, of every school at once, behind the partner's wall."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from exports import plain_yuan
from kernel.clock import now
from referrals.access import institution_of
from referrals.claims_shown import claims_of
from referrals.corrections_shown import agency_text
from referrals.counter import selectors
from referrals.counter.forms import REVERSE_TEXTS, BookingFilter, OfferFilter, RedemptionFilter, UnscannedFilter
from referrals.counter.selectors import Visit
from referrals.missed import stands_as
from referrals.missed_texts import charged_text, said_text
from referrals.models import Booking, CorrectionSide, Offer, Redemption
from referrals.states import REDEMPTION_MOVES, BookingState, RedemptionEvent
from referrals.texts import colleague_text, desk_text, unit_text
from referrals.workflow.claiming import may_claim
from tenancy.scope import use_partner
from ui.lists import MOST_COUNTED, Column, Listing, Nothing
from ui.names import named
from ui.states import sign_of

if TYPE_CHECKING:
    from django.db.models import Model

    from referrals.counter.shown import ShownOffer, ShownRedemption, ShownUnscanned

REVERSIBLE: Final = frozenset(state for state, event in REDEMPTION_MOVES if event is RedemptionEvent.REVERSE)


class PartnerListing[Row: "Model", Shown](Listing[Row, Shown]):
    """Rows of one institution, whichever school they belong to."""

    size = 20

    def reading(self) -> AbstractContextManager[Any]:
        """Behind the institution's own wall."""
        return use_partner(institution_of(self.actor))


class OfferList(PartnerListing[Offer, "ShownOffer"]):
    """All requests, newest first; ``?state=&service=&page=``."""

    file_route = "partner_offers_csv"
    export = "offer.export"
    columns = (
        Column["ShownOffer"](_("Request key"), lambda row: row.referral_id),
        Column(_("Our reference"), lambda row: row.reference),
        Column(_("Asked on"), lambda row: row.created_at),
        Column(_("Service"), lambda row: row.service_name),
        Column(_("How much"), lambda row: row.amount),
        Column(_("District"), lambda row: row.district),
        Column(_("State"), lambda row: sign_of(row.state, "offer").text),
        Column(_("Answer by"), lambda row: row.deadline),
        Column(_("Price in all"), lambda row: plain_yuan(row.fee_fen)),
        Column(_("School pays"), lambda row: "" if row.subsidy_fen is None else plain_yuan(row.subsidy_fen)),
        Column(_("You collect"), lambda row: "" if row.self_fen is None else plain_yuan(row.self_fen)),
    )
    nothing = Nothing(
        _("No request yet"), _("A school's request for one of your services appears here and under Today."), "inbox"
    )
    nothing_found = Nothing(_("Nothing matches"), _("Choose another filter above."), "inbox")

    def filter_form(self, data: QueryDict) -> forms.Form:
        """With the institution's own services."""
        services = [(str(service.pk), named(service)) for service in selectors.services_of(self.actor)]
        return OfferFilter(data, services=services)

    def rows(self) -> QuerySet[Offer]:
        """Narrowed to a state and a service."""
        return selectors.offers(self.wanted["state"], self.wanted["service"])

    def shown(self, rows: list[Offer]) -> "list[ShownOffer]":
        """With the service and how much of it in words."""
        found = cast("list[ShownOffer]", rows)
        for row in found:
            row.service_name = named(row.service)
            row.amount = unit_text(row.service.unit, row.units)
            row.spans = selectors.spans_of(row)
        return found


class UnscannedList(PartnerListing[Booking, Visit]):
    """Appointments that nobody scanned, the shortest clock first; ``?state=&page=``. The file has no card."""

    form = UnscannedFilter
    file_route = "partner_unscanned_csv"
    export = "booking.export"
    columns = (
        Column[Visit](_("Request key"), lambda row: row.booking.referral_id),
        Column(_("Voucher number"), lambda row: row.voucher_number),
        Column(_("Start"), lambda row: row.booking.starts_at),
        Column(_("Service"), lambda row: named(row.booking.service)),
        Column(_("State"), lambda row: sign_of(stands_as(row.booking, now())[0], "booking").text),
        Column(_("You said"), lambda row: said_text(row.booking.agency_says)),
        Column(_("Answer by"), lambda row: stands_as(row.booking, now())[1]),
        Column(_("Fee"), lambda row: plain_yuan(row.booking.missed_fee_fen)),
        Column(_("School pays"), lambda row: plain_yuan(row.booking.missed_paid_fen)),
    )
    nothing = Nothing(
        _("Every appointment is settled"),
        _("One that nobody scanned by the end of its day appears here for 48 hours."),
        "check-circle",
    )
    nothing_found = Nothing(_("No appointment found"), _("Try another state."), "calendar")

    def rows(self) -> QuerySet[Booking]:
        """Narrowed to a state."""
        return selectors.unscanned(self.wanted["state"])

    def shown(self, rows: list[Booking]) -> list[Visit]:
        """With their voucher, and how they stand by the dates."""
        found, moment = selectors.visits(rows), now()
        for visit in found:
            booking = cast("ShownUnscanned", visit.booking)
            booking.stands, booking.until = stands_as(booking, moment)
            booking.said, booking.charged = said_text(booking.agency_says), charged_text(booking)
            booking.is_open = booking.stands == BookingState.UNRESOLVED
        return found


class BookingList(PartnerListing[Booking, Visit]):
    """Appointments from today on, or those that are over; ``?day=&state=&page=``. The file has no card: it travels further than a screen."""

    form = BookingFilter
    file_route = "partner_bookings_csv"
    export = "booking.export"
    columns = (
        Column[Visit](_("Request key"), lambda row: row.booking.referral_id),
        Column(_("Voucher number"), lambda row: row.voucher_number),
        Column(_("Start"), lambda row: row.booking.starts_at),
        Column(_("End"), lambda row: row.booking.ends_at),
        Column(_("Service"), lambda row: named(row.booking.service)),
        Column(_("With"), lambda row: row.with_whom),
        Column(_("State"), lambda row: sign_of(row.booking.state, "booking").text),
    )
    nothing = Nothing(
        _("No appointment is coming"), _("Each request that you confirm stands here until its day is over."), "calendar"
    )
    nothing_found = Nothing(_("No appointment found"), _("Try another day or another state."), "calendar")

    def rows(self) -> QuerySet[Booking]:
        """Narrowed to a state and a day."""
        return selectors.bookings(self.wanted["state"], self.wanted["day"])

    def shown(self, rows: list[Booking]) -> list[Visit]:
        """With voucher and amounts."""
        return selectors.visits(rows)


class RedemptionList(PartnerListing[Redemption, "ShownRedemption"]):
    """What was redeemed, newest first; ``?q=&state=&first=&last=&page=``."""

    form = RedemptionFilter
    file_route = "partner_redemptions_csv"
    export = "redemption.export"
    columns = (
        Column["ShownRedemption"](_("Request key"), lambda row: row.voucher.referral_id),
        Column(_("Voucher number"), lambda row: row.voucher_number),
        Column(_("Service"), lambda row: row.service_name),
        Column(_("Redeemed"), lambda row: row.redeemed_at),
        Column(_("Counter"), lambda row: desk_text(row.desk)),
        Column(_("Redeemed by"), lambda row: row.desk.name),
        Column(_("State"), lambda row: sign_of(row.state, "redemption").text),
        Column(_("Price"), lambda row: plain_yuan(row.fee_fen)),
        Column(_("School pays"), lambda row: plain_yuan(row.subsidy_fen)),
        Column(_("Collected"), lambda row: plain_yuan(row.self_fen)),
        Column(_("Corrected: the school pays"), lambda row: plain_yuan(row.corrected_subsidy_fen)),
        Column(_("Corrected: the person pays"), lambda row: plain_yuan(row.corrected_self_fen)),
    )
    nothing = Nothing(_("Nothing found"), _("It begins with the first voucher you redeem."), "ticket")
    nothing_found = Nothing(_("Nothing found"), _("Try other days or another number."), "ticket")

    def rows(self) -> QuerySet[Redemption]:
        """By number, state and days."""
        wanted = self.wanted
        return selectors.redemptions(wanted["q"], wanted["state"], wanted["first"], wanted["last"])

    def shown(self, rows: list[Redemption]) -> "list[ShownRedemption]":
        """With the service in words, at which counter and by whom, and whether it may be taken back."""
        found = cast("list[ShownRedemption]", rows)
        made = claims_of(CorrectionSide.AGENCY, rows)
        for row, desk in zip(found, selectors.desks_of(rows), strict=True):
            row.claim, row.claimable = made.get(row.pk), may_claim(row)
            row.desk = desk
            row.redeemed_at_desk = colleague_text(desk)
            row.service_name = named(row.voucher.service)
            row.reversible = row.state in REVERSIBLE
            row.corrected_text = agency_text(row)
            row.reason_text = REVERSE_TEXTS.get(row.reverse_reason, "")
        return found

    def context(self) -> dict[str, Any]:
        """With ``totals``, the sums of the whole filtered list; without days None when it is long."""
        most = None if self.wanted["first"] else MOST_COUNTED
        with self.reading():
            totals = selectors.totals_of(self.rows(), most)
        return {**super().context(), "totals": totals}
