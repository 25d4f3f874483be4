"""The next open day for the school's first page, which knows this app by its card alone."""

from django import template

from content.opendays.models import OpenDay
from content.opendays.selectors import next_day

register = template.Library()


@register.simple_tag
def next_open_day() -> OpenDay | None:
    """Two queries with its page; one where there is none."""
    return next_day()
