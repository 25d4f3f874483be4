"""When the watchdog calls, whom, and when it says that all is well again: pure, seconds of one steady clock are handed in.

A look sees some facts (``Seen``); ``found`` says what is wrong with them; a ``Watch`` remembers since when, and gives the
alarms that are due. It knows nothing of an incident but its school and how late it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID


class Trouble(StrEnum):
    """What may be wrong; the values are what an alarm to the operator says."""

    DATABASE = "database"
    ENGINE = "engine"
    PROBE = "probe"
    CHANNEL = "channel"
    OVERDUE = "overdue"
    SKEW = "skew"
    CLOCK = "clock"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds. Dead engine: silent 30, a look every 10, patience 10: seen within 50, promised within 60 (E3)."""

    silent: float = 30.0
    unclaimed: float = 15.0
    unsent: float = 60.0
    overdue: float = 60.0
    skew: float = 2.0
    patience: float = 10.0
    again: float = 300.0
    well: float = 30.0
    account: float = 180.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look saw; ages in seconds, None for what was never there.

    ``probes``: channel → age of this watchdog's oldest probe that nobody sent. ``overdue``: school → how late its latest
    clock is. ``skew``: the worst of a living process, this one included. ``offset``: of the chain's clock, where it must
    be 0. ``accounts``: for how long an account that was well has not answered.
    """

    answers: bool = True
    engine_age: float | None = None
    probes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    overdue: Mapping[UUID, float] = field(default_factory=lambda: MappingProxyType({}))
    skew: float = 0.0
    offset: float = 0.0
    accounts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``school``: whose clock is overdue; else None. ``of``: which channel or account."""

    trouble: Trouble
    school: UUID | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something to say now. ``school`` None: to the operator. ``is_well``: it is over."""

    school: UUID | None
    troubles: tuple[str, ...]
    is_well: bool = False
    number: int = 1
    """Which one of this trouble: the first, the second …"""


IN_APP: Final = "in_app"


def found(seen: Seen, limits: Limits, up_for: float) -> frozenset[Finding]:
    """What is wrong in ``seen``. ``up_for``: how long this watchdog watches; what never was may still be on its way."""
    if not seen.answers:
        return frozenset({Finding(Trouble.DATABASE)})
    wrong: set[Finding] = set()
    if (up_for if seen.engine_age is None else seen.engine_age) > limits.silent:
        wrong.add(Finding(Trouble.ENGINE))
    for channel, age in seen.probes.items():
        # In-app sends wait for nobody; those outside may wait for a provider that hangs, batch after batch.
        if age > (limits.unclaimed if channel == IN_APP else limits.unsent):
            wrong.add(Finding(Trouble.PROBE if channel == IN_APP else Trouble.CHANNEL, of=channel))
    for school, late in seen.overdue.items():
        if late > limits.overdue:
            wrong |= {Finding(Trouble.OVERDUE, school), Finding(Trouble.OVERDUE)}
    if abs(seen.skew) > limits.skew:
        wrong.add(Finding(Trouble.SKEW))
    if seen.offset:
        wrong.add(Finding(Trouble.CLOCK))
    wrong |= {Finding(Trouble.ACCOUNT, of=key) for key, age in seen.accounts.items() if age > limits.account}
    return frozenset(wrong)


@dataclass(slots=True)
class _Group:
    """What is wrong for one addressee: since when, when they were last called, since when it is over."""

    troubles: tuple[str, ...]
    since: float
    called_at: float | None = None
    calls: int = 0
    well_since: float | None = None


class Watch:
    """Remembers what was wrong; ``step`` gives what is to be said now. One a watchdog, for one thread."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._started: float | None = None
        self._before: frozenset[Finding] = frozenset()
        self._groups: dict[UUID | None, _Group] = {}

    def step(self, seen: Seen, at: float) -> list[Alarm]:
        """Alarms that are due at ``at``, an addressee once."""
        if self._started is None:
            self._started = at
        wrong = found(seen, self.limits, at - self._started)
        if not seen.answers:
            wrong |= self._before  # nothing else is known now: what was wrong is not well because nobody can look
        self._before = wrong
        by_addressee: dict[UUID | None, set[str]] = {}
        for finding in wrong:
            said = f"{finding.trouble.value}:{finding.of}" if finding.of else finding.trouble.value
            by_addressee.setdefault(finding.school, set()).add(said)
        due = [self._wrong(who, tuple(sorted(said)), at) for who, said in by_addressee.items()]
        due += [self._well(who, at) for who in list(self._groups) if who not in by_addressee]
        return [alarm for alarm in due if alarm is not None]

    def _wrong(self, who: UUID | None, said: tuple[str, ...], at: float) -> Alarm | None:
        group = self._groups.setdefault(who, _Group(said, at))
        group.troubles, group.well_since = said, None
        if at - group.since < self.limits.patience:
            return None
        if group.called_at is not None and at - group.called_at < self.limits.again:
            return None
        group.called_at, group.calls = at, group.calls + 1
        return Alarm(who, said, number=group.calls)

    def _well(self, who: UUID | None, at: float) -> Alarm | None:
        group = self._groups[who]
        if group.called_at is None:
            del self._groups[who]  # nobody was told of it
            return None
        if group.well_since is None:
            group.well_since = at
        if at - group.well_since < self.limits.well:
            return None
        del self._groups[who]
        return Alarm(who, group.troubles, is_well=True, number=group.calls)


def is_leader(mine: UUID, living: Mapping[UUID, float], limits: Limits) -> bool:
    """Whether this watchdog is the one that calls: the oldest of those that gave a sign of life within ``silent`` seconds.

    ``living``: watchdog → age of its sign. One that could write no sign of its own counts itself; a database that does not
    answer makes everybody call.
    """
    others = [pk for pk, age in living.items() if age <= limits.silent and pk != mine]
    return all(mine < other for other in others)


def may_beat_outside(last_claimed_age: float | None, every: float) -> bool:
    """Whether the house may say outside that it is well: the engine sent a probe of this watchdog since the last time."""
    return last_claimed_age is not None and last_claimed_age <= every
