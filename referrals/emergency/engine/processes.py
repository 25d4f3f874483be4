"""The engine as processes: a parent that keeps children alive, children that decide and send (chain §5, house of E1).

Children are forked from a parent in which everything is loaded, so one that was killed is back in a fraction of a second.
Deciding never waits for sending: each has its own threads, and each channel its own.
"""

import ctypes
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import FrameType
from typing import Final

from django.db import DatabaseError, InterfaceError, connection, connections

from notifications.models import Channel
from referrals.emergency.engine.circuits import circuits
from referrals.emergency.engine.known import left_alone
from referrals.emergency.engine.leaving import EVERY_SECONDS as LEAVERS_SECONDS
from referrals.emergency.engine.probes import decide_probes, now_and_then, send_probes
from referrals.emergency.engine.rounds import decide_leavers, decide_round
from referrals.emergency.engine.send import BATCH, CHANNELS, Sender
from referrals.emergency.models import ChainNow, EngineProcess
from tenancy.scope import no_scope

logger = logging.getLogger(__name__)

PAUSE: Final = 0.2
"""Seconds between two looks when nothing was due: with the send's own look a page leaves well within two seconds."""
BEAT_SECONDS: Final = 10.0
TOLD_SKEW_MS: Final = 2_000
REFUSED_SKEW_MS: Final = 60_000
"""A process whose clock is so far off claims nothing: something is wrong with its machine."""
POOLS: Final[Mapping[str, int]] = {Channel.WECOM: 16, Channel.SMS: 32, Channel.VOICE: 32, Channel.EMAIL: 16}
"""Pages of a channel that may be under way at once; one account holds three quarters of them at most."""
_PR_SET_PDEATHSIG: Final = 1
_ENDS: Final = (signal.SIGTERM, signal.SIGINT)


class Child:
    """One process: a thread that decides, one for each channel, and a sign of life."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.is_skewed = False

    def run(self) -> None:
        """Until told to stop."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        threads = [threading.Thread(target=self._keep, args=(_deciding(),), name="decide")]
        for channel in CHANNELS:
            sender = sender_of(channel)
            work = self._keep, (_sending(sender), sender.finish), f"send {channel}"
            threads.append(threading.Thread(target=work[0], args=work[1], name=work[2]))
        for thread in threads:
            thread.daemon = True
            thread.start()
        self._beat()
        for thread in threads:
            thread.join(timeout=12)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def _keep(self, work: Callable[[], int], at_end: Callable[[], None] | None = None) -> None:
        """Do ``work`` again and again, then ``at_end``. A database that is gone is asked again soon; nothing else ends the
        thread.
        """
        while not self.stopping.is_set():
            try:
                done = 0 if self.is_skewed else work()
            except Exception as error:  # noqa: BLE001  whatever it is, the next look may succeed, and nobody else looks
                logger.error("a round failed: %s", type(error).__name__)
                if isinstance(error, DatabaseError | InterfaceError):
                    connections.close_all()
                done = 0
            if not done:
                self.stopping.wait(PAUSE)
        if at_end is not None:
            try:
                at_end()
            except (DatabaseError, InterfaceError) as error:
                logger.error("pages under way were not written down: %s", type(error).__name__)
        connections.close_all()

    def _beat(self) -> None:
        mine = EngineProcess(kind="engine")
        is_written = False
        while not self.stopping.is_set():
            try:
                with no_scope():
                    mine.skew_ms, mine.circuits = skew_ms(), dict(circuits.standing())
                    mine.left_alone = left_alone()
                    if is_written:
                        EngineProcess.objects.filter(pk=mine.pk).update(
                            beat_at=ChainNow(),
                            skew_ms=mine.skew_ms,
                            circuits=mine.circuits,
                            left_alone=mine.left_alone,
                        )
                    else:
                        EngineProcess.objects.filter(beat_at__lt=ChainNow() - timedelta(days=1)).delete()
                        mine.save(force_insert=True)
                        is_written = True
            except (DatabaseError, InterfaceError):
                connections.close_all()
            else:
                self._tell_skew(mine.skew_ms)
            self.stopping.wait(BEAT_SECONDS)
        try:
            with no_scope():
                EngineProcess.objects.filter(pk=mine.pk).delete()
        except (DatabaseError, InterfaceError):
            logger.warning("the end of an engine could not be written; its sign of life runs out")

    def _tell_skew(self, skew: int) -> None:
        self.is_skewed = abs(skew) > REFUSED_SKEW_MS
        if abs(skew) > TOLD_SKEW_MS:
            logger.error("this machine's clock is %d ms from the database's", skew)


def skew_ms() -> int:
    """How far this process's clock stands ahead of the database's, in milliseconds; half the way there and back counted off."""
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
    return round(((before + time.time()) / 2 - theirs) * 1000)


def _deciding() -> Callable[[], int]:
    probes = now_and_then(decide_probes)
    leavers = now_and_then(decide_leavers, LEAVERS_SECONDS)
    return lambda: decide_round(between=probes, leavers=leavers)


def sender_of(channel: str) -> Sender:
    """What sends on a channel, with its pool; what stays in the house needs none."""
    size = POOLS.get(channel)
    if size is None:
        return Sender(channel, None, BATCH)
    return Sender(channel, ThreadPoolExecutor(size, thread_name_prefix=channel), size)


def _sending(sender: Sender) -> Callable[[], int]:
    """Probes last: they were taken only by a thread that has come through its pages and could send one more."""
    probes = now_and_then(lambda: send_probes(sender.channel))

    def work() -> int:
        sent = sender.step()
        if sender.has_room:
            probes()
        return sent

    return work


class Parent:
    """Keeps ``count`` children alive until it is told to stop."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.children: set[int] = set()
        self.stopping = False

    def run(self) -> None:
        """Fork, wait, fork again."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        connections.close_all()  # no connection is shared between processes
        while not self.stopping:
            while len(self.children) < self.count and not self.stopping:
                signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
                self.children.add(self._fork())
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
            self._wait()
        self._end()

    def _fork(self) -> int:
        """Signals are held back meanwhile: a child that took one by its parent's handler would never hear of the end."""
        parent = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() == parent:  # else it died before the line above
                Child().run()
            code = 0
        except BaseException as error:  # noqa: BLE001  a child never returns into its parent's code
            logger.error("a child of the engine ended: %s", type(error).__name__)
        finally:
            os._exit(code)

    def _wait(self) -> None:
        try:
            pid, _status = os.wait()
        except (ChildProcessError, InterruptedError):
            return
        self.children.discard(pid)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True
        for pid in self.children:
            os.kill(pid, signal.SIGTERM)

    def _end(self) -> None:
        until = time.monotonic() + 15
        while self.children and time.monotonic() < until:
            pid, _status = os.waitpid(-1, os.WNOHANG)
            self.children.discard(pid)
            time.sleep(0.05)
        for pid in self.children:
            os.kill(pid, signal.SIGKILL)
