"""What a report's sender is told does not go back to "received" with a letter that nobody has read yet."""

from typing import Any

from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    """What is read now was read; with the wall open to the owner for as long as the transaction lasts."""
    schema_editor.execute('ALTER TABLE "emergency_report" NO FORCE ROW LEVEL SECURITY')
    schema_editor.execute("UPDATE emergency_report SET was_read = true WHERE read_at IS NOT NULL")
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute('ALTER TABLE "emergency_report" FORCE ROW LEVEL SECURITY')


class Migration(migrations.Migration):
    dependencies = [("emergency", "0023_readiness")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="was_read",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
