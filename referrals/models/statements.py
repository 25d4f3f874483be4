"""SQL of vouchers: the one function that looks at a voucher with all that stands around it."""

from typing import Final

from partners.states import AgreementState, InstitutionState
from referrals.states import BookingState, PausedState, RedemptionKind, RedemptionState, UnitState
from tenancy.constraints import Statement

LOOK: Final = Statement(
    name="referrals_voucher_look",
    create=f"""
CREATE FUNCTION voucher_look(school uuid, which uuid, held boolean, topic text) RETURNS TABLE (
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
    suspended := NOT EXISTS (
        SELECT FROM partners_institution i WHERE i.id = voucher.partner_id AND (
            i.state = '{InstitutionState.LISTED}'
            OR i.state = '{InstitutionState.SUSPENDED}' AND EXISTS (
                SELECT FROM referrals_pausedrequest p WHERE p.tenant_id = school AND p.referral_id = request
                    AND p.since = i.suspended_at AND p.state = '{PausedState.KEPT}'
            )
        )
    ) OR EXISTS (
        SELECT FROM partners_agreement a WHERE a.tenant_id = school AND a.partner_id = voucher.partner_id
            AND a.state = '{AgreementState.SUSPENDED}'
    );
    SELECT m.user_id, p.channels, m.left_on INTO person_user, channels, left_on
        FROM accounts_membership m LEFT JOIN notifications_preference p
            ON p.tenant_id = m.tenant_id AND p.membership_id = m.id AND p.kind = topic
        WHERE m.tenant_id = school AND m.id = voucher.person_id;
    RETURN NEXT;
END $$;
""",  # noqa: S608 - only words of the tables of states are put in
    drop="DROP FUNCTION IF EXISTS voucher_look(uuid, uuid, boolean, text);",
)
"""A voucher's row and all that the counter's rule asks, as it is once the locks are held (``referrals.workflow.looking``).

Locks referral, then voucher, when ``held``. Runs with the caller's rights, behind the walls like any statement; the
database keeps its plans, which are half of what the same statements cost when each is sent as text. No row when there
is no such voucher. ``bookings``: the appointments that stand or are asked about, and the voucher's own, in order of time; ``held_units``: rows of the units that are not served yet, in their order; ``moments``: of the standing redemptions, the latest first; ``since``,
``counters``: the places of who redeemed the latest.
"""
