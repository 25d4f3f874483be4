"""Indexes that others answer for are written no more."""

import django.db.models.deletion
import tenancy.scope
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_never_emptied'),
        ('tenancy', '0005_no_index_twice'),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditentry',
            name='tenant',
            field=models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='audithead',
            name='tenant',
            field=models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant'),
        ),
    ]
