"""The chain's clock in the demo: what was is told at the moment at which it was, by the writers of every day (ADR 0018).

Only the owner of the database may move that clock, and production does not start while it is moved. So the load moves it on a
connection of the owner, and sets it back whatever happens.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import psycopg
from django.db import connections
from psycopg.conninfo import make_conninfo

OWNERS_ADDRESS: Final = "DATABASE_URL"

_PUT: Final = (
    "INSERT INTO emergency_chainclock (id, ahead) VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET ahead = EXCLUDED.ahead"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """The chain's clock while it can be set."""

    connection: psycopg.Connection

    def stand_at(self, moment: datetime) -> None:
        """From here on it is ``moment`` in the chain, for every connection."""
        self.connection.execute(_PUT, [moment - datetime.now(UTC)])


def can_be_set() -> bool:
    """Whether this process knows the owner's address."""
    return OWNERS_ADDRESS in os.environ


@contextmanager
def chain_clock() -> Iterator[Clock]:
    """The chain's clock of the database that is open, to be set inside the block and right again behind it."""
    where = make_conninfo(os.environ[OWNERS_ADDRESS], dbname=connections["default"].settings_dict["NAME"])
    with psycopg.connect(where, autocommit=True) as connection:
        try:
            yield Clock(connection)
        finally:
            connection.execute("DELETE FROM emergency_chainclock")
