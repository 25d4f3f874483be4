"""Names of services that only look alike are one: the key they are compared by stands once in an institution."""

from typing import Any

import accounts.by_name
from django.db import migrations, models

from kernel.fold import name_key

NAME_MAX = 120


def fill(apps: Any, schema_editor: Any) -> None:
    """Of two that look alike the later one gets a number: no service is joined to another, no agreement moves."""
    rows = apps.get_model("partners", "Service")._base_manager
    taken = {(owner, name_key(name)) for owner, name in rows.values_list("institution_id", "name")}
    given: set[tuple[Any, str]] = set()
    for row in rows.order_by("pk"):
        name = row.name
        if (row.institution_id, name_key(name)) in given:
            name = _free_name(row, taken)
            taken.add((row.institution_id, name_key(name)))
        given.add((row.institution_id, name_key(name)))
        rows.filter(pk=row.pk).update(name=name, key=name_key(name))


def _free_name(row: Any, taken: set[tuple[Any, str]]) -> str:
    number = 2
    while True:
        ending = f" ({number})"
        name = f"{row.name[: NAME_MAX - len(ending)]}{ending}"
        if (row.institution_id, name_key(name)) not in taken:
            return name
        number += 1


class Migration(migrations.Migration):
    dependencies = [("partners", "0008_no_index_twice")]

    operations = [
        migrations.RemoveConstraint(model_name="service", name="service_name_once"),
        migrations.AddField(model_name="service", name="key", field=accounts.by_name.NameKeyField()),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.UniqueConstraint(fields=("institution", "key"), name="service_name_once"),
        ),
    ]
