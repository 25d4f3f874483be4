"""What follows an appointment: the person's answer, marks of agencies, next sessions, and who goes on with an objection.

Completed requests get the clock that closes them, reckoned from their last change; objections that were told twice go on.
"""

import django.db.models.deletion
import kernel.clock
import kernel.identifiers
import tenancy.constraints
import tenancy.scope
from django.conf import settings
from django.db import migrations, models

FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE referrals_referral NO FORCE ROW LEVEL SECURITY;
ALTER TABLE referrals_redemption NO FORCE ROW LEVEL SECURITY;
UPDATE referrals_referral SET deadline = changed_at + interval '15 days' WHERE state = 'completed';
UPDATE referrals_redemption SET due_at = now() WHERE state = 'disputed' AND due_at IS NULL;
ALTER TABLE referrals_redemption FORCE ROW LEVEL SECURITY;
ALTER TABLE referrals_referral FORCE ROW LEVEL SECURITY;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_no_index_twice'),
        ('families', '0004_read_links'),
        ('partners', '0011_resources'),
        ('referrals', '0022_hardship'),
        ('tenancy', '0005_no_index_twice'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL([FILL], migrations.RunSQL.noop, elidable=True),
        migrations.AddField(
            model_name='referral',
            name='follows',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='referrals.referral'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=tenancy.constraints.TenantFK(field='follows', name='referrals_referral_follows_fk'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['cancelled', 'expired']), _negated=True), fields=('tenant', 'follows'), name='referral_follows_once'),
        ),
        migrations.CreateModel(
            name='AgencyRating',
            fields=[
                ('id', models.UUIDField(default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('year', models.PositiveSmallIntegerField()),
                ('people', models.PositiveIntegerField(default=0)),
                ('marks', models.JSONField(default=dict)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.institution')),
                ('tenant', models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'ordering': ['id'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [tenancy.constraints.TenantWall(name='referrals_agencyrating_wall'), models.UniqueConstraint(fields=('tenant', 'id'), name='referrals_agencyrating_tenant_id'), tenancy.constraints.PartnerRead(field='partner', name='referrals_agencyrating_partner'), models.UniqueConstraint(fields=('tenant', 'partner', 'year'), name='agency_rating_once')],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('id', models.UUIDField(default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('answer', models.CharField(blank=True, choices=[('solved', 'solved'), ('not_yet', 'not_yet'), ('other_help', 'other_help')], max_length=12)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=kernel.clock.now, editable=False)),
                ('referral', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='referrals.referral')),
                ('tenant', models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'ordering': ['-id'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [tenancy.constraints.TenantWall(name='referrals_outcome_wall'), models.UniqueConstraint(fields=('tenant', 'id'), name='referrals_outcome_tenant_id'), tenancy.constraints.TenantFK(field='referral', name='referrals_outcome_referral_fk'), models.UniqueConstraint(fields=('tenant', 'referral'), name='outcome_once'), models.CheckConstraint(condition=models.Q(models.Q(('answer__in', ['solved', 'not_yet', 'other_help']), ('answered_at__isnull', False)), models.Q(('answer', ''), ('answered_at__isnull', True)), _connector='OR'), name='outcome_answered')],
            },
        ),
        migrations.CreateModel(
            name='PassedOn',
            fields=[
                ('id', models.UUIDField(default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=kernel.clock.now, editable=False)),
                ('member', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('redemption', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='passed_on', to='referrals.redemption')),
                ('tenant', models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'ordering': ['-id'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [tenancy.constraints.TenantWall(name='referrals_passedon_wall'), models.UniqueConstraint(fields=('tenant', 'id'), name='referrals_passedon_tenant_id'), tenancy.constraints.TenantFK(field='redemption', name='referrals_passedon_redemption_fk'), tenancy.constraints.TenantFK(field='member', name='referrals_passedon_member_fk'), models.UniqueConstraint(fields=('tenant', 'redemption'), name='passed_on_once')],
            },
        ),
        migrations.CreateModel(
            name='Rater',
            fields=[
                ('id', models.UUIDField(default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('year', models.PositiveSmallIntegerField()),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.institution')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.membership')),
                ('tenant', models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'ordering': ['id'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [tenancy.constraints.TenantWall(name='referrals_rater_wall'), models.UniqueConstraint(fields=('tenant', 'id'), name='referrals_rater_tenant_id'), tenancy.constraints.TenantFK(field='person', name='referrals_rater_person_fk'), models.UniqueConstraint(fields=('tenant', 'person', 'partner', 'year'), name='rater_once')],
            },
        ),
        migrations.CreateModel(
            name='RatingBox',
            fields=[
                ('id', models.UUIDField(default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('year', models.PositiveSmallIntegerField()),
                ('people', models.PositiveIntegerField(default=0)),
                ('marks', models.JSONField(default=dict)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.institution')),
                ('tenant', models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'ordering': ['id'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [tenancy.constraints.TenantWall(name='referrals_ratingbox_wall'), models.UniqueConstraint(fields=('tenant', 'id'), name='referrals_ratingbox_tenant_id'), models.UniqueConstraint(fields=('tenant', 'partner', 'year'), name='rating_box_once')],
            },
        ),
    ]
