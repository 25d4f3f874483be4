"""Who pays what, said by the rule that decided it, and names in the reader's language. ``{% load prices %}``."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language

from referrals.models import Referral
from referrals.policy import Decision
from referrals.texts import named, own_part, school_part
from ui.templatetags.ui import split

register = template.Library()


@register.filter(name="named")
def named_filter(row: Any) -> str:
    """A service's or an agency's name in the reader's language; a Chinese one on an English page says that it is Chinese."""
    name = named(row)
    is_foreign = not row.name_en and not (get_language() or "zh").startswith("zh")
    return format_html('<span lang="zh-Hans">{}</span>', name) if is_foreign else name


@register.inclusion_tag("ui/components/split.html")
def price(decision: Decision, right: str = "") -> dict[str, Any]:
    """A decided price. Of the school's part it says what the rule says, never a share that only a limit makes."""
    said = school_part(decision)
    drawn = split(decision.subsidy_fen, decision.self_fen, left=said or "", right=right or own_part(decision))
    return drawn if said is None else {**drawn, "share": ""}


@register.inclusion_tag("ui/components/split.html")
def price_of(referral: Referral, right: str = "") -> dict[str, Any]:
    """The price of a request as it was decided."""
    return price(Decision.from_json(referral.decision), right)
