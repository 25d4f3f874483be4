"""An incident's clock rings whatever becomes of another's: the engine takes what is free, and waits for nobody (chain §3).

Whoever writes an incident holds it, mostly for milliseconds; a process that hangs holds it for as long as it hangs. Its clock comes
again with the next round, because it stays due; those behind it ring meanwhile.
"""

from typing import Final
from uuid import UUID

from django.db import connection
from psycopg import Error
from psycopg.errors import LockNotAvailable

from referrals.emergency.models.statements import released
from referrals.emergency.workflow.moving import Locked, lock

_MACHINES: Final = ("53", "57", "58")
_TAKE: Final = """
    SELECT set_config('lock_timeout', '2s', true) FROM emergency_incident WHERE id = %s FOR NO KEY UPDATE NOWAIT"""
"""Its legs, and what is written besides, are waited for no longer than that."""


def take(incident_id: UUID) -> Locked:
    """``moving.lock`` for a clock of the engine, in its transaction. An error that ``is_held_up`` where somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [incident_id])
    return lock(incident_id)


def is_held_up(error: Exception) -> bool:
    """Whether nothing is wrong with what was to be written, and it comes again with the next round: somebody else holds it, or
    the database has no room (disk full, out of memory: SQLSTATE class 53) or cannot write just now (57, 58)."""
    cause = error.__cause__
    return isinstance(cause, LockNotAvailable) or (isinstance(cause, Error) and (cause.sqlstate or "")[:2] in _MACHINES)


def free(table: str, *, only_known: bool = False) -> str:
    """(Key, incident) of the due rows of ``table`` (a name of the schema) whose incident nobody holds, the longest due first;
    with one parameter, how many. Those that are held take no place among them. ``only_known``: before it stands another
    parameter, the events that this engine knows; a row whose ``next_event`` is none of them is left to newer code.
    """
    known = " AND due.next_event = ANY (%s)" if only_known else ""
    own = "id" if table == "emergency_incident" else "incident_id"
    return (
        f"SELECT due.id, due.{own} AS incident_id FROM {table} AS due"  # noqa: S608  names of the schema
        f" JOIN emergency_incident AS one ON one.tenant_id = due.tenant_id AND one.id = due.{own}"
        f" WHERE due.next_at <= (SELECT chain_now()){known} AND {released('one.tenant_id', 'one.id')} ORDER BY due.next_at, due.id LIMIT %s"
        " FOR NO KEY UPDATE OF one SKIP LOCKED"
    )
