"""Who pays what, said by the rule that decided it. ``{% load prices %}``."""

from typing import Any

from django import template

from partners.kinds import ServiceUnit
from referrals.models import Referral
from referrals.policy import Decision
from referrals.texts import own_part, school_part
from ui.templatetags.ui import split

register = template.Library()


@register.inclusion_tag("ui/components/split.html")
def price(decision: Decision, right: str = "", unit: str = "") -> dict[str, Any]:
    """A decided price. Of the school's part it says what the rule says, never a share that only a limit makes.

    ``unit`` (``ServiceUnit``) where it is the price of one and not of all that is asked for: ``¥48.00/hour``. A session
    has a length of its own.
    """
    said = school_part(decision)
    drawn = split(decision.subsidy_fen, decision.self_fen, left=said or "", right=right or own_part(decision))
    drawn["per"] = ServiceUnit(unit).label if unit not in ("", ServiceUnit.SESSION) else ""
    return drawn if said is None else {**drawn, "share": ""}


@register.inclusion_tag("ui/components/split.html")
def price_of(referral: Referral, right: str = "") -> dict[str, Any]:
    """The price of a request as it was decided."""
    return price(Decision.from_json(referral.decision), right)
