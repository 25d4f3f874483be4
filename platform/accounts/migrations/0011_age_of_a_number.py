"""A number's proof has an age. How old those are that stand is not known: they count from the update."""

from typing import Any

from django.db import migrations, models

from kernel.clock import now


def fill(apps: Any, schema_editor: Any) -> None:
    """Accounts have no wall."""
    users = apps.get_model("accounts", "User")._base_manager
    users.filter(phone_hash__isnull=False, phone_proved_at=None).update(phone_proved_at=now())
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_department_keys")]

    operations = [
        migrations.AddField("user", "phone_proved_at", models.DateTimeField(editable=False, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint("user", "user_phone_is_proved"),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                name="user_phone_is_proved",
                condition=models.Q(
                    phone_hash__isnull=True, phone_sealed__isnull=True, phone_verified=False, phone_proved_at=None
                )
                | models.Q(
                    phone_hash__isnull=False,
                    phone_sealed__isnull=False,
                    phone_verified=True,
                    phone_proved_at__isnull=False,
                ),
            ),
        ),
    ]
