"""What is read as one thing stands on one line: an amount, a date, a number, a form of address, at any size of type."""

import re
from typing import Any, Final

from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString

_THINGS: Final = re.compile(
    r"<[^>]*>"  # a tag stays as it is
    r"|¥[0-9,]+(?:\.[0-9]+)?|[0-9]+月[0-9]+日|[0-9]{4}年[0-9]+月(?:[0-9]+日)?|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[A-Z]{2,}-[0-9]{4}-[A-Z]?[0-9]+"
)

_BETWEEN: Final = " · "
_SHORT: Final = 8
"""Characters of a form of address: eight fill a line of a heading at 200 % text."""


def whole(text: Any) -> SafeString:
    """``text`` as HTML, with a span around each amount, date and number that no line may break. Chinese breaks after 月."""
    return SafeString(_THINGS.sub(_marked, conditional_escape(text)))


def kept(address: Any) -> SafeString:
    """A form of address as HTML that no line breaks, so that 李老师 does not end in 李老; a long name may wrap.

    Of ``李老师 · 尾号 1002`` each part is kept by itself.
    """
    return SafeString(_BETWEEN.join(_kept(part) for part in str(address).split(_BETWEEN)))


def _kept(part: str) -> SafeString:
    return format_html('<span class="whole">{}</span>', part) if 0 < len(part) <= _SHORT else SafeString(escape(part))


def _marked(found: re.Match[str]) -> str:
    thing = found[0]
    return thing if thing.startswith("<") else f'<span class="whole">{thing}</span>'
