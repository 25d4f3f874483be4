"""SQL of vouchers and of requests whose agency is paused: one function each that looks with all that stands around them."""

from collections.abc import Iterable
from typing import Final

from partners.kinds import NEEDED_LICENCES
from partners.pauses import LOCK
from partners.states import BOOKABLE_AGREEMENTS, InstitutionState
from referrals.states import STANDING, UNDER_WAY, BookingState, PausedState, RedemptionKind, RedemptionState, UnitState
from tenancy.constraints import Statement

LOOK: Final = Statement(
    name="referrals_voucher_look",
    create=f"""
CREATE FUNCTION voucher_look(school uuid, which uuid, held boolean, topic text, asked_at timestamptz) RETURNS TABLE (
    referral referrals_referral, voucher referrals_voucher, service partners_service, tenant tenancy_tenant,
    bookings jsonb, held_units jsonb, moments timestamptz[], since timestamptz[], counters text[],
    suspended boolean, person_user uuid, channels text[], left_on date
) LANGUAGE plpgsql AS $$
DECLARE
    request uuid;
BEGIN
    -- Lock first, then look: every statement below sees what the locks waited for.
    SELECT v.referral_id INTO request FROM referrals_voucher v WHERE v.tenant_id = school AND v.id = which;
    IF held THEN
        SELECT * INTO referral FROM referrals_referral r WHERE r.tenant_id = school AND r.id = request FOR NO KEY UPDATE;
        SELECT * INTO voucher FROM referrals_voucher v WHERE v.tenant_id = school AND v.id = which FOR NO KEY UPDATE;
    ELSE
        SELECT * INTO referral FROM referrals_referral r WHERE r.tenant_id = school AND r.id = request;
        SELECT * INTO voucher FROM referrals_voucher v WHERE v.tenant_id = school AND v.id = which;
    END IF;
    IF voucher.id IS NULL THEN
        RETURN;
    END IF;
    IF held THEN
        PERFORM pg_advisory_xact_lock_shared({LOCK.format(agency="voucher.partner_id")});
    END IF;
    SELECT jsonb_agg(to_jsonb(b) ORDER BY b.starts_at, b.id) INTO bookings FROM referrals_booking b
        WHERE b.tenant_id = school AND b.referral_id = request
            AND (b.state IN ('{BookingState.PENDING}', '{BookingState.CONFIRMED}', '{BookingState.UNRESOLVED}',
                    '{BookingState.DISPUTED}')
                OR b.state = '{BookingState.NO_SHOW}' AND b.due_at IS NOT NULL OR b.id = voucher.booking_id);
    SELECT * INTO service FROM partners_service s WHERE s.id = voucher.service_id;
    SELECT * INTO tenant FROM tenancy_tenant t WHERE t.id = school;
    SELECT jsonb_agg(to_jsonb(u) ORDER BY u.index) INTO held_units FROM referrals_unit u
        WHERE u.tenant_id = school AND u.referral_id = request AND u.state = '{UnitState.HELD}';
    SELECT array_agg(r.redeemed_at ORDER BY r.redeemed_at DESC) INTO moments FROM referrals_redemption r
        WHERE r.tenant_id = school AND r.voucher_id = which AND r.state <> '{RedemptionState.REVERSED}'
            AND r.kind = '{RedemptionKind.SERVICE}';
    IF moments IS NOT NULL THEN
        SELECT array_agg(m.since ORDER BY m.since, m.id), array_agg(m.counter::text ORDER BY m.since, m.id)
            INTO since, counters FROM partners_institutionmember m JOIN (
                SELECT r.redeemed_by_id, r.partner_id FROM referrals_redemption r
                WHERE r.tenant_id = school AND r.voucher_id = which AND r.state <> '{RedemptionState.REVERSED}'
                    AND r.kind = '{RedemptionKind.SERVICE}'
                ORDER BY r.redeemed_at DESC LIMIT 1
            ) last ON m.user_id = last.redeemed_by_id AND m.institution_id = last.partner_id;
    END IF;
    suspended := EXISTS (
        SELECT FROM pauses_on(school, voucher.partner_id, service.kind, (asked_at AT TIME ZONE tenant.time_zone)::date) pause
        WHERE NOT EXISTS (
            SELECT FROM referrals_pausedrequest p WHERE p.tenant_id = school AND p.referral_id = request
                AND p.cause = pause.cause AND p.since = pause.since AND p.state = '{PausedState.KEPT}'
        )
    );
    SELECT m.user_id, p.channels, m.left_on INTO person_user, channels, left_on
        FROM accounts_membership m LEFT JOIN notifications_preference p
            ON p.tenant_id = m.tenant_id AND p.membership_id = m.id AND p.kind = topic
        WHERE m.tenant_id = school AND m.id = voucher.person_id;
    RETURN NEXT;
END $$;
""",  # noqa: S608 - only words of the tables of states are put in
    drop="DROP FUNCTION IF EXISTS voucher_look(uuid, uuid, boolean, text, timestamptz);",
)
"""A voucher's row and all that the counter's rule asks, as it is once the locks are held (``referrals.workflow.looking``).

Locks referral, then voucher, when ``held``, then waits for whoever pauses the agency. ``asked_at``: on whose day in the
school's zone the agency may serve or not. Runs with the caller's rights, behind the walls like any statement; the
database keeps its plans, which are half of what the same statements cost when each is sent as text. No row when there
is no such voucher. ``bookings``: the appointments that stand or are asked about, and the voucher's own, in order of time; ``held_units``: rows of the units that are not served yet, in their order; ``moments``: of the standing redemptions, the latest first; ``since``,
``counters``: the places of who redeemed the latest.
"""


def _words(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_NEEDED: Final = ", ".join(
    f"('{kind.value}', '{paper.value}')" for kind, papers in NEEDED_LICENCES.items() for paper in sorted(papers)
)
PAUSED: Final = Statement(
    name="referrals_paused_requests",
    create=f"""
CREATE FUNCTION paused_requests(which uuid, asked_at timestamptz)
    RETURNS TABLE (request uuid, cause text, since timestamptz) LANGUAGE sql STABLE AS $$
    WITH live AS (
        SELECT r.id, r.tenant_id, r.partner_id, r.kind, coalesce(ahead.days, ARRAY[today.day]) AS days,
                least(today.day, ahead.days[1]) AS first, coalesce(ahead.days[cardinality(ahead.days)], today.day) AS last
            FROM referrals_referral r JOIN tenancy_tenant t ON t.id = r.tenant_id
            CROSS JOIN LATERAL (SELECT (asked_at AT TIME ZONE t.time_zone)::date AS day) today
            CROSS JOIN LATERAL (
                SELECT array_agg(DISTINCT (b.starts_at AT TIME ZONE t.time_zone)::date
                        ORDER BY (b.starts_at AT TIME ZONE t.time_zone)::date) AS days
                    FROM referrals_booking b
                    WHERE b.tenant_id = r.tenant_id AND b.referral_id = r.id AND b.state IN ({_words(STANDING)})
                        AND b.starts_at > asked_at
            ) ahead
            WHERE r.state IN ({_words(UNDER_WAY)}) AND (which IS NULL OR r.id = which)
    )
    SELECT DISTINCT live.id, pause.cause, pause.since
        FROM live CROSS JOIN LATERAL unnest(live.days) asked (day)
        CROSS JOIN LATERAL pauses_on(live.tenant_id, live.partner_id, live.kind, asked.day) pause
        -- Where one agreement and one paper of each kind cover all its days there is nothing to look at more closely.
        WHERE NOT EXISTS (
                SELECT FROM partners_institution i WHERE i.id = live.partner_id AND i.state = '{InstitutionState.LISTED}')
            OR NOT EXISTS (
                SELECT FROM partners_agreement a WHERE a.tenant_id = live.tenant_id AND a.partner_id = live.partner_id
                    AND a.state IN ({_words(sorted(BOOKABLE_AGREEMENTS))}) AND a.valid_from <= live.first
                    AND least(a.valid_until, a.data_part_valid_until) > live.last)
            OR EXISTS (
                SELECT FROM (VALUES {_NEEDED}) AS needed (kind, licence)
                    WHERE needed.kind = live.kind AND NOT EXISTS (
                        SELECT FROM partners_licence l
                            WHERE l.institution_id = live.partner_id AND l.kind = needed.licence AND l.valid_from <= live.first
                                AND (l.valid_until IS NULL OR l.valid_until > live.last)))
$$;
""",  # noqa: S608 - only words of the tables of states and kinds are put in
    drop="DROP FUNCTION IF EXISTS paused_requests(uuid, timestamptz);",
)
"""Requests under way that their agency may not serve on a day of theirs, with every reason (``pauses_on``); of ``which`` alone, or of
all the caller may see. Their days are those of the appointments ahead, or ``asked_at``'s where none is.
"""
