"""How many messages an account and a number take in a time, asked before a page is sent (chain §5). Pure.

A limit is never waited for by a sender: what is over it goes the next way, or is put back until the moment it lifts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Spent(StrEnum):
    """Which budget is used up: of what span."""

    MINUTE = "limit_minute"
    HOUR = "limit_hour"
    DAY = "limit_day"


SPANS: Final[Mapping[Spent, timedelta]] = {
    Spent.MINUTE: timedelta(minutes=1),
    Spent.HOUR: timedelta(hours=1),
    Spent.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages within any minute, hour, day; 0 is none."""

    minute: int = 0
    hour: int = 0
    day: int = 0

    def of(self, spent: Spent) -> int:
        """The most within that span."""
        return {Spent.MINUTE: self.minute, Spent.HOUR: self.hour, Spent.DAY: self.day}[spent]


A_NUMBER: Final[Mapping[str, Limits]] = {"sms": Limits(1, 5, 10), "wecom": Limits(minute=30)}
"""Channel → what carriers let through to one number: of texts by each template, of WeCom to each member altogether. They
drop the rest, WeCom even in silence. A gateway counts for itself: what it may, only it knows.
"""
BY_TEMPLATE: Final = frozenset({"sms"})

PATIENCE: Final = timedelta(minutes=1)
"""A page is put back for a limit that lifts within this; for a longer one the next way is taken."""

KEPT_FOR_PAGES: Final = 2
"""Notices (somebody has it) leave an account alone while this part of its budget (one half) is used: pages come first."""


@dataclass(frozen=True, slots=True)
class Use:
    """One message that left, or is leaving: by which provider, with which template, to which target, when."""

    provider: str
    template: str
    target: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Full:
    """Which budget is spent, and how long until there is room again."""

    spent: Spent
    wait: timedelta


def room(times: Iterable[datetime], limits: Limits, at: datetime) -> Full | None:
    """None while one more message fits at ``at``; else the longest wait. ``times`` in any order."""
    known = sorted(times)
    worst: Full | None = None
    for spent, span in SPANS.items():
        most = limits.of(spent)
        within = [time for time in known if at - time < span]
        if most and len(within) >= most:
            worst = _longer(worst, Full(spent, within[len(within) - most] + span - at))
    return worst


def full(uses: Iterable[Use], *, wanted: Use, channel: str, account: Limits, is_notice: bool = False) -> Full | None:
    """Whether ``wanted`` must not leave now: by the account's own limits, or by those of its number. The longer wait."""
    own = [use for use in uses if use.provider == wanted.provider]
    mine = halved(account) if is_notice else account
    found = room([use.at for use in own], mine, wanted.at)
    by_number = A_NUMBER.get(channel)
    if by_number is None:
        return found
    same = [
        use.at
        for use in own
        if use.target == wanted.target and (channel not in BY_TEMPLATE or use.template == wanted.template)
    ]
    return _longer(found, room(same, halved(by_number) if is_notice else by_number, wanted.at))


def halved(limits: Limits) -> Limits:
    """What notices may use of a budget: half of it, never nothing."""
    return Limits(*(max(most // KEPT_FOR_PAGES, 1) if most else 0 for most in (limits.minute, limits.hour, limits.day)))


def _longer(one: Full | None, other: Full | None) -> Full | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda found: found.wait)
