# The append-only constraint is put on anew: it refuses TRUNCATE since.

import tenancy.constraints
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='auditentry',
            name='audit_auditentry_append_only',
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=tenancy.constraints.AppendOnly(name='audit_auditentry_append_only'),
        ),
    ]
