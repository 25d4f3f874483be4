"""A person's own lists: requests and vouchers. The file has a neutral name, and nothing is recorded of it."""

from typing import TYPE_CHECKING, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from exports import plain_yuan
from kernel.clock import local_day, now
from referrals import texts
from referrals.models import Referral, Voucher
from referrals.rules import shown_state
from referrals.staff import selectors as mine
from referrals.staff.forms import ReferralFilter, WalletFilter
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.states import sign_of

if TYPE_CHECKING:
    from datetime import date

    from referrals.staff.shown import ShownVoucher

_OTHER_FILTER = (_("Nothing matches"), _("Choose another filter above."))


class ReferralList(Listing[Referral, Referral]):
    """My requests, newest first; ``?state=&q=&page=``."""

    form = ReferralFilter
    file_route = "staff_referrals_csv"
    size = 10
    columns = (
        Column[Referral](_("Number"), lambda row: row.number),
        Column(_("Service"), lambda row: named(row.service)),
        Column(_("Agency"), lambda row: named(row.partner)),
        Column(_("State"), lambda row: sign_of(row.shown_state, "referral").text),
        Column(_("Request sent"), lambda row: row.submitted_at),
        Column(_("Price"), lambda row: plain_yuan(row.fee_fen)),
        Column(_("School pays"), lambda row: plain_yuan(row.subsidy_fen)),
        Column(_("You pay"), lambda row: plain_yuan(row.self_fen)),
    )
    nothing = Nothing(
        _("No requests yet"), _("Look around first: every price is shown before you write anything."), "hand"
    )
    nothing_found = Nothing(*_OTHER_FILTER, "search")

    def filter_form(self, data: QueryDict) -> forms.Form:
        """Unbound where nothing was asked: no field is marked as wrong."""
        return ReferralFilter(data or None, label_suffix="")

    def rows(self) -> QuerySet[Referral]:
        """Narrowed to one state and to numbers that contain ``q``."""
        return mine.find_referrals(self.actor, state=self.wanted["state"], q=self.wanted["q"])


class Wallet(Listing[Voucher, "ShownVoucher"]):
    """All my vouchers, usable ones first; ``?show=&page=``. No code is on the page nor in the file."""

    form = WalletFilter
    file_route = "wallet_csv"
    size = 10
    columns = (
        Column["ShownVoucher"](_("Number"), lambda row: row.number),
        Column(_("Request number"), lambda row: row.referral.number),
        Column(_("Service"), lambda row: named(row.service)),
        Column(_("Agency"), lambda row: row.partner_name),
        Column(_("State"), lambda row: sign_of(row.state_today, "voucher").text),
        Column(_("Valid until"), lambda row: row.valid_until),
        Column(_("Units left"), lambda row: row.units_left),
        Column(_("School pays"), lambda row: plain_yuan(row.subsidy_fen)),
        Column(_("You pay"), lambda row: plain_yuan(row.self_fen)),
    )
    nothing = Nothing(_("No vouchers yet"), _("Once an agency confirms a time, your voucher is here."), "ticket")
    nothing_found = Nothing(*_OTHER_FILTER, "ticket")

    def filter_form(self, data: QueryDict) -> forms.Form:
        """Unbound where nothing was asked: no field is marked as wrong."""
        return WalletFilter(data or None, label_suffix="")

    @cached_property
    def day(self) -> "date":
        """The school's present day."""
        return local_day(now(), self.request.tenant.time_zone)

    def rows(self) -> QuerySet[Voucher]:
        """What can still be used first, by last day; then the others, newest first."""
        return mine.wallet(self.actor, self.day, show=self.wanted["show"])

    def shown(self, rows: list[Voucher]) -> "list[ShownVoucher]":
        """With today's state and the words of each."""
        found = cast("list[ShownVoucher]", rows)
        for row in found:
            row.state_today = shown_state(row, self.day)
            row.partner_name = named(row.partner)
            row.title = texts.KIND_TEXTS[row.service.kind].voucher
            row.left = texts.unit_text(row.service.unit, row.units_left)
        return found
