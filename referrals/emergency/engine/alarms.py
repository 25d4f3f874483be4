"""Sends the watchdog's alarms by what is in memory: neither broker nor database is asked (chain §7)."""

import hashlib
import logging
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.conf import settings

from notifications.providers import mark
from notifications.providers.capability import Kind
from notifications.providers.ports import Failed, Outcome, Page, Sent
from notifications.texts import render
from referrals.emergency.engine.kinds import kind_of
from referrals.emergency.engine.phonebook import Entry, Phonebook, Ways, channels_of, team_of
from referrals.emergency.engine.ways import Way
from referrals.emergency.resolving import Never
from referrals.emergency.rules.watching import Alarm

logger = logging.getLogger(__name__)

KIND: Final = "watchdog"
SLOT_SECONDS: Final = 300
_TEXTS: Final = {
    (False, False): "watchdog_trouble_operator",
    (False, True): "watchdog_well_operator",
    (True, False): "watchdog_trouble_school",
    (True, True): "watchdog_well_school",
}
"""(Is it for a school's team, is it well) → text."""
NOBODY: Final = Never(frozenset(), frozenset())


class Alarms:
    """Sends in the threads of ``pool``; ``count`` is how many alarms were given, ``reached`` how many messages were taken."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self.count = 0
        self.reached = 0

    def give(self, alarm: Alarm, book: Phonebook, at: datetime, out: Never = NOBODY) -> int:
        """Call whom it is for; returns to how many ways out it was handed. One line on stderr, whatever comes of it."""
        self.count += 1
        people, ways, school = self._whom(alarm, book, at, out)
        sends = [
            (ways[channel], self._page(alarm, entry, channel, school, at))
            for entry in people
            for channel in channels_of(entry)
            if channel in ways
        ]
        word = "well" if alarm.is_well else "ALARM"
        whom = f"school {school}" if alarm.school else "operator"
        line = f"watchdog {word} to {whom}: {', '.join(alarm.troubles)}; no {alarm.number}, {len(sends)} messages"
        print(line, file=sys.stderr, flush=True)
        kind = kind_of(_TEXTS[alarm.school is not None, alarm.is_well])
        for own, page in sends:
            self._pool.submit(self._send, own, kind, page, at)
        return len(sends)

    def _whom(self, alarm: Alarm, book: Phonebook, at: datetime, out: Never) -> tuple[Iterable[Entry], Ways, str]:
        if alarm.school is None:
            return book.operator, book.operator_ways, ""
        school = book.schools.get(alarm.school)
        if school is None:
            return (), {}, str(alarm.school)
        return team_of(school, at, out), school.ways, school.slug

    def _page(self, alarm: Alarm, entry: Entry, channel: str, school: str, at: datetime) -> Page:
        said = render(_TEXTS[alarm.school is not None, alarm.is_well], {}, settings.LANGUAGE_CODE)
        body = said.body if alarm.school else f"{said.body}（{'、'.join(alarm.troubles)}）"
        return Page(
            key=key_of(alarm, entry, channel, at),
            channel=channel,
            to=entry.email if channel == "email" else entry.number,
            school=school,
            kind=KIND,
            subject=said.subject,
            text=f"{said.subject}。{body}",
            written_at=at,
        )

    def _send(self, ways: tuple[Way, ...], kind: Kind, page: Page, at: datetime) -> Outcome:
        """By the first account that may carry it, with its approved template, and takes it."""
        outcome: Outcome = Failed("no_provider")
        for way in ways:
            verdict = way.carries(kind)
            if verdict.why is not None:
                outcome = Failed(verdict.why.value)
                continue
            try:
                with mark.as_known():
                    outcome = way.send(replace(page, template_id=verdict.template_id), at=at)
            except Exception as error:  # noqa: BLE001  nobody else looks at what a thread of the pool raises
                outcome = Failed(type(error).__name__)
            if isinstance(outcome, Sent):
                break
        if isinstance(outcome, Sent):
            with self._lock:
                self.reached += 1
        else:
            logger.error("an alarm by %s was not taken: %s", page.channel, outcome.code)
        return outcome


def key_of(alarm: Alarm, entry: Entry, channel: str, at: datetime) -> str:
    """The same from every watchdog within five minutes of the clock: a gateway that honours keys calls once."""
    slot = int(at.timestamp()) // SLOT_SECONDS
    whole = f"{alarm.school}|{alarm.is_well}|{entry.number or entry.email}|{channel}|{slot}"
    return f"watchdog-{hashlib.blake2b(whole.encode(), key=settings.HASH_KEY, digest_size=16).hexdigest()}"
