"""Names of departments that only look alike are one: the key they are compared by stands once in a school."""

from typing import Any

import accounts.by_name
from django.db import migrations, models

from kernel.fold import name_key
from kernel.pinyin import sort_key

NAME_MAX = 60


def fill(apps: Any, schema_editor: Any) -> None:
    """The keys of every school's departments, with the wall open to the owner for as long as the transaction lasts."""
    schema_editor.execute('ALTER TABLE "accounts_department" NO FORCE ROW LEVEL SECURITY')
    fill_rows(apps)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute('ALTER TABLE "accounts_department" FORCE ROW LEVEL SECURITY')


def fill_rows(apps: Any) -> None:
    """Of two that look alike the later one gets a number: nobody's department is merged or emptied behind their back."""
    rows = apps.get_model("accounts", "Department")._base_manager
    taken = {(tenant, name_key(name)) for tenant, name in rows.values_list("tenant_id", "name")}
    given: set[tuple[Any, str]] = set()
    for row in rows.order_by("pk"):
        name = row.name
        if (row.tenant_id, name_key(name)) in given:
            name = _free_name(row, taken)
            taken.add((row.tenant_id, name_key(name)))
        given.add((row.tenant_id, name_key(name)))
        values = {"name": name, "key": name_key(name), "sort_key": sort_key(name, person=False)}
        rows.filter(pk=row.pk).update(**values)


def _free_name(row: Any, taken: set[tuple[Any, str]]) -> str:
    number = 2
    while True:
        ending = f" ({number})"
        name = f"{row.name[: NAME_MAX - len(ending)]}{ending}"
        if (row.tenant_id, name_key(name)) not in taken:
            return name
        number += 1


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_reopened"), ("tenancy", "0002_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="department", name="department_name_once"),
        migrations.AddField(model_name="department", name="key", field=accounts.by_name.NameKeyField()),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.UniqueConstraint(fields=("tenant", "key"), name="department_name_once"),
        ),
    ]
