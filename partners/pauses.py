"""Whether an agency may serve a school on a day: the one answer to "is it paused there, why, and since when" (ADR 0050).

The database's function ``pauses_on`` decides, so counter, lists and writers cannot differ. Dates decide: a paper whose last day
is over pauses without a sweep, and one that is entered in time takes the pause away.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from kernel.errors import Refused
from partners.kinds import NEEDED_LICENCES
from partners.states import BOOKABLE_AGREEMENTS, AgreementState, InstitutionState
from tenancy.constraints import Statement
from tenancy.messages import Part, send
from tenancy.scope import current_tenant_id


class PauseCause(StrEnum):
    """Why. ``ended`` is no pause any more: what is left is void (books §4)."""

    AGENCY = "agency"
    AGREEMENT = "agreement"
    LICENCE = "licence"
    ENDED = "ended"


class Pause(NamedTuple):
    """One reason and its first moment, UTC; of what is known beforehand it may lie ahead."""

    cause: PauseCause
    since: datetime


_NEEDED: Final = ", ".join(
    f"('{kind.value}', '{paper.value}')" for kind, papers in NEEDED_LICENCES.items() for paper in sorted(papers)
)
_BOOKABLE: Final = ", ".join(f"'{state}'" for state in sorted(BOOKABLE_AGREEMENTS))
PAUSES_ON: Final = Statement(
    name="partners_pauses_on",
    create=f"""
CREATE FUNCTION pauses_on(school uuid, agency uuid, service_kind text, on_day date)
    RETURNS TABLE (cause text, since timestamptz) LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN i.state IN ('{InstitutionState.TERMINATED}', '{InstitutionState.ARCHIVED}')
            THEN '{PauseCause.ENDED}' ELSE '{PauseCause.AGENCY}' END, coalesce(i.suspended_at, i.created_at)
        FROM partners_institution i WHERE i.id = agency AND i.state <> '{InstitutionState.LISTED}'
    UNION ALL
    SELECT CASE WHEN latest.terminated_at IS NULL THEN '{PauseCause.AGREEMENT}' ELSE '{PauseCause.ENDED}' END,
            coalesce(latest.terminated_at, latest.suspended_at,
                greatest(latest.over::timestamp AT TIME ZONE t.time_zone, latest.ended_at))
        FROM (
            SELECT a.terminated_at, a.suspended_at, a.ended_at, least(a.valid_until, a.data_part_valid_until) AS over
                FROM partners_agreement a
                WHERE a.tenant_id = school AND a.partner_id = agency AND a.approved_at IS NOT NULL AND a.valid_from <= on_day
                    -- One that was called off before its first day has never held.
                    AND NOT (a.state = '{AgreementState.ENDED}' AND a.terminated_at IS NULL AND a.valid_until > on_day)
                ORDER BY a.valid_from DESC, a.id DESC LIMIT 1
        ) latest JOIN tenancy_tenant t ON t.id = school
        WHERE NOT EXISTS (
            SELECT FROM partners_agreement a
                WHERE a.tenant_id = school AND a.partner_id = agency AND a.state IN ({_BOOKABLE})
                    AND a.valid_from <= on_day AND least(a.valid_until, a.data_part_valid_until) > on_day)
    UNION ALL
    SELECT '{PauseCause.LICENCE}', max(coalesce(
            (SELECT greatest(max(l.valid_until)::timestamp AT TIME ZONE t.time_zone, max(l.ended_at))
                FROM partners_licence l
                WHERE l.institution_id = agency AND l.kind = needed.licence AND l.valid_until <= on_day), i.created_at))
        FROM (VALUES {_NEEDED}) AS needed (kind, licence)
            JOIN partners_institution i ON i.id = agency JOIN tenancy_tenant t ON t.id = school
        WHERE needed.kind = service_kind AND NOT EXISTS (
            SELECT FROM partners_licence l WHERE l.institution_id = agency AND l.kind = needed.licence
                AND l.valid_from <= on_day AND (l.valid_until IS NULL OR l.valid_until > on_day))
        HAVING count(*) > 0
$$;
""",  # noqa: S608 - only words of the tables of states and kinds are put in
    drop="DROP FUNCTION IF EXISTS pauses_on(uuid, uuid, text, date);",
)
"""Of agency, agreement with this school and papers for this kind each that does not hold on the day; no row where all do.

Where no agreement covers the day, the one that began last says since when: its suspension outlives its last day, and the next
agreement begins anew. ``since`` is the moment that was decided or the beginning of the first day, whichever is later: who
brings an end forward to a day that is over has decided at that moment.
"""

LOCK: Final = "hashtextextended('pauses/' || {agency}::text, 0)"
"""Shared by whoever redeems at the agency, alone for whoever pauses it: nothing is redeemed after the moment of a pause."""


def lock_pauses(agency_id: UUID) -> None:
    """Wait for the redemptions that are under way at the agency, and keep others waiting until this act is done.

    Taken after the rows of institution and agreement, before the moment is read.
    """
    send(Part(f"SELECT pg_advisory_xact_lock({LOCK.format(agency='%s')})", (agency_id,)))


def pauses_on(agency_id: UUID, service_kind: str, day: date) -> list[Pause]:
    """What does not hold between the open school and the agency on ``day``. One query."""
    wanted = (current_tenant_id(), agency_id, service_kind, day)
    [rows] = send(Part("SELECT cause, since FROM pauses_on(%s, %s, %s, %s)", wanted))
    return [Pause(PauseCause(cause), since) for cause, since in rows]


def check_open(agency_id: UUID, service_kind: str, day: date) -> None:
    """Raises Refused ``suspended`` where nothing new may be agreed on for that day (rules §3)."""
    if pauses_on(agency_id, service_kind, day):
        raise Refused("suspended")
