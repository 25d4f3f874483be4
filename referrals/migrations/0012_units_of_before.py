"""Requests of before get their units, and every line of theirs in the books names the reservation it belongs to (books §1).

No amount moves: a request stays reserved as a whole under ``referral/<id>/reserve``, and its units say so
(``attempt`` 0). All its later lines are ``against`` that one, also what was held once more for a second look or for a unit that
was given back: together they hold what the request holds. A unit that is held anew from now on has a reservation of its own.
The books are append-only and walled off; the owner opens both for this one statement and shuts them again.
"""

from django.db import migrations

_TABLES = ("referrals_referral", "referrals_voucher", "referrals_redemption", "referrals_unit", "ledger_transfer")
_OPEN = "".join(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY;' for table in _TABLES)
_SHUT = "".join(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;' for table in _TABLES)

UNITS = """
INSERT INTO referrals_unit (id, tenant_id, referral_id, index, attempt, state, service_date, fee_fen, subsidy_fen,
        self_fen, quota, reservation)
    SELECT gen_random_uuid(), r.tenant_id, r.id, s.place - 1, 0,
        CASE
            WHEN EXISTS (
                SELECT FROM referrals_redemption d JOIN referrals_voucher v ON v.id = d.voucher_id
                WHERE v.referral_id = r.id AND d.unit_index = s.place - 1 AND d.state <> 'reversed'
            ) THEN 'spent'
            WHEN r.state IN ('submitted', 'approved', 'offered', 'confirmed', 'in_service') THEN 'held'
            ELSE 'released'
        END,
        r.service_date, (s.split->>0)::bigint, (s.split->>1)::bigint, (s.split->>2)::bigint,
        CASE
            WHEN r.decision->'inputs'->'terms'->>'quota_amount' IS NULL OR (s.split->>1)::bigint = 0 THEN 0
            WHEN r.decision->'inputs'->'terms'->>'quota_unit' = 'fen' THEN (s.split->>1)::bigint
            ELSE 1
        END,
        CASE WHEN (s.split->>1)::bigint = 0 THEN '' ELSE 'referral/' || r.id || '/reserve' END
    FROM referrals_referral r
        CROSS JOIN LATERAL jsonb_array_elements(r.decision->'units') WITH ORDINALITY AS s(split, place);
"""

AGAINST = """
ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_append_only;
WITH of_request AS (
    SELECT t.id, r.tenant_id, r.id AS referral_id, r.service_date
        FROM ledger_transfer t JOIN referrals_referral r ON r.id::text = split_part(t.reference, '/', 2)
        WHERE t.reference LIKE 'referral/%'
    UNION ALL
    SELECT t.id, r.tenant_id, r.id, r.service_date
        FROM ledger_transfer t JOIN referrals_voucher v ON v.id::text = split_part(t.reference, '/', 2)
            JOIN referrals_referral r ON r.id = v.referral_id
        WHERE t.reference LIKE 'voucher/%'
    UNION ALL
    SELECT t.id, r.tenant_id, r.id, r.service_date
        FROM ledger_transfer t JOIN referrals_redemption d ON d.id::text = split_part(t.reference, '/', 2)
            JOIN referrals_voucher v ON v.id = d.voucher_id JOIN referrals_referral r ON r.id = v.referral_id
        WHERE t.reference LIKE 'redemption/%'
)
UPDATE ledger_transfer t SET against_id = nullif(o.id, t.id), service_date = q.service_date,
        budget_year = extract(year FROM q.service_date)
    FROM of_request q JOIN ledger_transfer o
        ON o.tenant_id = q.tenant_id AND o.reference = 'referral/' || q.referral_id || '/reserve'
    WHERE t.id = q.id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE ledger_transfer ENABLE TRIGGER ledger_transfer_append_only;
ALTER TABLE ledger_transfer VALIDATE CONSTRAINT ledger_against_a_reservation;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0011_units"), ("ledger", "0005_against_a_reservation")]

    operations = [
        migrations.RunSQL(
            [f"SET CONSTRAINTS ALL IMMEDIATE; {_OPEN} {UNITS} {AGAINST} {_SHUT} SET CONSTRAINTS ALL DEFERRED;"],
            migrations.RunSQL.noop,
            elidable=True,
        )
    ]
