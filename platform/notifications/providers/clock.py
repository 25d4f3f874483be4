"""The time that is signed: the database's, carried on by the process's steady clock (chain §3).

Providers refuse a signature that is minutes off. A machine's own clock may be an hour off; the database's is the one that
everything else of the chain is measured by, and it is watched.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, cast

from django.db import DatabaseError, connection

FRESH: Final = timedelta(minutes=1)
_Anchor = tuple[datetime, float]
"""The database's moment, and the count when it was asked."""


def database_moment() -> datetime:
    """The database's present moment, aware, UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


class SigningClock:
    """Asks ``ask`` once a minute and counts on from there by ``count`` (seconds, never back). For any number of threads.

    While the database does not answer it goes on counting. DatabaseError when it never answered.
    """

    def __init__(
        self, ask: Callable[[], datetime] = database_moment, count: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask, self._count = ask, count
        self._lock = threading.Lock()
        self._anchor: _Anchor | None = None

    def now(self) -> datetime:
        """The moment to sign with."""
        anchor = self._anchor
        if anchor is None or self._count() - anchor[1] >= FRESH.total_seconds():
            anchor = self._asked(anchor)
        return anchor[0] + timedelta(seconds=self._count() - anchor[1])

    def _asked(self, anchor: _Anchor | None) -> _Anchor:
        """A newer one. While one thread asks, the others go on with what they have: a database that hangs holds up nobody."""
        if not self._lock.acquire(blocking=anchor is None):
            return cast(_Anchor, anchor)
        try:
            if self._anchor is not anchor and self._anchor is not None:
                return self._anchor
            begun = self._count()
            self._anchor = (self._ask(), begun)
            return self._anchor
        except DatabaseError:
            if anchor is None:
                raise
            return anchor
        finally:
            self._lock.release()


signing_clock: Final = SigningClock()
"""The one of this process."""
