"""Indexes that others answer for are written no more."""

import django.db.models.deletion
import tenancy.scope
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_age_of_a_number'),
        ('tenancy', '0005_no_index_twice'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='membership',
            name='membership_by_user',
        ),
        migrations.AlterField(
            model_name='apitoken',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='access_keys', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='department',
            name='tenant',
            field=models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='tenant',
            field=models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant'),
        ),
        # Dropping the index of a column, Django drops every index on that column alone, this one too: it is made anew below.
        migrations.RemoveConstraint(model_name='rosterimport', name='roster_one_being_read'),
        migrations.AlterField(
            model_name='rosterimport',
            name='tenant',
            field=models.ForeignKey(db_index=False, default=tenancy.scope.current_tenant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant'),
        ),
        migrations.AddConstraint(
            model_name='rosterimport',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'reading')), fields=('tenant',), name='roster_one_being_read'),
        ),
    ]
