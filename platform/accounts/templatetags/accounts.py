"""Tags of the sign-in pages."""

from typing import Any

from django import template

from accounts.places import home_of

register = template.Library()


@register.simple_tag(takes_context=True)
def my_desk(context: dict[str, Any]) -> str:
    """The address of the person's desk; empty while they stand before the second step, or are nobody. No query."""
    actor = getattr(context.get("request"), "actor", None)
    return home_of(actor) if actor else ""
