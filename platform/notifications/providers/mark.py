"""The mark of this installation: without it no real transport opens (chain §7, ADR 0019).

A copy of a database holds the telephone numbers and the open incidents of the one it was copied from. It must not call
anybody. So real transports open only while the database bears a mark that names this installation (``INSTANCE_ID``) and
this very database of this very cluster; a dump that was restored elsewhere matches neither.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection

KEPT_SECONDS: Final = 10.0
"""How long an answer is remembered. A database that does not answer changes nothing of it: an alarm needs no database."""


@dataclass(frozen=True, slots=True)
class _Known:
    instance: str
    is_open: bool
    at: float


_lock = threading.Lock()
_known: _Known | None = None
_asks_nobody: ContextVar[bool] = ContextVar("notifications_mark_asks_nobody", default=False)


def is_open() -> bool:
    """Whether real transports may be used here. Never raises; False while it was never known."""
    instance: str = settings.INSTANCE_ID
    if not instance:
        return False
    known = _known
    if known is not None and known.instance != instance:
        known = None
    if _asks_nobody.get():
        return known is not None and known.is_open
    if known is not None and time.monotonic() - known.at < KEPT_SECONDS:
        return known.is_open
    try:
        found = marked()
    except DatabaseError:
        return known is not None and known.is_open
    _remember(_Known(instance, found == instance, time.monotonic()))
    return found == instance


@contextmanager
def as_known() -> Iterator[None]:
    """Inside, ``is_open`` says what it knew last and asks no database: one that hangs would hold an alarm about itself."""
    token = _asks_nobody.set(True)
    try:
        yield
    finally:
        _asks_nobody.reset(token)


def marked() -> str:
    """The instance that this very database is marked for; empty for none, and for a mark that was copied here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_instance()")
        found: str = cursor.fetchone()[0]
    return found


def put(instance: str, *, is_copy: bool = True) -> None:
    """Mark this database for ``instance``. Only for the owner of the database: it refuses everybody else.

    ``is_copy``: what of the emergency chain is older than this mark waits until it is released by name. A mark that stands
    already is put again without a change: nothing that goes on is held by it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_instancemark AS mark (id, instance, cluster, database, put_at, holds_before)"
            " SELECT 1, %s, system_identifier::text, (SELECT oid FROM pg_database WHERE datname = current_database()),"
            " clock_timestamp(), CASE WHEN %s THEN clock_timestamp() END FROM pg_control_system()"
            " ON CONFLICT (id) DO UPDATE SET instance = EXCLUDED.instance, cluster = EXCLUDED.cluster,"
            " database = EXCLUDED.database, put_at = EXCLUDED.put_at, holds_before = EXCLUDED.holds_before"
            " WHERE (mark.instance, mark.cluster, mark.database)"
            " IS DISTINCT FROM (EXCLUDED.instance, EXCLUDED.cluster, EXCLUDED.database)",
            [instance, is_copy],
        )
    forget()


def take_off() -> None:
    """Take the mark away: from within ``KEPT_SECONDS`` nothing real is sent. Only for the owner of the database."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM notifications_instancemark")
    forget()


def forget() -> None:
    """Look again at the next call."""
    _remember(None)


def _remember(known: _Known | None) -> None:
    global _known  # one word for all threads of the process: they share one database
    with _lock:
        _known = known
