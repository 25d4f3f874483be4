"""SQL of the sender: what it takes, what is known of that, and how it went (chain §5, §10). Each in the open school, behind its wall.

The database keeps the plans of these functions, so they must be good whatever it believed of the tables when it made them: in a
new installation nothing was ever counted, and after a quiet week thousands of rows come in a minute. While it takes a school for
empty, reading all of it looks as cheap as finding one row, and it does that for each of twenty pages. So nothing is left to choose:
a row is asked for as the first of a range of keys in their order, and sorting is not allowed, so only the index by key can answer
(``_row``); what was found so is written by its place. A set of rows is one statement: each row is a step from within the one before
it (``LATERAL``, with a limit of one), which leaves no order to choose either.
"""

from typing import Final

from referrals.emergency.models.statements import released
from tenancy.constraints import Statement

_SURE: Final = """SECURITY INVOKER SET plan_cache_mode = force_generic_plan SET enable_sort = off SET enable_incremental_sort = off
SET enable_seqscan = off SET enable_bitmapscan = off"""


def _row(columns: str, table: str, key: str, also: str = "", into: str = "") -> str:
    """The one row of ``table`` (named ``r``) with ``key``, found by its key alone."""
    return (
        f"SELECT {columns} {into} FROM {table} AS r WHERE r.tenant_id = school AND r.id BETWEEN {key} AND {key}{also}"  # noqa: S608
        " ORDER BY r.id LIMIT 1"
    )


_FREE: Final = " AND r.state IN ('queued', 'claimed') AND r.due_at <= moment AND (r.lease_until IS NULL OR r.lease_until <= moment)"
_NOBODYS: Final = " AND (r.state = 'queued' OR (r.state = 'claimed' AND r.lease_until <= moment))"

CLAIM: Final = Statement(
    name="emergency_claim",
    create=f"""
CREATE FUNCTION emergency_claim(wanted uuid[], lease double precision) RETURNS TABLE (page uuid, until timestamptz, way text)
LANGUAGE plpgsql {_SURE} AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    moment timestamptz := chain_now();
    place tid;
BEGIN
    FOR place IN
        SELECT x.ctid FROM unnest(wanted) AS w(id)
        CROSS JOIN LATERAL ({_row("r.ctid, r.leg_id, r.epoch", "emergency_delivery", "w.id", _FREE)} FOR NO KEY UPDATE SKIP LOCKED) AS x
        CROSS JOIN LATERAL ({_row("r.epoch, r.incident_id", "emergency_leg", "x.leg_id")}) AS l
        WHERE l.epoch = x.epoch AND {released("school", "l.incident_id")}
    LOOP
        RETURN QUERY UPDATE emergency_delivery AS d
        SET state = 'claimed', claims = d.claims + 1, lease_until = moment + make_interval(secs => lease),
            tried_at = coalesce(d.tried_at, moment), provider = CASE WHEN d.tried_at IS NULL THEN '' ELSE d.provider END
        WHERE d.ctid = place RETURNING d.id, d.lease_until, d.channel::text;
    END LOOP;
END $$;
""",  # noqa: S608  words of this file
    drop="DROP FUNCTION IF EXISTS emergency_claim(uuid[], double precision);",
)
"""A lease on each of ``wanted`` that is due, of its leg's present epoch, of an incident that may call, and held by nobody; who is
being written is passed over.

``tried_at`` from now on: others see that it is leaving. By no provider yet: its place in a budget is taken later.
"""

TAKEN: Final = Statement(
    name="emergency_taken",
    create=f"""
CREATE FUNCTION emergency_taken(wanted uuid[], ways text[], moment timestamptz, since timestamptz, most integer) RETURNS TABLE (
    page emergency_delivery, who emergency_recipient, leg emergency_leg, number text, is_drill boolean, purpose text, reports bigint,
    email text, has_left boolean, is_near boolean) LANGUAGE plpgsql {_SURE} AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    today date;
    lately text[];
    way text;
BEGIN
    SELECT (moment AT TIME ZONE t.time_zone)::date INTO today FROM tenancy_tenant AS t WHERE t.id = school;
    FOREACH way IN ARRAY ways LOOP
        SELECT lately || array_agg(way || encode(x.target_hash, 'hex')) INTO lately FROM (
            SELECT d.recipient_id, d.id, d.state, d.lease_until FROM emergency_delivery AS d
            WHERE d.tenant_id = school AND d.channel = way AND d.tried_at > since ORDER BY d.tried_at OFFSET 0) AS d
            CROSS JOIN LATERAL ({_row("r.target_hash", "emergency_recipient", "d.recipient_id")}) AS x
            WHERE d.id <> ALL(wanted) AND (d.state = 'sent' OR (d.state = 'claimed' AND d.lease_until > moment));
    END LOOP;
    RETURN QUERY SELECT p.whole, x.whole, l.whole, i.number::text, i.is_drill, s.purpose::text, t.reports,
        CASE WHEN p.channel = 'email' THEN m.email END::text, coalesce(m.left_on < today, false), coalesce(p.channel || encode(x.target_hash, 'hex') = ANY(lately), false)
    FROM unnest(wanted) AS w(id)
    CROSS JOIN LATERAL ({_row("r AS whole, r.recipient_id, r.leg_id, r.channel", "emergency_delivery", "w.id")}) AS p
    CROSS JOIN LATERAL ({_row("r AS whole, r.target_hash, r.step_id, r.member_id", "emergency_recipient", "p.recipient_id")}) AS x
    CROSS JOIN LATERAL ({_row("r AS whole, r.incident_id", "emergency_leg", "p.leg_id")}) AS l
    CROSS JOIN LATERAL ({_row("r.number, r.is_drill", "emergency_incident", "l.incident_id")}) AS i
    CROSS JOIN LATERAL ({_row("r.purpose", "emergency_legstep", "x.step_id")}) AS s
    CROSS JOIN LATERAL (SELECT count(*) AS reports FROM (SELECT FROM emergency_report AS r WHERE r.tenant_id = school
        AND r.incident_id BETWEEN l.incident_id AND l.incident_id ORDER BY r.incident_id LIMIT most) AS counted) AS t
    LEFT JOIN LATERAL ({_row("r.email, r.left_on", "accounts_membership", "x.member_id")}) AS m ON true;
END $$;
""",  # noqa: S608  words of this file
    drop="DROP FUNCTION IF EXISTS emergency_taken(uuid[], text[], timestamptz, timestamptz, integer);",
)
"""What is known of pages that were taken at ``moment``, in the order of ``wanted``. Whom anything left to after ``since`` on ``ways``
is looked up once for all of them (``is_near``). ``has_left``: the last day of whom it is for lies before the school's day. Of a flood of reports no more are counted than ``most``.
"""

SENT: Final = Statement(
    name="emergency_sent",
    create=f"""
CREATE FUNCTION emergency_sent(wanted uuid[], claim integer[], reference text[], account text[], words text[], member bytea[])
RETURNS SETOF uuid LANGUAGE plpgsql {_SURE} AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    moment timestamptz := chain_now();
    found_at tid;
    place integer;
BEGIN
    FOR found_at, place IN
        SELECT x.ctid, w.nth FROM unnest(wanted, claim) WITH ORDINALITY AS w(id, claims, nth)
        CROSS JOIN LATERAL ({_row("r.ctid", "emergency_delivery", "w.id", " AND r.state = 'claimed' AND r.claims = w.claims")}
            FOR NO KEY UPDATE SKIP LOCKED) AS x
    LOOP
        RETURN QUERY UPDATE emergency_delivery AS d
        SET state = 'sent', error = '', provider_ref = reference[place], provider = account[place], template = words[place],
            tried_at = coalesce(d.tried_at, moment), lease_until = NULL,
            member_hash = coalesce(member[place], d.member_hash), settled_at = moment
        WHERE d.ctid = found_at RETURNING d.id;
    END LOOP;
END $$;
""",  # noqa: S608  words of this file
    drop="DROP FUNCTION IF EXISTS emergency_sent(uuid[], integer[], text[], text[], text[], bytea[]);",
)
"""Writes those that were taken by a provider and are still this claim's, and says which. One that somebody writes just now is not
waited for: an answer drops the pages of its leg in whatever order, and of two that wait for each other the database ends one.
"""

STALE: Final = Statement(
    name="emergency_stale",
    create=f"""
CREATE FUNCTION emergency_stale(wanted uuid[]) RETURNS void LANGUAGE plpgsql {_SURE} AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    moment timestamptz := chain_now();
    one uuid;
    place tid;
    of uuid;
    written integer;
    present integer;
BEGIN
    FOREACH one IN ARRAY wanted LOOP
        {_row("r.ctid, r.leg_id, r.epoch", "emergency_delivery", "one", _NOBODYS, "INTO place, of, written")} FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        {_row("r.epoch", "emergency_leg", "of", into="INTO present")};
        IF present <> written THEN
            UPDATE emergency_delivery SET state = 'dropped', settled_at = chain_now() WHERE ctid = place;
        END IF;
    END LOOP;
END $$;
""",  # noqa: S608  words of this file
    drop="DROP FUNCTION IF EXISTS emergency_stale(uuid[]);",
)
"""Drops those of ``wanted`` whose leg is in another epoch by now; also one whose sender has died: it is nobody's, and whatever was
told with it goes by itself.
"""

LATELY: Final = Statement(
    name="emergency_lately",
    create=f"""
CREATE FUNCTION emergency_lately(wanted uuid[], way text, moment timestamptz, since timestamptz, people bytea[]) RETURNS TABLE (
    page uuid, words text, written integer, target bytea, is_outside boolean, answer text, incident uuid, present integer, stands text)
LANGUAGE plpgsql {_SURE} AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
BEGIN
    RETURN QUERY SELECT d.id, d.text::text, d.epoch, x.target_hash, x.member_id IS NULL, x.answer::text, l.incident_id, l.epoch, l.state::text
    FROM (SELECT d.id, d.recipient_id, d.leg_id, d.text, d.epoch, d.state, d.lease_until FROM emergency_delivery AS d
        WHERE d.tenant_id = school AND d.channel = way AND d.tried_at > since ORDER BY d.tried_at OFFSET 0) AS d
        CROSS JOIN LATERAL ({_row("r.target_hash, r.member_id, r.answer", "emergency_recipient", "d.recipient_id", " AND r.target_hash = ANY(people)")}) AS x
        CROSS JOIN LATERAL ({_row("r.incident_id, r.epoch, r.state", "emergency_leg", "d.leg_id")}) AS l
    WHERE d.id <> ALL(wanted) AND (d.state = 'sent' OR (d.state = 'claimed' AND d.lease_until > moment));
END $$;
""",  # noqa: S608  words of this file
    drop="DROP FUNCTION IF EXISTS emergency_lately(uuid[], text, timestamptz, timestamptz, bytea[]);",
)
"""What left to ``people`` after ``since``, or is leaving, on one channel, but for ``wanted``; the oldest first."""

NEW: Final = Statement(
    name="emergency_new",
    create=f"""
CREATE FUNCTION emergency_new(wanted uuid[], way text, since timestamptz) RETURNS SETOF uuid LANGUAGE plpgsql {_SURE} AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    one uuid;
    page emergency_delivery;
    target bytea;
BEGIN
    FOREACH one IN ARRAY wanted LOOP
        {_row("r.*", "emergency_delivery", "one", into="INTO page")};
        CONTINUE WHEN NOT FOUND;
        {_row("r.target_hash", "emergency_recipient", "page.recipient_id", into="INTO target")};
        PERFORM FROM (SELECT r.id, r.target_hash FROM emergency_recipient AS r
                WHERE r.tenant_id = school AND r.leg_id = page.leg_id ORDER BY r.paged_at OFFSET 0) AS same
            CROSS JOIN LATERAL (SELECT d.leg_id, d.text, d.channel, d.state, d.settled_at FROM emergency_delivery AS d
                WHERE d.tenant_id = school AND d.recipient_id BETWEEN same.id AND same.id ORDER BY d.recipient_id OFFSET 0) AS d
            WHERE same.target_hash = target AND d.leg_id = page.leg_id AND d.text = page.text AND d.channel = way
              AND d.state IN ('sent', 'folded') AND d.settled_at > since LIMIT 1;
        IF NOT FOUND THEN
            RETURN NEXT one;
        END IF;
    END LOOP;
END $$;
""",  # noqa: S608  words of this file
    drop="DROP FUNCTION IF EXISTS emergency_new(uuid[], text, timestamptz);",
)
"""Those of ``wanted`` whose words were not told to their person of their leg, on that channel, after ``since``."""

FOLD: Final = Statement(
    name="emergency_fold",
    create=f"""
CREATE FUNCTION emergency_fold(wanted uuid[], claim integer[], carrier uuid[]) RETURNS SETOF uuid LANGUAGE plpgsql {_SURE} AS $$
DECLARE
    school uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    held uuid[];
    one uuid;
    place tid;
BEGIN
    FOR one IN SELECT DISTINCT x FROM unnest(carrier) AS x LOOP
        PERFORM FROM ({_row("r.id", "emergency_delivery", "one", " AND r.state IN ('claimed', 'sent')")} FOR SHARE SKIP LOCKED) AS found_one;
        IF FOUND THEN
            held := held || one;
        END IF;
    END LOOP;
    FOR nth IN 1 .. cardinality(wanted) LOOP
        CONTINUE WHEN carrier[nth] = ANY(held) IS NOT TRUE;
        {_row("r.ctid", "emergency_delivery", "wanted[nth]", " AND r.state = 'claimed' AND r.claims = claim[nth]", "INTO place")}
            FOR NO KEY UPDATE;
        IF FOUND THEN
            RETURN QUERY UPDATE emergency_delivery AS d SET state = 'folded', folded_into_id = carrier[nth], error = '',
                lease_until = NULL, tried_at = NULL, claims = d.claims - 1, settled_at = chain_now()
            WHERE d.ctid = place RETURNING d.id;
        END IF;
    END LOOP;
END $$;
""",  # noqa: S608  words of this file
    drop="DROP FUNCTION IF EXISTS emergency_fold(uuid[], integer[], uuid[]);",
)
"""Settles each that is still its claim's as told with its ``carrier``: one that has left or is leaving, held so that nobody writes
meanwhile that it did not. A carrier that is being written is not waited for: an answer drops the pages of its leg in whatever order,
and the two would wait for each other.
"""

ALL: Final = (CLAIM, TAKEN, SENT, STALE, LATELY, NEW, FOLD)
