"""Several agencies at once, each with a decision of its own; an offer says the fee, and the split once it is accepted (books §2).

Offers of before keep their fee; what was not accepted no longer tells how school and person would have shared it.
"""

import django.db.models.deletion
import django.db.models.expressions
import kernel.identifiers
import tenancy.constraints
import tenancy.scope
from django.db import migrations, models

FILL = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE referrals_offer NO FORCE ROW LEVEL SECURITY;
UPDATE referrals_offer SET fee_fen = subsidy_fen + self_fen,
    subsidy_fen = CASE WHEN state = 'accepted' THEN subsidy_fen END,
    self_fen = CASE WHEN state = 'accepted' THEN self_fen END;
ALTER TABLE referrals_offer FORCE ROW LEVEL SECURITY;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0010_reopened'),
        ('referrals', '0019_review_reason'),
        ('tenancy', '0005_no_index_twice'),
    ]

    operations = [
        migrations.AddField(
            model_name='offer',
            name='fee_fen',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='offer',
            name='self_fen',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='offer',
            name='subsidy_fen',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='offer',
            name='mode',
            field=models.CharField(choices=[('instant', 'instant'), ('confirm', 'confirm'), ('query', 'query')], db_default='confirm', default='confirm', max_length=8),
        ),
        migrations.RunSQL([FILL], migrations.RunSQL.noop, elidable=True),
        migrations.AlterField(
            model_name='offer',
            name='fee_fen',
            field=models.BigIntegerField(),
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.UUIDField(default=kernel.identifiers.uuid7, editable=False, primary_key=True, serialize=False)),
                ('decision', models.JSONField(default=dict)),
                ('decision_hash', models.CharField(max_length=64)),
                ('fee_fen', models.BigIntegerField()),
                ('subsidy_fen', models.BigIntegerField()),
                ('self_fen', models.BigIntegerField()),
                ('referral', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='referrals.referral')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.service')),
                ('tenant', models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'ordering': ['id'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [tenancy.constraints.TenantWall(name='referrals_candidate_wall'), models.UniqueConstraint(fields=('tenant', 'id'), name='referrals_candidate_tenant_id'), tenancy.constraints.TenantFK(field='referral', name='referrals_candidate_referral_fk'), models.UniqueConstraint(fields=('tenant', 'referral', 'service'), name='candidate_once'), models.CheckConstraint(condition=models.Q(('fee_fen', django.db.models.expressions.CombinedExpression(models.F('subsidy_fen'), '+', models.F('self_fen'))), ('subsidy_fen__gte', 0), ('self_fen__gte', 0)), name='candidate_split_sums_to_fee')],
            },
        ),
    ]
