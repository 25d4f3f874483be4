"""Pages that this process takes: a lease on each, of however many schools at once, and what is known of them. SQL only.

Three messages a batch, whatever it holds: claim (one commit), read, and later how they went (``queue.settle_in``). What was
claimed is read only after that stands: of two processes that take pages to one person in the same moment, one sees the other's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from referrals.emergency.engine.letters import MOST_COUNTED
from referrals.emergency.models import Delivery, Incident, Leg, LegStep, Recipient
from referrals.emergency.rules.folding import WITHIN
from referrals.emergency.rules.sending import LEASE
from tenancy.messages import Part, Row, columns_of, read, send_in, width
from tenancy.scope import current_tenant_id, no_scope, use_tenant

_CLAIM: Final = """
    WITH free AS (
        SELECT one.id FROM emergency_delivery AS one
        JOIN emergency_leg AS leg ON leg.tenant_id = one.tenant_id AND leg.id = one.leg_id AND leg.epoch = one.epoch
        WHERE one.id = ANY(%s) AND one.state IN ('queued', 'claimed') AND one.due_at <= (SELECT chain_now())
          AND (one.lease_until IS NULL OR one.lease_until <= (SELECT chain_now()))
        ORDER BY one.rank, one.due_at FOR NO KEY UPDATE OF one SKIP LOCKED)
    UPDATE emergency_delivery AS taken
    SET state = 'claimed', claims = claims + 1, lease_until = chain_now() + make_interval(secs => %s),
        tried_at = coalesce(tried_at, chain_now()),
        provider = CASE WHEN tried_at IS NULL THEN '' ELSE provider END
    FROM free WHERE taken.id = free.id RETURNING taken.id, taken.lease_until, taken.channel"""
"""``tried_at`` from now on: others see that it is leaving. By no provider yet: its place in a budget is taken later."""

_STALE: Final = """
    WITH stale AS (
        SELECT old.id FROM emergency_delivery AS old
        JOIN emergency_leg AS leg ON leg.tenant_id = old.tenant_id AND leg.id = old.leg_id AND leg.epoch <> old.epoch
        WHERE old.id = ANY(%s) AND (old.state = 'queued' OR (old.state = 'claimed' AND old.lease_until <= chain_now()))
        ORDER BY old.id FOR NO KEY UPDATE OF old SKIP LOCKED)
    UPDATE emergency_delivery AS old SET state = 'dropped', settled_at = chain_now() FROM stale WHERE old.id = stale.id"""
"""Also one whose sender has died: it is nobody's, and whatever was told with it goes by itself."""

_READ: Final = f"""
    WITH lately AS MATERIALIZED (
        SELECT who.target_hash, page.channel FROM emergency_delivery AS page
        JOIN emergency_recipient AS who ON who.tenant_id = page.tenant_id AND who.id = page.recipient_id
        WHERE page.tenant_id = %s AND page.channel = ANY(%s) AND page.tried_at > %s AND page.id <> ALL(%s)
          AND (page.state = 'sent' OR (page.state = 'claimed' AND page.lease_until > %s)))
    SELECT {columns_of(Delivery, "page")}, {columns_of(Recipient, "who")}, {columns_of(Leg, "leg")},
        incident.number, incident.is_drill, step.purpose,
        (SELECT count(*) FROM (SELECT FROM emergency_report AS told WHERE told.tenant_id = leg.tenant_id
            AND told.incident_id = leg.incident_id LIMIT {MOST_COUNTED}) AS counted),
        (who.target_hash, page.channel) IN (SELECT target_hash, channel FROM lately)
    FROM emergency_delivery AS page
    JOIN emergency_recipient AS who ON who.tenant_id = page.tenant_id AND who.id = page.recipient_id
    JOIN emergency_legstep AS step ON step.tenant_id = who.tenant_id AND step.id = who.step_id
    JOIN emergency_leg AS leg ON leg.tenant_id = page.tenant_id AND leg.id = page.leg_id
    JOIN emergency_incident AS incident ON incident.tenant_id = leg.tenant_id AND incident.id = leg.incident_id
    WHERE page.tenant_id = %s AND page.id = ANY(%s) ORDER BY page.rank, page.due_at, page.id"""  # noqa: S608  names of the schema
"""Whom anything left to lately is looked up once for all of them, not for each. Of a flood of reports no more are counted than are said."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A page that this process holds for the lease. ``at``: since when, by the chain's clock. ``is_near``: whether another
    left, or is leaving, to the same person on the same channel within the last minute. ``reports``: of its incident, up to ``MOST_COUNTED``.
    """

    page: Delivery
    at: datetime
    is_near: bool
    reports: int = 0


def claim(ids: Sequence[UUID]) -> list[Claimed]:
    """Those of ``ids``, of the open school, that are still due, of their leg's present epoch and held by nobody; now held
    for the lease.
    """
    return claim_in({current_tenant_id(): ids}).get(current_tenant_id(), [])


def claim_in(due: Mapping[UUID, Sequence[UUID]]) -> dict[UUID, list[Claimed]]:
    """The same of pages by school, in one message; schools of which nothing was to be had are left out."""
    with no_scope():
        answers = send_in(*((school, Part(_CLAIM, (list(ids), LEASE.total_seconds()))) for school, ids in due.items()))
    held = dict(zip(due, answers, strict=True))
    lost = [(school, Part(_STALE, (list(ids),))) for school, ids in due.items() if len(held[school]) < len(ids)]
    reading = [(school, _reading(school, rows)) for school, rows in held.items() if rows]
    with no_scope():
        found = send_in(*lost, *reading)[len(lost) :]
    return {school: _claimed(school, held[school], rows) for (school, _part), rows in zip(reading, found, strict=True)}


def _reading(school: UUID, held: Sequence[Row]) -> Part:
    """Moments are given: a function of the database would be asked for each row that is looked at."""
    ids, at = [pk for pk, _until, _channel in held], min(until for _pk, until, _channel in held) - LEASE
    return Part(_READ, (school, sorted({channel for *_, channel in held}), at - WITHIN, ids, at, school, ids))


_PARTS: Final = (width(Delivery), width(Recipient), width(Leg))


def _claimed(school: UUID, held: Sequence[Row], rows: Sequence[Row]) -> list[Claimed]:
    """The rows as objects. Of incident and step only what a letter says of them."""
    since = {pk: until - LEASE for pk, until, _channel in held}
    first, second, third = _PARTS[0], _PARTS[0] + _PARTS[1], sum(_PARTS)
    with use_tenant(school) as alias:
        pages = read(Delivery, [row[:first] for row in rows])
        people = read(Recipient, [row[first:second] for row in rows])
        legs = read(Leg, [row[second:third] for row in rows])
        for page, who, leg, row in zip(pages, people, legs, rows, strict=True):
            number, is_drill, purpose, _reports, _is_near = row[third:]
            leg.incident = Incident.from_db(
                alias, ["id", "tenant_id", "number", "is_drill"], [leg.incident_id, school, number, is_drill]
            )
            who.step = LegStep.from_db(alias, ["id", "tenant_id", "purpose"], [who.step_id, school, purpose])
            page.recipient, page.leg = who, leg
    return [
        Claimed(page, since[page.pk], is_near=row[-1], reports=row[-2]) for page, row in zip(pages, rows, strict=True)
    ]
