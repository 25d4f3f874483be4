"""What missing an appointment means, in words: what it costs, who pays it, what was said about it."""

from django.utils.translation import gettext as _

from disclosure.sentences import spaced
from kernel.money import yuan
from referrals.missed import MissedFee
from referrals.models import Referral
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
