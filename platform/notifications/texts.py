"""Every text that leaves a page, in Chinese and English: each app brings its own in ``messages.MESSAGES``.

Rules §4–§5 and experience §6: no name, no reason, no kind of service, no illness. An appointment is 预约 and nothing
more. A test reads this table for forbidden words; carriers approve such texts one by one, so they hold no free text:
only ``number`` (a reference) and ``when`` (a time) may stand behind them, each on a line of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final
from uuid import UUID

from registry import table


class Topic(StrEnum):
    """What a person chooses channels for."""

    REQUESTS = "requests"
    APPOINTMENTS = "appointments"
    VOUCHERS = "vouchers"
    CONTACTS = "contacts"
    WORK = "work"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Text:
    """One message: subject and body in each language."""

    topic: Topic
    zh: tuple[str, str]
    en: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in one language, ready to be shown or sent."""

    subject: str
    body: str


@cache
def texts() -> Mapping[str, Text]:
    """Every app's messages by key (``messages.MESSAGES``)."""
    return table("messages", "MESSAGES")


_LINES: Final[Mapping[str, tuple[str, str]]] = {"number": ("编号：", "Reference: "), "when": ("时间：", "Time: ")}
"""The only facts a message may carry, and what stands before them."""

INVITATION: Final = "account_created"
"""The one message whose link is made when it is sent: the link opens an account."""


@cache
def made_links() -> Mapping[str, Callable[[UUID | None], str | None]]:
    """Messages whose link holds a secret, so that it is made when they are sent and stands in no table (``message_links.LINKS``).

    Template → the path for this account in the open school; None when it would open nothing any more.
    """
    return table("message_links", "LINKS")


CONTEXT_KEYS: Final = frozenset(_LINES)


def render(template: str, context: Mapping[str, object], language: str) -> Rendered:
    """The message in ``language`` (Chinese unless it begins with ``en``). KeyError for an unknown template."""
    facts = tuple(str(context.get(key) or "") for key in _LINES) if context else ()
    return _rendered(template, facts, language.startswith("en"))


@lru_cache(maxsize=256)
def _rendered(template: str, facts: tuple[str, ...], english: bool) -> Rendered:
    """Kept, because a call goes out a thousand times with the same words."""
    text = texts()[template]
    subject, body = text.en if english else text.zh
    lines = [f"{heads[english]}{fact}" for heads, fact in zip(_LINES.values(), facts, strict=False) if fact]
    return Rendered(subject, "\n".join([body, *lines]))


def topic_of(template: str) -> Topic:
    """Which preference the template follows. KeyError for an unknown template."""
    return texts()[template].topic
