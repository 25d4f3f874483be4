"""The one port to whoever carries a message: what goes in, what comes out, and what no provider may leave out.

A provider subclasses ``Provider`` and writes ``_deliver``. The mark of the installation, the time in all, and the way from
an error to an outcome stand in ``Provider.send``, which nobody overrides: nothing reaches a person past them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final, final

from notifications.providers import mark
from notifications.providers.exchanges import Deadline, LineFailed, Loss
from notifications.providers.line import Answer
from notifications.providers.loop import Post

SECONDS: Final = 5.0
"""A send has this in all: names, connection, encryption, an access token, the answer (chain §5)."""

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be given: the ``key`` pressed on a telephone or sent back by a button, and what it says."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Page:
    """One message to one person on one channel. Its ``repr`` holds nothing personal and no text.

    ``key``: the same for every try, opaque outside. ``to``: E.164 for SMS and voice, the member's id at WeCom, an
    e-mail address. ``template_id`` and ``params``: what an approved template is filled with. ``text`` and ``subject``: the
    same in words, for channels without templates. ``call_reference``: 128 random bits by which an answer finds this very
    message. ``kind``: ``capability.Kind``, or a message's template. ``own``: incident, track, leg and step; they go to a
    gateway of the school's own and to nobody else. ``written_at``: when it was written.
    ``headers``: further lines of an e-mail's head, such as RFC 8058's.
    """

    key: str
    channel: str
    to: str = field(repr=False)
    school: str
    kind: str
    language: str = "zh-hans"
    template_id: str = ""
    params: Mapping[str, str] = field(default=NOTHING, repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    link: str = field(default="", repr=False)
    call_reference: str = field(default="", repr=False)
    choices: tuple[Choice, ...] = field(default=(), repr=False)
    own: Mapping[str, str] = field(default=NOTHING, repr=False)
    written_at: datetime | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default=NOTHING, repr=False)


class Trouble(StrEnum):
    """Why a message was not taken: our words for every provider's codes."""

    LIMIT = "limit"
    TEMPLATE = "template_refused"
    NO_TEMPLATE = "no_template"
    NUMBER = "bad_number"
    NOT_REACHED = "not_reached"
    BALANCE = "balance"
    SIGNATURE = "signature"
    DOWN = "down"
    NO_LINE = "no_line"
    CUT = "cut_off"
    LATE = "timed_out"
    UNREADABLE = "unreadable"
    GATEWAY_UNREACHABLE = "gateway_unreachable"
    GATEWAY_SILENT = "gateway_silent"
    REFUSED = "refused"
    NO_MARK = "no_mark"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What follows from a trouble. ``is_final``: another try of this message here cannot help. ``is_of_provider``: it
    says something of the provider, not of this one message, so the circuit counts it. ``may_have_left``: nobody knows
    whether it was taken, so it counts against budgets. ``is_unsaid``: no word of it was said, so the next way is taken at once.
    """

    is_final: bool
    is_of_provider: bool
    may_have_left: bool = False
    is_unsaid: bool = False


_UNSAID: Final = Meaning(is_final=False, is_of_provider=True, is_unsaid=True)
_UNKNOWN: Final = Meaning(is_final=False, is_of_provider=True, may_have_left=True)

MEANINGS: Final[Mapping[Trouble, Meaning]] = MappingProxyType(
    {
        Trouble.LIMIT: Meaning(is_final=False, is_of_provider=False),
        Trouble.TEMPLATE: Meaning(is_final=True, is_of_provider=False),
        Trouble.NO_TEMPLATE: Meaning(is_final=True, is_of_provider=False),
        Trouble.NUMBER: Meaning(is_final=True, is_of_provider=False),
        Trouble.NOT_REACHED: Meaning(is_final=True, is_of_provider=False),
        Trouble.BALANCE: Meaning(is_final=False, is_of_provider=True),
        Trouble.SIGNATURE: Meaning(is_final=False, is_of_provider=True),
        Trouble.DOWN: Meaning(is_final=False, is_of_provider=True),
        Trouble.NO_LINE: _UNSAID,
        Trouble.CUT: _UNKNOWN,
        Trouble.LATE: _UNKNOWN,
        Trouble.UNREADABLE: _UNKNOWN,
        Trouble.GATEWAY_UNREACHABLE: _UNSAID,
        Trouble.GATEWAY_SILENT: _UNKNOWN,
        Trouble.REFUSED: Meaning(is_final=False, is_of_provider=False),
        Trouble.NO_MARK: Meaning(is_final=False, is_of_provider=False),
    }
)


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it, and no more: taken is not delivered, delivered is not read.

    ``provider_ref``: by which the provider finds it. ``code``: a detail. ``card``: with what a card of WeCom can be
    changed, once, within 72 hours.
    """

    provider_ref: str
    code: str = "taken"
    card: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not taken, or nobody knows. ``retry_after``: the provider's own limit lifts then at the earliest."""

    code: str
    is_final: bool = False
    retry_after: timedelta | None = None

    @property
    def is_of_provider(self) -> bool:
        """Whether it counts against the provider (``circuit``); a status of a gateway does."""
        return self._meaning is None or self._meaning.is_of_provider

    @property
    def may_have_left(self) -> bool:
        """Whether somebody may have got it all the same."""
        return self._meaning is not None and self._meaning.may_have_left

    @property
    def is_unsaid(self) -> bool:
        """Whether no word of it was said to the provider: no connection came about."""
        return self._meaning is not None and self._meaning.is_unsaid

    @property
    def _meaning(self) -> Meaning | None:
        return MEANINGS[Trouble(self.code)] if self.code in MEANINGS else None


Outcome = Sent | Failed


def failed(trouble: Trouble, *, retry_after: timedelta | None = None) -> Failed:
    """The outcome that ``trouble`` stands for."""
    return Failed(trouble.value, MEANINGS[trouble].is_final, retry_after)


class Provider(ABC):
    """Somebody who carries messages. ``is_real``: it reaches people outside, so it needs the installation's mark."""

    name: ClassVar[str]
    channels: ClassVar[frozenset[str]]

    @property
    def is_real(self) -> bool:
        """Whatever does not say otherwise is."""
        return True

    @final
    def send(self, page: Page, *, at: datetime, seconds: float = SECONDS) -> Outcome:
        """Hand ``page`` over within ``seconds`` in all. ``at`` is the database's time, aware: it is what is signed.

        Never raises for what goes wrong outside. ValueError for a channel that is not this provider's, and for a naive
        time: both are mistakes of the caller.
        """
        self._stands(page, at)
        return self._asked(lambda deadline: self._deliver(page, at, deadline), at=at, seconds=seconds)

    @final
    def post(self, page: Page, *, at: datetime) -> Post | Failed | None:
        """What is to be said to hand ``page`` over, for whoever drives many connections at once (``loop``) and tells ``heard``
        what came of it; None where only ``send`` can do it. Refused without the mark, as by ``send``, with the same mistakes.
        """
        self._stands(page, at)
        if self.is_real and not mark.is_open():
            return failed(Trouble.NO_MARK)
        return self._posted(page, at)

    def heard(self, page: Page, answer: Answer | LineFailed) -> Outcome:
        """What the answer to ``post`` means. Of a provider that is asked by ``send`` alone: ValueError."""
        raise ValueError(f"{self.name} posts nothing")

    def _posted(self, page: Page, at: datetime) -> Post | Failed | None:
        """None unless a provider says that its whole way is one message and the status of its answer."""
        return None

    def _stands(self, page: Page, at: datetime) -> None:
        if page.channel not in self.channels:
            raise ValueError(f"{self.name} does not carry {page.channel}")
        _timed(at)

    @abstractmethod
    def _deliver(self, page: Page, at: datetime, deadline: Deadline) -> Outcome:
        """One try. May raise LineFailed."""

    def _asked[T](self, act: Callable[[Deadline], T], *, at: datetime, seconds: float = SECONDS) -> "T | Failed":
        """Every call to the provider goes through here: refused without the mark, ended by the deadline."""
        _timed(at)
        if self.is_real and not mark.is_open():
            return failed(Trouble.NO_MARK)
        try:
            return act(Deadline(seconds))
        except LineFailed as failure:
            return failed(LOST[failure.loss])


def _timed(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("a signing time needs an offset")


LOST: Final[Mapping[Loss, Trouble]] = MappingProxyType(
    {
        **dict.fromkeys(
            (Loss.NO_NAME, Loss.REFUSED, Loss.NOT_PROVEN, Loss.NOT_IN_TIME, Loss.NO_TOKEN), Trouble.NO_LINE
        ),
        Loss.CUT: Trouble.CUT,
        Loss.LATE: Trouble.LATE,
        Loss.UNREADABLE: Trouble.UNREADABLE,
    }
)
"""What each way of losing an exchange means."""
