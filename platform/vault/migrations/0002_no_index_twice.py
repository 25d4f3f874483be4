"""Indexes that others answer for are written no more."""

import django.db.models.deletion
import tenancy.scope
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tenancy', '0005_no_index_twice'),
        ('vault', '0001_initial'),
    ]

    operations = [
        # Dropping the index of a column, Django drops every index on that column alone, this one too: it is made anew below.
        migrations.RemoveConstraint(model_name='tenantkey', name='vault_one_current_key'),
        migrations.AlterField(
            model_name='tenantkey',
            name='tenant',
            field=models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AddConstraint(
            model_name='tenantkey',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'current')), fields=('tenant',), name='vault_one_current_key'),
        ),
    ]
