"""Rows as the offices' pages and files read them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from referrals.models import SubsidyPolicy
from referrals.offices.selectors import LedgerRow

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.models import Membership
    from referrals.models import AmountClaim, Booking, Redemption, Referral

    class ListedClaim(AmountClaim):
        """An amount that somebody says is wrong, in words, with the month of the use."""

        cause_text: str
        side_text: str
        month: str

    class ListedLeaver(Membership):
        """Somebody who has left, with the last day on which their own page can be open (the school's zone)."""

        open_until: date

    class ListedDispute(Redemption):
        """A use that a person objects to, with names in the reader's language and the objection in words."""

        service_name: str
        partner_name: str
        reason_text: str

    class ListedQuarrel(Booking):
        """An appointment with names in the reader's language, its day, and what both say."""

        service_name: str
        partner_name: str
        day: date
        person_word: str
        agency_word: str

    class ListedPause(Referral):
        """A request at a suspended agency, with names in the reader's language and how its suspension stands."""

        service_name: str
        partner_name: str
        next_at: datetime | None
        due_at: datetime
        pause_state: str

    class ListedRequest(Referral):
        """A request with names in the reader's language, whether it is late, and its vouchers' numbers, parted by blanks."""

        service_name: str
        partner_name: str
        late: bool
        voucher_numbers: str


@dataclass(frozen=True, slots=True)
class ShownPolicy:
    """A version with its texts; ``tone`` and ``icon`` are those of its phase."""

    policy: SubsidyPolicy
    scheme: str
    text: str
    tone: str
    icon: str
    quota: str


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the books in the words of finance; ``number`` stands on the paper of its request or voucher."""

    movement: LedgerRow
    number: str
    kind: str
    book: str
    amount: str
    way: str
