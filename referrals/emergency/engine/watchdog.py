"""The watchdog: a process of its own that looks whether anybody is called at all, and calls when not (chain §7).

It looks every ten seconds. What it asks the database is asked in a thread of its own with a limit: one that hangs is one
that does not answer. Whom it calls stands in memory; an alarm needs neither broker nor a write.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction

from notifications.models import Channel
from notifications.providers import mark
from notifications.providers.clock import database_moment
from notifications.providers.exchanges import Deadline, LineFailed
from notifications.providers.line import is_loopback, line_to
from referrals.emergency.engine import phonebook
from referrals.emergency.engine.alarms import NOBODY, Alarms
from referrals.emergency.engine.canaries import Canaries, silent_accounts
from referrals.emergency.engine.processes import skew_ms
from referrals.emergency.engine.send import CHANNELS
from referrals.emergency.engine.signs import Signs, signs
from referrals.emergency.models import ChainNow, EngineProcess, WatchProbe
from referrals.emergency.models.engine import ENGINE, WATCHDOG
from referrals.emergency.resolving import Never
from referrals.emergency.rules.watching import Limits, Seen, Watch, is_leader, may_beat_outside
from tenancy.scope import no_scope

logger = logging.getLogger(__name__)

KEPT: Final = timedelta(hours=1)
"""How long probes are kept that somebody took, or nobody will."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In seconds: between looks, probes, readings of the phone book, words outside; and how long the database may take."""

    look: float = 10.0
    probe: float = 20.0
    book: float = 3600.0
    outside: float = 60.0
    answer: float = 5.0


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one answer of the database held."""

    seen: Seen
    moment: datetime
    is_first: bool
    claimed_age: float | None
    out: dict[UUID, Never] = field(default_factory=dict)


class Watchdog:
    """One process. ``count`` is its steady clock, handed in by tests."""

    def __init__(
        self, rhythm: Rhythm | None = None, limits: Limits | None = None, count: Callable[[], float] = time.monotonic
    ) -> None:
        self.rhythm, self.limits, self.count = rhythm or Rhythm(), limits or Limits(), count
        self.stopping = threading.Event()
        self.watch = Watch(self.limits)
        self.book = phonebook.of_settings()
        self.alarms = Alarms(ThreadPoolExecutor(16, thread_name_prefix="alarm"))
        self.canaries = Canaries(ThreadPoolExecutor(4, thread_name_prefix="canary"))
        self.is_leader = True
        self._mine = EngineProcess(kind=WATCHDOG)
        self._is_written = False
        self._asking: Future[_Sight] | None = None
        self._reading: Future[None] | None = None
        self._anchor: tuple[datetime, float] | None = None
        self._last: dict[str, float] = {}
        self._out: dict[UUID, Never] = {}
        self._beaten: threading.Event = threading.Event()

    def run(self) -> None:
        """Until told to stop."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        while not self.stopping.is_set():
            began = self.count()
            self.look()
            self.stopping.wait(max(0.1, self.rhythm.look - (self.count() - began)))
        self._in_time(self._sign_off)

    def look(self) -> None:
        """Once: see, remember, call whom it is due to call, say outside that all is well when it is."""
        sight = self._ask()
        at = self.count()
        if sight is not None:
            self._anchor = (sight.moment, at)
            self.is_leader, self._out = sight.is_first, sight.out
            if self._is_due("book", self.rhythm.book) and (self._reading is None or self._reading.done()):
                self._reading = _in_thread(self._read_book)
        else:
            self.is_leader = True  # nobody knows who else looks
        seen = sight.seen if sight is not None else Seen(answers=False)
        for alarm in self.watch.step(seen, at):
            if self.is_leader:
                out = self._out.get(alarm.school, NOBODY) if alarm.school else NOBODY
                self.alarms.give(alarm, self.book, self.moment(), out)
        if sight is not None:
            self._say_outside(sight.claimed_age)

    def moment(self) -> datetime:
        """The database's moment, counted on while it does not answer; the machine's own when it never did."""
        if self._anchor is None:
            return datetime.now(UTC)
        return self._anchor[0] + timedelta(seconds=self.count() - self._anchor[1])

    def _is_due(self, what: str, every: float) -> bool:
        last = self._last.get(what)
        if last is not None and self.count() - last < every:
            return False
        self._last[what] = self.count()
        return True

    def _ask(self) -> _Sight | None:
        """What the database says within its time; None when it says nothing. One question at a time."""
        if self._asking is None:
            self._asking = _in_thread(self._see)
        try:
            sight = self._asking.result(timeout=self.rhythm.answer)
        except NotInTime:
            logger.error("the database does not answer")
            if self._asking.done():  # its own time ran out, not ours
                self._asking = None
            return None
        except Exception as error:  # noqa: BLE001  whatever it is, nothing was seen
            logger.error("the database was not seen: %s", type(error).__name__)
            self._asking = None
            return None
        self._asking = None
        return sight

    def _see(self) -> _Sight:
        """In a thread of its own: everything that touches the database."""
        try:
            with no_scope():
                mark.is_open()
                moment = database_moment()
                found = signs()
                out = {tenant: phonebook.left_out_now(tenant) for tenant in found.late}
                seen = self._seen(found, skew_ms())
                claimed = self._claimed_age()
                living = {row.id: row.age for row in found.processes if row.kind == WATCHDOG}
                # Writes come last and each by itself: a full disk must not blind whoever only has to look.
                for write in (self._sign, self._lay_probes, self._ask_accounts):
                    self._try(write)
                return _Sight(seen, moment, is_leader(self._mine.pk, living, self.limits), claimed, out)
        finally:
            connections.close_all()

    def _try(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  the next look may succeed, and the alarm needs none of it
            logger.error("%s failed: %s", act.__name__, type(error).__name__)

    def _read_book(self) -> None:
        """In a thread of its own: a thousand schools take longer than a look may."""
        try:
            with no_scope():
                self.book = phonebook.read()
        except Exception as error:  # noqa: BLE001  the old one is better than none
            logger.error("the phone book could not be read, the old one is kept: %s", type(error).__name__)
            self._last.pop("book", None)
        finally:
            connections.close_all()

    def _seen(self, found: Signs, own_skew: int) -> Seen:
        living = [row.skew_ms for row in found.living(ENGINE)] + [own_skew]
        return Seen(
            engine_age=found.newest(ENGINE),
            probes=self._lying(),
            overdue=found.late,
            skew=max(map(abs, living)) / 1000,
            offset=0.0 if settings.CHAIN_CLOCK_MAY_MOVE else found.offset,
            accounts=silent_accounts(),
        )

    def _lying(self) -> dict[str, float]:
        """Channel → age of the oldest probe of mine that nobody sent."""
        rows = WatchProbe.objects.filter(watchdog=self._mine.pk, sent_at=None).order_by("-written_at")
        ages = rows.annotate(at=ChainNow()).values_list("channel", "written_at", "at")
        return {channel: (at - written).total_seconds() for channel, written, at in ages}

    def _claimed_age(self) -> float | None:
        """How long ago the engine sent a probe of mine in the house; None when it never did."""
        rows = WatchProbe.objects.filter(watchdog=self._mine.pk, channel=Channel.IN_APP, sent_at__isnull=False)
        row = rows.annotate(at=ChainNow()).order_by("-sent_at").values_list("sent_at", "at").first()
        return (row[1] - row[0]).total_seconds() if row and row[0] else None

    def _sign(self) -> None:
        told: dict[str, Any] = {"beat_at": ChainNow(), "skew_ms": skew_ms(), "alarms": self.alarms.count}
        if self._beaten.is_set():
            self._beaten.clear()
            told["heartbeat_at"] = ChainNow()
        if not EngineProcess.objects.filter(pk=self._mine.pk).update(**told):
            self._mine.save(force_insert=True)

    def _lay_probes(self) -> None:
        if not self._is_due("probe", self.rhythm.probe):
            return
        with transaction.atomic():
            WatchProbe.objects.filter(written_at__lt=ChainNow() - KEPT).delete()
            WatchProbe.objects.bulk_create(WatchProbe(watchdog=self._mine.pk, channel=channel) for channel in CHANNELS)

    def _ask_accounts(self) -> None:
        self.canaries.ask_due(self.book.accounts, database_moment())

    def _sign_off(self) -> None:
        with no_scope():
            EngineProcess.objects.filter(pk=self._mine.pk).delete()
            WatchProbe.objects.filter(watchdog=self._mine.pk).delete()
        connections.close_all()

    def _in_time(self, act: Callable[[], None]) -> None:
        try:
            _in_thread(act).result(timeout=self.rhythm.answer)
        except Exception as error:  # noqa: BLE001  its rows run out by themselves
            logger.warning("the end of the watchdog could not be written: %s", type(error).__name__)

    def _say_outside(self, claimed_age: float | None) -> None:
        """To the address outside, and only if the engine took a probe of mine: silence there is the alarm."""
        url: str = settings.HEARTBEAT_URL
        if not url or not may_beat_outside(claimed_age, self.rhythm.outside):
            return
        with mark.as_known():
            is_ours = mark.is_open() or (settings.LOOPBACK_IS_OURS and is_loopback(url))
        if is_ours and self._is_due("outside", self.rhythm.outside):  # a copy must not say that the original is well
            _in_thread(lambda: self._beat_outside(url))

    def _beat_outside(self, url: str) -> None:
        try:
            answer = line_to(url, settings.GATEWAY_PROXY).call("GET", "", Deadline(5), headers={}, most=0)
        except LineFailed as failure:
            logger.error("nobody outside was told that all is well: %s", failure.loss)
            return
        if answer.status >= 400:
            logger.error("nobody outside was told that all is well: http_%d", answer.status)
            return
        self._beaten.set()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping.set()


def _in_thread[T](act: Callable[[], T]) -> "Future[T]":
    """``act`` in a thread that nobody waits for at the end: one that hangs holds up nothing."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(act())
        except BaseException as error:  # noqa: BLE001  whoever asks sees it
            done.set_exception(error)

    threading.Thread(target=run, name="watchdog asks", daemon=True).start()
    return done
