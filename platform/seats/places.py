"""Takes, keeps, frees and looks up stretches of resources, across all schools (books §4).

The database's functions decide under the resource's lock and by its own clock. Call inside the transaction of the act: what
is rolled back has taken nothing. A caller keeps the id it was given; nobody else can free or keep that stretch.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from kernel.errors import Conflict
from tenancy.messages import Part, send


class Busy(NamedTuple):
    """``seats`` of ``resource`` are taken in ``[starts_at, ends_at)``, UTC."""

    resource: UUID
    starts_at: datetime
    ends_at: datetime
    seats: int


class Taken(NamedTuple):
    """``slot`` is the only key to what was taken. ``until``: when the hold ends, UTC; None for good."""

    slot: UUID
    until: datetime | None


def take(
    resource: UUID,
    starts_at: datetime,
    ends_at: datetime,
    *,
    seats: int = 1,
    capacity: int = 1,
    hold: timedelta | None = None,
) -> Taken:
    """Take ``seats`` of ``capacity`` in ``[starts_at, ends_at)``; with ``hold`` for that long only.

    Raises Conflict ``slot_taken`` when there is no room.
    """
    return _decide("slot_take", uuid4(), resource, starts_at, ends_at, seats, capacity, hold)


def keep(
    slot: UUID,
    resource: UUID,
    starts_at: datetime,
    ends_at: datetime,
    *,
    seats: int = 1,
    capacity: int = 1,
    hold: timedelta | None = None,
) -> Taken:
    """A hold becomes firm, or with ``hold`` longer; one that has run out is taken anew if there is still room.

    Raises Conflict ``slot_taken`` when somebody else was quicker meanwhile.
    """
    return _decide("slot_keep", slot, resource, starts_at, ends_at, seats, capacity, hold)


def free(slot: UUID | None) -> None:
    """Give the stretch back; twice is once, and None is nothing."""
    if slot is not None:
        send(Part("SELECT slot_free(%s)", (slot,)))


def busy(resources: Collection[UUID], starts_at: datetime, ends_at: datetime) -> list[Busy]:
    """What is taken or held of ``resources`` in that stretch, by resource and time. One query."""
    if not resources:
        return []
    [rows] = send(
        Part(
            "SELECT place, begins, finishes, taken FROM slot_busy(%s::uuid[], %s, %s)",
            ([str(each) for each in resources], starts_at, ends_at),
        )
    )
    return [Busy(*row) for row in rows]


def _decide(
    function: str,
    slot: UUID,
    resource: UUID,
    starts_at: datetime,
    ends_at: datetime,
    seats: int,
    capacity: int,
    hold: timedelta | None,
) -> Taken:
    if not starts_at < ends_at or not 1 <= seats <= capacity:
        raise ValueError("a stretch that ends after it starts, and seats within the capacity")
    seconds = None if hold is None else hold.total_seconds()
    wanted = (slot, resource, starts_at, ends_at, seats, capacity, seconds)
    [[(is_taken, until)]] = send(
        Part(f"SELECT is_taken, held FROM {function}(%s, %s, %s, %s, %s, %s, %s)", wanted)  # noqa: S608 - one of two names
    )
    if not is_taken:
        raise Conflict("slot_taken")
    return Taken(slot, until)
