"""Takes the watchdog's probes in the threads that call people, after the round's own questions were answered (chain §7)."""

import logging
import time
from collections.abc import Callable
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from tenancy.scope import no_scope

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 1.0

_DECIDE: Final = """
    UPDATE emergency_watchprobe SET decided_at = chain_now() WHERE id IN (
        SELECT id FROM emergency_watchprobe WHERE sent_at IS NULL AND decided_at IS NULL FOR UPDATE SKIP LOCKED)"""
_SEND: Final = """
    UPDATE emergency_watchprobe SET sent_at = chain_now() WHERE id IN (
        SELECT id FROM emergency_watchprobe WHERE channel = %s AND sent_at IS NULL AND decided_at IS NOT NULL
        FOR UPDATE SKIP LOCKED)"""


def decide_probes() -> int:
    """Hand every new probe on to its channel; returns how many."""
    return _run(_DECIDE, [])


def send_probes(channel: str) -> int:
    """Take the probes of one channel that were decided; returns how many."""
    return _run(_SEND, [channel])


def _run(statement: str, values: list[str]) -> int:
    try:
        with no_scope(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)
    except (DatabaseError, InterfaceError) as error:
        # What watches must never stop what is watched; a probe that lies is seen by itself.
        logger.error("a probe could not be taken: %s", type(error).__name__)
        return 0


def now_and_then(act: Callable[[], int], seconds: float = EVERY_SECONDS) -> Callable[[], int]:
    """``act``, but not oftener than every ``seconds``: a thread looks five times a second and need not ask each time."""
    last = time.monotonic() - seconds

    def asked() -> int:
        nonlocal last
        if time.monotonic() - last < seconds:
            return 0
        last = time.monotonic()
        return act()

    return asked
