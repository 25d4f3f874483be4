"""What people answer to a message by key, reply or button: verified, parsed, bounded, handed to whoever asked (chain §4).

Who that is stands in ``ANSWERS_TAKER``, a dotted path: the chain lives above and does not exist here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.errors import NotFound
from tenancy.models import Tenant

MOST: Final = 500
"""Characters of a reply that are looked at."""


class AnswerKind(StrEnum):
    """How it was given."""

    KEY = "key"
    REPLY = "reply"
    BUTTON = "button"


class Source(StrEnum):
    """By which way it came."""

    GATEWAY = "gateway"
    WECOM = "wecom"
    ALIYUN = "aliyun"


@dataclass(frozen=True, slots=True)
class Answer:
    """``key``: the message's key at the gateway, else its ``call_reference``. ``at``: the other side's time.

    ``is_signed``: the call itself was signed. One that was not counts only as far as its reference is known to the
    recipient and the provider alone. ``member``: who pressed, at WeCom. ``card``: with what the card can be changed.
    """

    key: str
    kind: AnswerKind
    value: str = field(repr=False)
    at: datetime
    source: Source
    is_signed: bool = True
    member: str = field(default="", repr=False)
    card: str = field(default="", repr=False)


Taker = Callable[[Answer, Tenant], None]


def take_answer(answer: Answer, *, host: Tenant) -> None:
    """Hand it over. NotFound when nobody takes it, and when the taker knows no such key: both look the same."""
    path: str = settings.ANSWERS_TAKER
    if not path:
        raise NotFound
    _taker(path)(answer, host)


@cache
def _taker(path: str) -> Taker:
    found: Taker = import_string(path)
    return found
