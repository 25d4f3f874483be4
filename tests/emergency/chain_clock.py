"""Sets the chain's clock as the owner of the database does, for everybody, and sets it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from tests.tenancy.catalogue import owner

_PUT = (
    "INSERT INTO emergency_chainclock (id, ahead) VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET ahead = EXCLUDED.ahead"
)


@contextmanager
def chain_ahead(by: timedelta) -> Iterator[None]:
    """Let every process of the chain stand ``by`` ahead of the database inside the block."""
    with owner() as connection:
        connection.execute(_PUT, [by])
        try:
            yield
        finally:
            connection.execute("DELETE FROM emergency_chainclock")
