# The append-only constraint is put on anew: it refuses TRUNCATE since.

import tenancy.constraints
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_one_message_per_move'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='transfer',
            name='ledger_transfer_append_only',
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=tenancy.constraints.AppendOnly(name='ledger_transfer_append_only'),
        ),
        migrations.RemoveConstraint(
            model_name='entry',
            name='ledger_entry_append_only',
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=tenancy.constraints.AppendOnly(name='ledger_entry_append_only'),
        ),
    ]
