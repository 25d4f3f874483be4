"""The offices' lists: requests to decide, policies, and the books, which know numbers and amounts alone (rules §5)."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.actor import ActingRequest
from exports import plain_yuan
from kernel.clock import local_day, now
from kernel.money import yuan
from ledger.models import Entry, Transfer
from referrals.models import Referral, SubsidyPolicy
from referrals.offices import selectors
from referrals.offices.forms import (
    BOOK_TEXTS,
    BUCKET_TEXTS,
    PHASE_TEXTS,
    SCHEME_TEXTS,
    TRANSFER_TEXTS,
    LedgerFilter,
    PolicyFilter,
    RequestFilter,
)
from referrals.offices.shown import Movement, ShownPolicy
from referrals.states import ReferralState
from ui.lists import Column, Listing, Nothing
from ui.names import named
from ui.states import sign_of
from ui.templatetags.ui import percent

if TYPE_CHECKING:
    from referrals.offices.shown import ListedRequest

_PAGE = 30
_TAGS = {
    "current": ("ok", "dot"),
    "coming": ("info", "clock"),
    "draft": ("wait", "clock"),
    "returned": ("wait", "undo"),
    "withdrawn": ("", "slash"),
    "past": ("", "check"),
}


class RequestList(Listing[Referral, "ListedRequest"]):
    """What an office decides: those that wait, the shortest clock first; ``?q=&state=&kind=&page=``. The file has no names."""

    export = "referral.export"
    size = _PAGE
    columns = (
        Column["ListedRequest"](_("Number"), lambda row: row.number),
        Column(_("Voucher number"), lambda row: row.voucher_numbers),
        Column(_("Service"), lambda row: row.service_name),
        Column(_("Agency"), lambda row: row.partner_name),
        Column(_("State"), lambda row: sign_of(row.state, "referral").text),
        Column(_("Sent"), lambda row: row.submitted_at),
        Column(_("Decide by"), lambda row: row.deadline),
        Column(_("Price"), lambda row: plain_yuan(row.fee_fen)),
        Column(_("School pays"), lambda row: plain_yuan(row.subsidy_fen)),
    )
    nothing = Nothing(
        _("Nothing waits for you"),
        _("Most requests are approved by rule. Those that need your word appear here with their clock."),
        "check-circle",
    )
    nothing_found = Nothing(_("Nothing found"), _("Try another word or another state."), "search")

    def __init__(self, request: ActingRequest, office: str) -> None:
        self.office = office
        self.file_route = f"{office}_requests_csv"
        super().__init__(request)

    def filter_form(self, data: QueryDict) -> forms.Form:
        """With the kinds that this office decides."""
        return RequestFilter(data, kinds=selectors.kinds_of(self.office))

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """Those that wait, unless another state is asked for."""
        return cast("RequestFilter", self.filter).wanted()

    @property
    def is_inbox(self) -> bool:
        """Whether these are the requests that wait."""
        return bool(self.wanted["state"] == ReferralState.SUBMITTED)

    @property
    def filtered(self) -> bool:
        """Whether anything but what waits was asked for."""
        return bool(self.wanted["q"] or self.wanted["kind"] or not self.is_inbox)

    def rows(self) -> QuerySet[Referral]:
        """The office's requests."""
        return selectors.find_requests(self.office, **self.wanted)

    def shown(self, rows: list[Referral]) -> "list[ListedRequest]":
        """With service and agency in the reader's language, whether late, and the vouchers' numbers."""
        found, moment = cast("list[ListedRequest]", rows), now()
        numbers = selectors.voucher_numbers(rows)
        for row in found:
            row.service_name, row.partner_name = named(row.service), named(row.partner)
            row.late = row.deadline is not None and row.deadline <= moment
            row.voucher_numbers = " ".join(numbers.get(row.pk, ()))
        return found


class PolicyList(Listing[SubsidyPolicy, ShownPolicy]):
    """Versions of what the school pays, by scheme, newest first; ``?q=&scheme=&when=&page=``."""

    form = PolicyFilter
    file_route = "finance_policies_csv"
    export = "policy.export"
    size = _PAGE
    columns = (
        Column[ShownPolicy](_("Scheme"), lambda row: row.scheme),
        Column(_("Version"), lambda row: row.policy.version),
        Column(_("State"), lambda row: row.text),
        Column(_("School pays"), lambda row: percent(row.policy.share_bp)),
        Column(_("Highest price that counts"), lambda row: _fen(row.policy.session_eligible_cap_fen)),
        Column(_("Pays at most"), lambda row: _fen(row.policy.session_subsidy_cap_fen)),
        Column(_("Yearly limit"), lambda row: row.quota),
        Column(_("In force from"), lambda row: row.policy.valid_from),
        Column(_("First day no longer valid"), lambda row: row.policy.valid_until),
    )
    nothing = Nothing(_("No policy found"), _("Without a policy the school pays nothing; draft the first one."), "book")
    nothing_found = Nothing(_("No policy found"), _("Try another scheme or another time."), "book")

    def rows(self) -> QuerySet[SubsidyPolicy]:
        """As seen from today."""
        wanted = {name: value.strip() for name, value in self.wanted.items()}
        return selectors.policies(**wanted, day=local_day(now()))

    def shown(self, rows: list[SubsidyPolicy]) -> list[ShownPolicy]:
        """With their words."""
        today = local_day(now())
        return [policy_shown(row, today) for row in rows]


def policy_shown(policy: SubsidyPolicy, day: date) -> ShownPolicy:
    """A version as it stands on ``day``."""
    phase = selectors.phase_of(policy, day)
    tone, icon = _TAGS[phase]
    scheme = str(SCHEME_TEXTS.get(policy.scheme, policy.scheme))
    return ShownPolicy(policy, scheme, str(PHASE_TEXTS[phase]), tone, icon, quota_text(policy))


def quota_text(policy: SubsidyPolicy) -> str:
    """The yearly limit in words."""
    if policy.quota_amount is None:
        return _now("no limit")
    if policy.quota_unit == "fen":
        return yuan(policy.quota_amount)
    return _now("%(n)d sessions") % {"n": policy.quota_amount}


def _fen(fen: int | None) -> str:
    return "" if fen is None else plain_yuan(fen)


class Ledger(Listing[Entry, Movement]):
    """Every movement of the books, newest first; ``?q=&book=&scheme=&kind=&first=&last=&page=``.

    The file is by month, the newest first, and in it by number: a line that says no day must not say it by where it stands.
    """

    form = LedgerFilter
    file_route = "finance_ledger_csv"
    export = "ledger.export"
    size = _PAGE
    columns = (
        Column[Movement](_("Number"), lambda row: row.number),
        Column(_("Month"), lambda row: row.movement.month),
        Column(_("Booked at"), lambda row: row.movement.at),
        Column(_("Movement"), lambda row: row.kind),
        Column(_("Book"), lambda row: BOOK_TEXTS[row.movement.book]),
        Column(_("Scheme"), lambda row: SCHEME_TEXTS.get(row.movement.scheme, row.movement.scheme)),
        Column(_("Year"), lambda row: row.movement.period),
        Column(
            _("Sum"), lambda row: plain_yuan(row.movement.amount) if row.movement.unit == "fen" else row.movement.amount
        ),
        Column(_("Unit"), lambda row: _now("yuan") if row.movement.unit == "fen" else _now("sessions")),
        Column(_("Out of"), lambda row: BUCKET_TEXTS[row.movement.source]),
        Column(_("Into"), lambda row: BUCKET_TEXTS[row.movement.target]),
        Column(_("Reference"), lambda row: row.movement.reference),
    )
    nothing = Nothing(_("No movement found"), _("The first grant opens the books."))
    nothing_found = Nothing(_("No movement found"), _("Try other days or another book."))

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """What the selector takes."""
        return cast("LedgerFilter", self.filter).wanted()

    def rows(self) -> QuerySet[Entry]:
        """One row for each line that moved."""
        return selectors.movements(**self.wanted)

    def at_least(self) -> QuerySet[Transfer] | None:
        """Each transfer has a receiving side: where a kind alone is asked for, its transfers tell that there are many."""
        asked = {name for name, value in self.wanted.items() if value}
        return Transfer.objects.filter(kind=self.wanted["kind"]) if asked == {"kind"} else None

    def shown(self, rows: list[Entry]) -> list[Movement]:
        """With the numbers that stand on paper."""
        return shown_movements(rows)

    def _all(self) -> Iterator[Movement]:
        """One month at a time is held; what has no number, such as a grant, stands in front with its own day."""
        for _month, rows in groupby(super()._all(), key=lambda row: row.movement.month):
            yield from sorted(rows, key=lambda row: (row.number, row.movement.at is None))


def shown_movements(entries: list[Entry]) -> list[Movement]:
    """Entries in the words of finance, with the numbers of their vouchers."""
    numbers = selectors.numbers_of([entry.transfer.reference for entry in entries])
    lines = [(selectors.ledger_row(entry), numbers.get(entry.transfer.reference, "")) for entry in entries]
    return [
        Movement(
            movement=line,
            number=number,
            kind=str(TRANSFER_TEXTS[line.kind]),
            book=str(SCHEME_TEXTS.get(line.scheme, line.scheme) if line.scheme else BOOK_TEXTS[line.book]),
            amount=yuan(line.amount) if line.unit == "fen" else _now("%(n)d sessions") % {"n": line.amount},
            way=f"{BUCKET_TEXTS[line.source]} → {BUCKET_TEXTS[line.target]}",
        )
        for line, number in lines
    ]
