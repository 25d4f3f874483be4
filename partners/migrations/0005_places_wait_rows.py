"""Sort keys, and what the operator sees of an institution's people, into rows of their own (ADR 0010)."""

from typing import Any

from django.db import migrations

from kernel.pinyin import sort_key


def fill(apps: Any, schema_editor: Any = None) -> None:
    """May run twice."""
    institution, member = (apps.get_model("partners", name) for name in ("Institution", "InstitutionMember"))
    for row in institution._base_manager.iterator(chunk_size=500):
        institution._base_manager.filter(pk=row.pk).update(sort_key=sort_key(row.name, person=False))
    for row in member._base_manager.filter(user__isnull=False, accepted_at__isnull=True).select_related("user"):
        member._base_manager.filter(pk=row.pk).update(
            accepted_at=row.since, name=row.user.full_name, email=row.user.email or ""
        )


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_places_wait")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
