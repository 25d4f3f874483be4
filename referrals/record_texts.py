"""What the record says about requests, vouchers and policies: acts, and what is told of them. Found by ``schools.record_texts``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from kernel.money import yuan
from ui.templatetags.ui import percent

AREA_TITLES: Final[Mapping[str, Any]] = {
    "requests": _("Requests and offers"),
    "vouchers": _("Vouchers and redemptions"),
    "money": _("Policies and books"),
}
AREAS: Final[Mapping[str, str]] = {
    "referral": "requests",
    "quote": "requests",
    "offer": "requests",
    "proposal": "requests",
    "booking": "requests",
    "voucher": "vouchers",
    "redemption": "vouchers",
    "policy": "money",
    "pool": "money",
    "payer": "money",
}
NAMELESS: Final = frozenset({"referral", "quote", "offer", "proposal", "booking", "voucher", "redemption"})
"""First parts of actions that would tell who asked for help."""
ACTS: Final[Mapping[str, Any]] = {
    "referral.submit": _("Request made"),
    "referral.submit_for": _("Request made in a person's place"),
    "referral.approve": _("Request approved"),
    "referral.decline": _("Request declined"),
    "referral.cancel": _("Request cancelled"),
    "referral.stop": _("Course stopped early"),
    "referral.look_again": _("Asked to look again at a request"),
    "referral.no_taker": _("Request without an institution"),
    "referral.read": _("Request opened"),
    "referral.list": _("List of requests with names opened"),
    "referral.export": _("List of requests downloaded"),
    "quote.ask": _("Price asked"),
    "offer.open": _("Laid before an institution"),
    "offer.confirm": _("Time confirmed"),
    "offer.decline": _("Offer declined"),
    "offer.propose": _("Other times proposed"),
    "offer.expire": _("Offer ran out"),
    "proposal.accept": _("Proposed time accepted"),
    "proposal.refuse": _("No proposed time fitted"),
    "booking.confirm": _("Appointment made"),
    "booking.enter": _("Next appointment entered"),
    "booking.cancel": _("Appointment cancelled"),
    "booking.ask_reschedule": _("Another time asked for"),
    "booking.reschedule": _("Appointment moved"),
    "booking.decline_reschedule": _("Another time declined"),
    "booking.withdraw_reschedule": _("Wish to move taken back"),
    "booking.cancel_late": _("Appointment cancelled late"),
    "booking.unscanned": _("Appointment was not scanned; both are asked"),
    "booking.fee": _("Fee for a missed appointment paid by a pool"),
    "booking.say": _("Said whether an appointment took place"),
    "booking.no_show": _("Said that a person did not come"),
    "booking.object": _("Objected to that"),
    "booking.decide": _("Decided whether an appointment took place"),
    "booking.lapse": _("Appointment that nobody confirmed ended"),
    "booking.cancel_by_agency": _("Appointment cancelled by the institution"),
    "offer.export": _("List of partner's requests downloaded"),
    "booking.export": _("List of appointments downloaded"),
    "voucher.issue": _("Voucher issued"),
    "voucher.prepare": _("Voucher looked at by an institution"),
    "voucher.redeem": _("Voucher redeemed"),
    "voucher.reverse": _("Redemption taken back"),
    "voucher.agree": _("Person agreed to a redemption"),
    "voucher.validate": _("Redemption agreed to by silence"),
    "voucher.dispute": _("Objected to a redemption"),
    "voucher.withdraw_dispute": _("Objection to a redemption taken back"),
    "voucher.uphold": _("Redemption upheld after an objection"),
    "voucher.expire": _("Voucher ran out"),
    "voucher.own_share_back": _("Own part given back"),
    "redemption.export": _("List of redemptions downloaded"),
    "policy.draft": _("Policy drafted"),
    "policy.approve": _("Policy approved"),
    "policy.edit": _("Draft of a policy changed"),
    "policy.return": _("Draft of a policy given back"),
    "policy.withdraw": _("Draft of a policy withdrawn"),
    "payer.change": _("Payer changed"),
    "pool.ask": _("Asked for a pool"),
    "pool.approve": _("Approved for a pool"),
    "pool.decline": _("Not approved for a pool"),
    "pool.withdraw": _("Taken back for a pool"),
    "pool.export": _("List of pool orders downloaded"),
    "policy.end": _("Policy ended"),
    "policy.export": _("List of policies downloaded"),
}
FACTS: Final[Mapping[str, tuple[Any, Callable[[Any], Any]]]] = {
    "fee_fen": (_("Fee"), yuan),
    "subsidy_fen": (_("The school pays"), yuan),
    "self_fen": (_("The person pays"), yuan),
    "units": (_("Times"), str),
    "share_bp": (_("Share"), percent),
    "version": (_("Version"), str),
}
