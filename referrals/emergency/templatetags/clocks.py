"""Clocks that run on a page (``emergency/clocks.js``): each reads well as it stands, without script."""

from datetime import datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from referrals.emergency.centre.incident_clocks import Clock, lengths

register = template.Library()


@register.simple_tag
def clock(shown: Clock) -> SafeString:
    """One clock. Somewhere around it stands ``clocks_of``."""
    at = shown.at.isoformat()
    return format_html(
        '<time datetime="{}" data-at="{}" data-clock="{}" data-one="{}" data-many="{}" data-none="{}">{}</time>',
        at,
        at,
        "up" if shown.is_up else "down",
        shown.one,
        shown.many,
        shown.none,
        shown.text,
    )


@register.simple_tag
def clocks_of(now: datetime) -> SafeString:
    """Attributes of the element in which clocks run: the chain's moment of the page, and how lengths of time are said."""
    words = format_html_join(" ", 'data-{}="{}"', lengths().items())
    return format_html('data-chain-now="{}" {}', now.isoformat(), words)
