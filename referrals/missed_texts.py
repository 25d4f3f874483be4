"""What missing an appointment means, in words: what it costs, who pays it, what was said about it."""

from django.utils.translation import gettext as _

from disclosure.sentences import spaced
from kernel.money import yuan
from referrals.missed import MissedFee, Said
from referrals.models import Booking, Referral
from referrals.rules import Cancellation
from referrals.workflow.fees import Leaving
from ui.names import named


def late_warning(referral: Referral, leaving: Leaving) -> str:
    """What cancelling late costs and who pays it, before the click; empty where it costs nothing."""
    fee, values = leaving.fee, {"partner": named(referral.partner)}
    if leaving.meaning is not Cancellation.LATE or (fee.person_fen == 0 and fee.uses_unit and not _tells(referral)):
        return ""
    if not fee.fee_fen:
        return _("It is late to cancel. The agreement with %(partner)s asks nothing for it.") % values
    told = _("It is late to cancel: by the agreement %(partner)s may ask %(fee)s.") % {
        **values,
        "fee": yuan(fee.fee_fen),
    }
    return spaced([told, who_pays(fee)])


def no_show_warning(referral: Referral, fee: MissedFee) -> str:
    """What not having come costs and who pays it; empty where nothing is asked, or crisis relief pays."""
    if not fee.fee_fen or not _tells(referral):
        return ""
    told = _("By the agreement %(partner)s may ask %(fee)s for it.") % {
        "partner": named(referral.partner),
        "fee": yuan(fee.fee_fen),
    }
    return spaced([told, who_pays(fee)])


def said_text(said: str) -> str:
    """An answer about an appointment, in words."""
    words = {
        Said.YES: _("It took place"),
        Said.NO: _("It did not take place"),
        Said.NO_SHOW: _("The person did not come"),
    }
    return str(words.get(Said(said), _("Nothing yet")))


def charged_text(booking: Booking) -> str:
    """What missing it has cost and who pays, for both sides alike; empty where it cost nothing."""
    return cost_text(booking.missed_fee_fen, booking.missed_paid_fen)


def cost_text(fee_fen: int, paid_fen: int) -> str:
    """A fee, and what of it the school pays, said to whoever reads it; empty for none."""
    if not fee_fen:
        return ""
    values = {"fee": yuan(fee_fen), "pool": yuan(paid_fen)}
    if paid_fen == fee_fen:
        return _("Fee by the agreement %(fee)s, paid by the school.") % values
    if not paid_fen:
        return _("Fee by the agreement %(fee)s, a matter between the person and the agency.") % values
    return (
        _("Fee by the agreement %(fee)s: %(pool)s paid by the school, the rest is between the person and the agency.")
        % values
    )


def _tells(referral: Referral) -> bool:
    """Whether the person needs to hear of a fee: where crisis relief pays each time, nothing follows for them."""
    return not referral.policy or referral.policy.scheme != "crisis_relief"


def who_pays(fee: MissedFee) -> str:
    """Who pays a fee that there is, in one or two sentences."""
    if not fee.pool_fen:
        return _("You settle it with the agency yourself; the school deducts nothing.")
    if not fee.person_fen:
        return _("The school pays it, once in a school year, and one unit of your quota is used.")
    return _(
        "The school pays %(pool)s of it, once in a school year, and one unit of your quota is used. "
        "You settle %(own)s with the agency yourself."
    ) % {"pool": yuan(fee.pool_fen), "own": yuan(fee.person_fen)}
