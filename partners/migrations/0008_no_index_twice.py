"""Indexes that others answer for are written no more."""

import django.db.models.deletion
import tenancy.scope
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0007_opening_hours'),
        ('tenancy', '0005_no_index_twice'),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreement',
            name='tenant',
            field=models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='agreementline',
            name='tenant',
            field=models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='licence',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='licences', to='partners.institution'),
        ),
        migrations.AlterField(
            model_name='service',
            name='institution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='services', to='partners.institution'),
        ),
    ]
