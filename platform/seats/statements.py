"""SQL of slots: the only five ways to the table, each with the owner's rights and a fixed search path.

Who takes locks the resource first (an advisory lock until the end of the transaction), then looks: alone where seats are
counted, beside others where there is one seat, of which the exclusion constraint lets one of two through. A hold runs out
by the database's own clock, so no worker's clock can lengthen or shorten it.
"""

from typing import Final

from tenancy.constraints import Statement
from tenancy.roles import APP

_AS_OWNER: Final = "SECURITY DEFINER SET search_path = pg_catalog, public"


def _opened_to_app(signature: str) -> str:
    return f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {signature} TO {APP};"


_LOCK: Final = """
    IF most = 1 THEN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('seats/' || place::text, 0));
    ELSE
        PERFORM pg_advisory_xact_lock(hashtextextended('seats/' || place::text, 0));
    END IF;"""
"""Many take different times of one counsellor at once; a place whose seats were raised meanwhile waits for all of them."""

_EITHER: Final = "(capacity = 1 OR capacity > 1)"
"""Says nothing but to the planner: each arm has an index of its own, and without it the whole table would be read."""

_TAKE: Final = "slot_take(uuid, uuid, timestamptz, timestamptz, int, int, double precision)"
TAKE = Statement(
    name="seats_slot_take",
    create=f"""
CREATE FUNCTION slot_take(which uuid, place uuid, starts timestamptz, ends timestamptz, wanted int, most int,
    hold double precision, OUT is_taken boolean, OUT held timestamptz) LANGUAGE plpgsql {_AS_OWNER} AS $$
DECLARE
    span tstzrange := tstzrange(starts, ends);
    used bigint;
BEGIN{_LOCK}
    -- In one order: two who clear the same holds away would else wait for each other.
    DELETE FROM public.seats_slotuse WHERE id IN (
        SELECT id FROM public.seats_slotuse
            WHERE resource = place AND during && span AND {_EITHER} AND until <= clock_timestamp()
            ORDER BY id FOR UPDATE);
    is_taken := false;
    IF most = 1 THEN
        -- What is left of a time when the place had several seats is in the way as well; the rest decides the constraint.
        IF EXISTS (SELECT FROM public.seats_slotuse WHERE resource = place AND during && span AND capacity > 1) THEN
            RETURN;
        END IF;
    ELSE
        -- The fullest moment of the stretch begins with it or with one of the stretches inside it.
        WITH other AS MATERIALIZED (
            SELECT during, seats FROM public.seats_slotuse WHERE resource = place AND during && span AND {_EITHER}
        )
        SELECT coalesce(max(total), 0) INTO used FROM (
            SELECT sum(other.seats) AS total
                FROM (SELECT starts AS at UNION SELECT lower(during) FROM other WHERE lower(during) > starts) AS moment
                JOIN other ON other.during @> moment.at
                GROUP BY moment.at
        ) AS filled;
        IF used + wanted > most THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO public.seats_slotuse (id, resource, during, seats, capacity, until)
        VALUES (which, place, span, wanted, most, clock_timestamp() + make_interval(secs => hold))
        ON CONFLICT DO NOTHING RETURNING until INTO held;
    is_taken := FOUND;
END $$;
{_opened_to_app(_TAKE)}
""",  # noqa: S608 - only words of this file are put in
    drop=f"DROP FUNCTION IF EXISTS {_TAKE};",
)
"""Takes a stretch and says when the hold ends, or that it is not free. ``hold`` in seconds; without one it is for good."""

_KEEP: Final = "slot_keep(uuid, uuid, timestamptz, timestamptz, int, int, double precision)"
KEEP = Statement(
    name="seats_slot_keep",
    create=f"""
CREATE FUNCTION slot_keep(which uuid, place uuid, starts timestamptz, ends timestamptz, wanted int, most int,
    hold double precision, OUT is_taken boolean, OUT held timestamptz) LANGUAGE plpgsql {_AS_OWNER} AS $$
BEGIN{_LOCK}
    UPDATE public.seats_slotuse SET until = clock_timestamp() + make_interval(secs => hold)
        WHERE id = which AND resource = place AND lower(during) = starts
            AND (until IS NULL OR until > clock_timestamp())
        RETURNING until INTO held;
    is_taken := FOUND;
    IF is_taken THEN
        RETURN;
    END IF;
    DELETE FROM public.seats_slotuse WHERE id = which AND until <= clock_timestamp();
    SELECT again.is_taken, again.held INTO is_taken, held
        FROM public.slot_take(which, place, starts, ends, wanted, most, hold) again;
END $$;
{_opened_to_app(_KEEP)}
""",  # noqa: S608 - only words of this file are put in
    drop=f"DROP FUNCTION IF EXISTS {_KEEP};",
)
"""A hold becomes firm, or longer, and keeps its stretch: a buffer that was changed meanwhile does not make it another one.
One that has run out is taken anew if the stretch is still free.
"""

_FREE: Final = "slot_free(uuid)"
FREE = Statement(
    name="seats_slot_free",
    create=f"""
CREATE FUNCTION slot_free(which uuid) RETURNS boolean LANGUAGE sql {_AS_OWNER} AS $$
    WITH gone AS (DELETE FROM public.seats_slotuse WHERE id = which RETURNING 1) SELECT EXISTS (SELECT FROM gone)
$$;
{_opened_to_app(_FREE)}
""",  # noqa: S608 - only words of this file are put in
    drop=f"DROP FUNCTION IF EXISTS {_FREE};",
)
"""Gives a stretch back; twice is once."""

_BUSY: Final = "slot_busy(uuid[], timestamptz, timestamptz)"
BUSY = Statement(
    name="seats_slot_busy",
    create=f"""
CREATE FUNCTION slot_busy(places uuid[], starts timestamptz, ends timestamptz)
    RETURNS TABLE (place uuid, begins timestamptz, finishes timestamptz, taken int)
    LANGUAGE sql STABLE {_AS_OWNER} AS $$
    SELECT resource, lower(during), upper(during), seats::int FROM public.seats_slotuse
        WHERE resource = ANY (places) AND during && tstzrange(starts, ends) AND {_EITHER}
            AND (until IS NULL OR until > clock_timestamp())
        ORDER BY resource, lower(during), upper(during)
$$;
{_opened_to_app(_BUSY)}
""",  # noqa: S608 - only words of this file are put in
    drop=f"DROP FUNCTION IF EXISTS {_BUSY};",
)
"""When resources are taken. Times alone: never the id that could free them, never whose they are."""

_SWEEP: Final = "slot_sweep(int)"
SWEEP = Statement(
    name="seats_slot_sweep",
    create=f"""
CREATE FUNCTION slot_sweep(kept_days int) RETURNS bigint LANGUAGE sql {_AS_OWNER} AS $$
    WITH gone AS (
        DELETE FROM public.seats_slotuse WHERE until <= clock_timestamp()
            OR upper(during) < clock_timestamp() - make_interval(days => kept_days) RETURNING 1
    ) SELECT count(*) FROM gone
$$;
{_opened_to_app(_SWEEP)}
""",  # noqa: S608 - only words of this file are put in
    drop=f"DROP FUNCTION IF EXISTS {_SWEEP};",
)
"""Deletes what nobody asks about any more: holds that ran out, stretches long past. Late is harmless."""
