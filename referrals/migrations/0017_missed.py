"""Missed appointments: when the clock decides about one, what missing it costs, and the day that a redemption is for.

Appointments that stand get their clock, redemptions the day of the visit; nobody is reminded of what was made before.
"""

from typing import Any

import django.db.models.deletion
import referrals.states
import tenancy.constraints
from django.conf import settings
from django.db import migrations, models


OPEN_KINDS = "('home_help', 'childcare', 'elder_care', 'meals')"
TABLES = ("referrals_booking", "referrals_redemption", "referrals_referral")


def fill(apps: Any, schema_editor: Any) -> None:
    """With the wall open to the owner for as long as the transaction lasts."""
    for table in TABLES:
        schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    schema_editor.execute(
        # The end of its day in its zone; of an open kind of the last day of its voucher.
        "UPDATE referrals_booking b SET due_at = (((b.ends_at - interval '1 microsecond') AT TIME ZONE b.zone)::date"  # noqa: S608 - words of this file
        f" + 1 + CASE WHEN r.kind IN {OPEN_KINDS}"
        " THEN coalesce((t.rules->>'open_voucher_days')::int, 90) ELSE 0 END)::timestamp AT TIME ZONE b.zone"
        " FROM referrals_referral r, tenancy_tenant t"
        " WHERE r.id = b.referral_id AND t.id = b.tenant_id AND b.state = 'confirmed'"
    )
    schema_editor.execute(
        "UPDATE referrals_redemption d SET service_date = (d.redeemed_at AT TIME ZONE t.zone)::date"
        " FROM (SELECT id, coalesce(time_zone, 'Asia/Shanghai') AS zone FROM tenancy_tenant) t WHERE t.id = d.tenant_id"
    )
    # What lies further back than 48 h was agreed to by silence.
    schema_editor.execute(
        "UPDATE referrals_redemption SET due_at = redeemed_at + interval '48 hours' WHERE state = 'redeemed'"
    )
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in TABLES:
        schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_no_index_twice'),
        ('partners', '0010_reopened'),
        ('referrals', '0016_reschedule'),
        ('tenancy', '0005_no_index_twice'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='voucher',
            name='referrals_voucher_look',
        ),
        migrations.AddField(
            model_name='booking',
            name='due_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='booking',
            name='missed_fee_fen',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='booking',
            name='missed_paid_fen',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='booking',
            name='remind_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='redemption',
            name='agreed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='redemption',
            name='dispute_reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=20),
        ),
        migrations.AddField(
            model_name='redemption',
            name='disputed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='redemption',
            name='due_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='redemption',
            name='kind',
            field=models.CharField(choices=[('service', 'service'), ('fee', 'fee')], db_default='service', default=referrals.states.RedemptionKind['SERVICE'], max_length=8),
        ),
        migrations.AddField(
            model_name='redemption',
            name='service_date',
            field=models.DateField(null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(model_name='redemption', name='service_date', field=models.DateField()),
        migrations.AlterField(
            model_name='redemption',
            name='redeemed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='booking_due'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('remind_at__isnull', False)), fields=['remind_at'], name='booking_reminder'),
        ),
        migrations.AddIndex(
            model_name='redemption',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='redemption_due'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(('missed_paid_fen__gte', 0), ('missed_fee_fen__gte', models.F('missed_paid_fen'))), name='booking_fee_is_paid_once'),
        ),
        migrations.AddConstraint(
            model_name='voucher',
            constraint=tenancy.constraints.Statement(create="\nCREATE FUNCTION voucher_look(school uuid, which uuid, held boolean, topic text) RETURNS TABLE (\n    referral referrals_referral, voucher referrals_voucher, service partners_service, tenant tenancy_tenant,\n    bookings jsonb, held_units jsonb, moments timestamptz[], since timestamptz[], counters text[],\n    suspended boolean, person_user uuid, channels text[]\n) LANGUAGE plpgsql AS $$\nDECLARE\n    request uuid;\nBEGIN\n    -- Lock first, then look: every statement below sees what the locks waited for.\n    SELECT v.referral_id INTO request FROM referrals_voucher v WHERE v.tenant_id = school AND v.id = which;\n    IF held THEN\n        SELECT * INTO referral FROM referrals_referral r WHERE r.tenant_id = school AND r.id = request FOR NO KEY UPDATE;\n        SELECT * INTO voucher FROM referrals_voucher v WHERE v.tenant_id = school AND v.id = which FOR NO KEY UPDATE;\n    ELSE\n        SELECT * INTO referral FROM referrals_referral r WHERE r.tenant_id = school AND r.id = request;\n        SELECT * INTO voucher FROM referrals_voucher v WHERE v.tenant_id = school AND v.id = which;\n    END IF;\n    IF voucher.id IS NULL THEN\n        RETURN;\n    END IF;\n    SELECT jsonb_agg(to_jsonb(b) ORDER BY b.starts_at, b.id) INTO bookings FROM referrals_booking b\n        WHERE b.tenant_id = school AND b.referral_id = request\n            AND (b.state IN ('pending', 'confirmed', 'unresolved',\n                    'disputed')\n                OR b.state = 'no_show' AND b.due_at IS NOT NULL OR b.id = voucher.booking_id);\n    SELECT * INTO service FROM partners_service s WHERE s.id = voucher.service_id;\n    SELECT * INTO tenant FROM tenancy_tenant t WHERE t.id = school;\n    SELECT jsonb_agg(to_jsonb(u) ORDER BY u.index) INTO held_units FROM referrals_unit u\n        WHERE u.tenant_id = school AND u.referral_id = request AND u.state = 'held';\n    SELECT array_agg(r.redeemed_at ORDER BY r.redeemed_at DESC) INTO moments FROM referrals_redemption r\n        WHERE r.tenant_id = school AND r.voucher_id = which AND r.state <> 'reversed'\n            AND r.kind = 'service';\n    IF moments IS NOT NULL THEN\n        SELECT array_agg(m.since ORDER BY m.since, m.id), array_agg(m.counter::text ORDER BY m.since, m.id)\n            INTO since, counters FROM partners_institutionmember m JOIN (\n                SELECT r.redeemed_by_id, r.partner_id FROM referrals_redemption r\n                WHERE r.tenant_id = school AND r.voucher_id = which AND r.state <> 'reversed'\n                    AND r.kind = 'service'\n                ORDER BY r.redeemed_at DESC LIMIT 1\n            ) last ON m.user_id = last.redeemed_by_id AND m.institution_id = last.partner_id;\n    END IF;\n    suspended := NOT EXISTS (\n        SELECT FROM partners_institution i WHERE i.id = voucher.partner_id AND i.state = 'listed'\n    ) OR EXISTS (\n        SELECT FROM partners_agreement a WHERE a.tenant_id = school AND a.partner_id = voucher.partner_id\n            AND a.state = 'suspended'\n    );\n    SELECT m.user_id, p.channels INTO person_user, channels\n        FROM accounts_membership m LEFT JOIN notifications_preference p\n            ON p.tenant_id = m.tenant_id AND p.membership_id = m.id AND p.kind = topic\n        WHERE m.tenant_id = school AND m.id = voucher.person_id;\n    RETURN NEXT;\nEND $$;\n", drop='DROP FUNCTION IF EXISTS voucher_look(uuid, uuid, boolean, text);', name='referrals_voucher_look'),
        ),
    ]
