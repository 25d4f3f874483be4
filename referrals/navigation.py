"""What referrals add to the navigation: the staff's and the counter's tabs, and the offices that decide and pay."""

from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import PlatformRole, Role
from referrals.counter.selectors import waiting_up_to
from ui.navigation import MANY, PARTNER, STAFF, Link

TABS: Final = {
    STAFF: (
        Link(rank=10, label=_("Mine"), url="/my/", icon="home", permission="referral.own"),
        Link(rank=20, label=_("Apply"), url="/apply/", icon="hand", permission="service.read"),
        Link(rank=30, label=_("Vouchers"), url="/vouchers/", icon="ticket", permission="voucher.own"),
    ),
    PARTNER: (
        Link(rank=10, label=_("Today"), url="/partner/", icon="home", permission="partner.read"),
        Link(
            rank=20,
            label=_("Requests"),
            url="/partner/offers/",
            icon="inbox",
            permission="partner.answer",
            covers=("/partner/cards/",),
            count=partial(waiting_up_to, MANY),
        ),
        Link(
            rank=30,
            label=_("Bookings"),
            url="/partner/bookings/",
            icon="calendar",
            permission="partner.read",
            covers=("/partner/vouchers/", "/partner/unscanned/", "/partner/week/", "/partner/marks/"),
        ),
        Link(rank=40, label=_("Scan"), url="/partner/scan/", icon="scan", permission="partner.redeem"),
        Link(rank=50, label=_("Redeemed"), url="/partner/redemptions/", icon="list", permission="partner.read"),
    ),
}
OFFICES: Final = {
    "centre": Link(
        rank=10, label=_("Psychological centre"), url="/centre/", icon="heart", permission="referral.read.centre"
    ),
    "union": Link(rank=20, label=_("Trade union"), url="/union/", icon="people", permission="referral.read.union"),
    "finance": Link(rank=30, label=_("Finance"), url="/finance/", icon="coin", permission="ledger.read"),
}
SECTIONS: Final = {
    "school": (
        Link(rank=25, label=_("People who left"), url="/school/left/", icon="people", permission="leaver.link"),
        Link(rank=26, label=_("The union's chair"), url="/school/union/", icon="shield", permission="union.posts"),
    ),
    "centre": (
        Link(rank=10, label=_("Requests"), url="/centre/", icon="inbox", permission="referral.read.centre"),
        Link(
            rank=15,
            label=_("Did it take place?"),
            url="/centre/unscanned/",
            icon="calendar",
            permission="referral.read.centre",
        ),
        Link(
            rank=16,
            label=_("Objections"),
            url="/centre/disputes/",
            icon="alert",
            permission="referral.read.centre",
        ),
        Link(
            rank=17,
            label=_("At suspended agencies"),
            url="/centre/suspended/",
            icon="clock",
            permission="referral.read.centre",
        ),
    ),
    "union": (
        Link(rank=10, label=_("Requests"), url="/union/", icon="inbox", permission="referral.read.union"),
        Link(rank=12, label=_("For a colleague"), url="/union/proxy/", icon="send", permission="referral.proxy"),
        Link(rank=14, label=_("Hardship"), url="/union/hardship/", icon="coin", permission="hardship.ask"),
        Link(
            rank=15,
            label=_("Did it take place?"),
            url="/union/unscanned/",
            icon="calendar",
            permission="referral.read.union",
        ),
        Link(
            rank=16,
            label=_("Objections"),
            url="/union/disputes/",
            icon="alert",
            permission="referral.read.union",
        ),
        Link(
            rank=17,
            label=_("At suspended agencies"),
            url="/union/suspended/",
            icon="clock",
            permission="referral.read.union",
        ),
        Link(rank=18, label=_("Questioned amounts"), url="/union/amounts/", icon="undo", permission="claim.union"),
        Link(
            rank=19,
            label=_("What agencies kept"),
            url="/union/agencies/",
            icon="list",
            permission="referral.read.union",
        ),
    ),
    "finance": (
        Link(rank=10, label=_("Overview"), url="/finance/", icon="home", permission="ledger.read"),
        Link(rank=20, label=_("Policies"), url="/finance/policies/", icon="book", permission="policy.read"),
        Link(
            rank=30,
            label=_("Pools"),
            url="/finance/orders/",
            icon="coin",
            permission="ledger.lines",
            covers=("/finance/pools/", "/finance/payers/"),
        ),
        Link(rank=35, label=_("Hardship"), url="/finance/hardship/", icon="people", permission="hardship.grant"),
        Link(
            rank=37,
            label=_("Corrections"),
            url="/finance/corrections/",
            icon="undo",
            permission="voucher.correct",
        ),
        Link(rank=40, label=_("Ledger"), url="/finance/ledger/", icon="list", permission="ledger.lines"),
    ),
}
HOMES: Final = {
    PlatformRole.PARTNER_OFFICE: (20, "/partner/"),
    PlatformRole.PARTNER_COUNTER: (20, "/partner/scan/"),
    Role.CENTRE: (30, "/centre/"),
    Role.DUTY: (30, "/centre/"),
    Role.UNION: (40, "/union/"),
    Role.FINANCE: (50, "/finance/"),
}
"""Role → (rank, where it lands after sign-in); the lowest rank of a person's roles wins."""
