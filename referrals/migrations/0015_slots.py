"""Times that are taken stand in ``seats``, where all schools' appointments meet; a booking keeps the key to its own."""

from typing import Any

from django.db import migrations, models

STANDING = "('pending', 'confirmed')"


def enter(apps: Any, schema_editor: Any) -> None:
    """Every standing appointment takes its slot; the constraint that held until now has seen to it that none meet."""
    with_wall_open(
        schema_editor,
        # Several seats guard none by themselves: the resource was made unique by the request's key behind a stroke.
        "UPDATE referrals_booking SET resource = NULL WHERE resource !~ '^[0-9a-f-]{36}$'",
        "UPDATE referrals_booking SET slot = gen_random_uuid()"
        f" WHERE resource IS NOT NULL AND state IN {STANDING}",  # noqa: S608 - words of this file
        "INSERT INTO seats_slotuse (id, resource, during, seats, capacity, until)"
        " SELECT slot, resource::uuid, tstzrange(starts_at, ends_at), 1, 1, NULL FROM referrals_booking"
        " WHERE slot IS NOT NULL",
    )


def leave(apps: Any, schema_editor: Any) -> None:
    """The way back: a resource of several seats is its own again, and no slot is kept."""
    with_wall_open(
        schema_editor,
        "DELETE FROM seats_slotuse WHERE id IN (SELECT slot FROM referrals_booking)",
        "UPDATE referrals_booking SET slot = NULL",
        "UPDATE referrals_booking SET resource = partner_id::text || '/' || id::text WHERE resource IS NULL",
    )


def with_wall_open(schema_editor: Any, *statements: str) -> None:
    """Runs them with the wall open to the owner for as long as the transaction lasts."""
    schema_editor.execute('ALTER TABLE "referrals_booking" NO FORCE ROW LEVEL SECURITY')
    for statement in statements:
        schema_editor.execute(statement)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute('ALTER TABLE "referrals_booking" FORCE ROW LEVEL SECURITY')


class Migration(migrations.Migration):
    dependencies = [("referrals", "0014_pools_by_two"), ("seats", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="booking", name="booking_no_double"),
        migrations.AddField(
            model_name="booking", name="slot", field=models.UUIDField(blank=True, editable=False, null=True)
        ),
        migrations.AlterField(
            model_name="booking", name="resource", field=models.CharField(max_length=80, null=True)
        ),
        migrations.RunPython(enter, leave, elidable=True),
        migrations.AlterField(
            model_name="booking", name="resource", field=models.UUIDField(blank=True, editable=False, null=True)
        ),
    ]
