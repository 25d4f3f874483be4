"""What is read as one thing stands on one line: an amount, a date, a number, at any size of type."""

import re
from typing import Any, Final

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

_THINGS: Final = re.compile(
    r"<[^>]*>"  # a tag stays as it is
    r"|¥[0-9,]+(?:\.[0-9]+)?|[0-9]+月[0-9]+日|[0-9]{4}年[0-9]+月(?:[0-9]+日)?|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|[A-Z]{2,}-[0-9]{4}-[A-Z]?[0-9]+"
)


def whole(text: Any) -> SafeString:
    """``text`` as HTML, with a span around each amount, date and number that no line may break. Chinese breaks after 月."""
    return SafeString(_THINGS.sub(_marked, conditional_escape(text)))


def _marked(found: re.Match[str]) -> str:
    thing = found[0]
    return thing if thing.startswith("<") else f'<span class="whole">{thing}</span>'
