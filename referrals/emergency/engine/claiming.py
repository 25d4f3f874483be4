"""Pages that this process takes: a lease on each, of however many schools at once, and what is known of them. SQL only.

Three messages a batch, whatever it holds: claim (one commit), read, and later how they went (``queue.settle_in``). What was
claimed is read only after that stands: of two processes that take pages to one person in the same moment, one sees the other's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from referrals.emergency.engine.leaving import give_up
from referrals.emergency.engine.letters import MOST_COUNTED
from referrals.emergency.models import Delivery, Incident, Leg, LegStep, Recipient
from referrals.emergency.rules.folding import WITHIN
from referrals.emergency.rules.sending import LEASE
from tenancy.messages import Part, Row, columns_of, know, made, read, send_in, width
from tenancy.scope import current_tenant_id, no_scope, use_tenant

_CLAIM: Final = "SELECT page, until, way FROM emergency_claim(%s, %s)"

_STALE: Final = "SELECT emergency_stale(%s)"

_PAGE: Final = frozenset(
    {
        "id", "tenant_id", "recipient_id", "leg_id", "is_drill", "key", "channel", "text", "epoch", "rank", "state", "due_at",
        "claims", "error", "created_at",
    }
)  # fmt: skip
_WHO: Final = frozenset(
    {
        "id",
        "tenant_id",
        "leg_id",
        "step_id",
        "role",
        "member_id",
        "target_hash",
        "address_sealed",
        "shown_number",
        "answer",
    }
)
_LEG: Final = frozenset({"id", "tenant_id", "incident_id", "kind", "state", "epoch", "is_drill"})
"""What a sender asks of each: a page costs by its columns."""
_INCIDENT: Final = ("id", "tenant_id", "number", "is_drill")
_STEP: Final = ("id", "tenant_id", "purpose")

_READ: Final = f"""
    SELECT {columns_of(Delivery, "page", _PAGE)}, {columns_of(Recipient, "who", _WHO)}, {columns_of(Leg, "leg", _LEG)},
        number, is_drill, purpose, reports, email, has_left, is_near
    FROM emergency_taken(%s, %s, %s, %s, {MOST_COUNTED})"""  # noqa: S608  names of the schema


@dataclass(frozen=True, slots=True)
class Claimed:
    """A page that this process holds for the lease. ``at``: since when, by the chain's clock. ``is_near``: whether another
    left, or is leaving, to the same person on the same channel within the last minute. ``reports``: of its incident, up to ``MOST_COUNTED``.
    ``email``: of the colleague, where it goes by mail. ``has_left``: the colleague's last day is over.
    """

    page: Delivery
    at: datetime
    is_near: bool
    reports: int = 0
    email: str = field(default="", repr=False)
    has_left: bool = False


def claim(ids: Sequence[UUID]) -> list[Claimed]:
    """Those of ``ids``, of the open school, that are still due, of their leg's present epoch and held by nobody; now held
    for the lease.
    """
    return claim_in({current_tenant_id(): ids}).get(current_tenant_id(), [])


def claim_in(due: Mapping[UUID, Sequence[UUID]]) -> dict[UUID, list[Claimed]]:
    """The same of pages by school, in one message; schools of which nothing was to be had are left out.

    What waits for a colleague who has left is given up here, on every channel, and no sender sees it.
    """
    with no_scope():
        answers = send_in(*((school, Part(_CLAIM, (list(ids), LEASE.total_seconds()))) for school, ids in due.items()))
    held = dict(zip(due, answers, strict=True))
    lost = [(school, Part(_STALE, (list(ids),))) for school, ids in due.items() if len(held[school]) < len(ids)]
    reading = [(school, _reading(rows)) for school, rows in held.items() if rows]
    with no_scope():
        found = send_in(*lost, *reading)[len(lost) :]
    taken: dict[UUID, list[Claimed]] = {}
    for (school, _part), rows in zip(reading, found, strict=True):
        pages = _claimed(school, held[school], rows)
        if gone := [one.page for one in pages if one.has_left]:
            give_up(school, gone)
        if going := [one for one in pages if not one.has_left]:
            taken[school] = going
    return taken


def _reading(held: Sequence[Row]) -> Part:
    """Moments are given: a function of the database would be asked for each row that is looked at."""
    ids, at = [pk for pk, _until, _way in held], min(until for _pk, until, _way in held) - LEASE
    return Part(_READ, (ids, sorted({way for *_, way in held}), at, at - WITHIN))


_PARTS: Final = (width(Delivery, _PAGE), width(Recipient, _WHO), width(Leg, _LEG))


def _claimed(school: UUID, held: Sequence[Row], rows: Sequence[Row]) -> list[Claimed]:
    """The rows as objects, the most urgent first. Of incident and step only what a letter says of them."""
    since = {pk: until - LEASE for pk, until, _way in held}
    first, second, third = _PARTS[0], _PARTS[0] + _PARTS[1], sum(_PARTS)
    with use_tenant(school) as alias:
        pages = read(Delivery, [row[:first] for row in rows], _PAGE)
        people = read(Recipient, [row[first:second] for row in rows], _WHO)
        legs = read(Leg, [row[second:third] for row in rows], _LEG)
        for page, who, leg, row in zip(pages, people, legs, rows, strict=True):
            number, is_drill, purpose, *_more = row[third:]
            know(leg, "incident", made(Incident, alias, _INCIDENT, (leg.incident_id, school, number, is_drill)))
            know(who, "step", made(LegStep, alias, _STEP, (who.step_id, school, purpose)))
            know(page, "recipient", who)
            know(page, "leg", leg)
    found = [
        Claimed(page, since[page.pk], is_near=row[-1], reports=row[-4], email=row[-3] or "", has_left=row[-2])
        for page, row in zip(pages, rows, strict=True)
    ]
    return sorted(found, key=lambda one: (one.page.rank, one.page.due_at, one.page.pk))
