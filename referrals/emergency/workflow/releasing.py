"""What a copy of a database holds back until the operator releases it by name (chain §7, ADR 0057)."""

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection, connections, transaction

from referrals.emergency.models.statements import released
from referrals.emergency.rules.sending import DeliveryState
from referrals.emergency.workflow.moving import lock, note
from tenancy.scope import across_tenants

_HELD: Final = f"""
    SELECT one.tenant_id, school.slug, one.id, one.number, extract(epoch FROM clock_timestamp() - one.opened_at)::float8 / 3600
    FROM emergency_incident AS one JOIN tenancy_tenant AS school ON school.id = one.tenant_id
    WHERE one.next_at IS NOT NULL AND NOT {released("one.tenant_id", "one.id")} ORDER BY school.slug, one.number"""  # noqa: S608

_ONE_EACH: Final = """
    UPDATE emergency_delivery AS page
    SET state = CASE WHEN nth = 1 THEN page.state ELSE %s END, due_at = least(page.due_at, chain_now()),
        settled_at = CASE WHEN nth = 1 THEN page.settled_at ELSE chain_now() END
    FROM (
        SELECT one.id, row_number() OVER (
            PARTITION BY one.leg_id, who.target_hash, one.channel ORDER BY one.created_at DESC, one.due_at, one.id) AS nth
        FROM emergency_delivery AS one JOIN emergency_recipient AS who ON who.id = one.recipient_id
        JOIN emergency_leg AS leg ON leg.id = one.leg_id
        WHERE leg.incident_id = %s AND one.epoch = leg.epoch AND one.state = %s AND one.due_at <= chain_now() + interval '10 s'
    ) AS waiting WHERE page.id = waiting.id"""


class HeldBack(NamedTuple):
    """An open real incident that calls nobody yet; ``hours``: since when it is open."""

    school_id: UUID
    school: str
    incident_id: UUID
    number: str
    hours: float


def held_back() -> list[HeldBack]:
    """Those of every school, by school and number. No person and no word of an incident."""
    with (
        across_tenants("incidents that wait until the operator releases them") as alias,
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(_HELD)
        return [HeldBack(*row) for row in cursor.fetchall()]


def release(incident_id: UUID) -> None:
    """Let an incident of the open school call from now on. NotFound where there is none.

    What piled up while nothing could leave goes once: of each leg one page to each person on each channel, the newest.
    """
    with transaction.atomic():
        locked = lock(incident_id)
        locked.incident.released_at = locked.moment
        locked.incident.save(update_fields=["released_at"])
        with connection.cursor() as cursor:
            cursor.execute(_ONE_EACH, [DeliveryState.DROPPED.value, incident_id, DeliveryState.QUEUED.value])
        note(locked.incident, "incident.released", role="operator")


def named(rows: Iterable[HeldBack], school: str, number: str) -> HeldBack | None:
    """The one of ``rows`` that is meant; None for none."""
    return next((row for row in rows if (row.school, row.number) == (school, number)), None)
