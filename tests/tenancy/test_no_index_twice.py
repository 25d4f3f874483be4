"""No index is written at every act for what another one answers already."""

from pathlib import Path
from typing import Final

import pytest
from django.apps import AppConfig, apps
from django.db import connection

from tests.tree import ROOT

ALLOWED: Final = {
    "content_schoolrendition_image_id": "the field and its index are Wagtail's",
}
"""Beginning of an index's name → why it stays beside one that begins with its columns."""

_INDEXES: Final = """
    SELECT i.indrelid::regclass::text, c.relname, i.indkey::text, i.indoption::text, i.indclass::text, i.indisunique,
        coalesce(pg_get_expr(i.indpred, i.indrelid), '')
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
    WHERE c.relnamespace = 'public'::regnamespace AND a.amname = 'btree' AND i.indexprs IS NULL ORDER BY 1, 2"""


def redundant() -> list[tuple[str, str, str]]:
    """``(table, index, other)``: another of the same table, over the same rows, that begins with all its columns in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        rows = [
            (table, name, list(zip(key.split(), option.split(), family.split(), strict=False)), unique, where)
            for table, name, key, option, family, unique, where in cursor.fetchall()
        ]
    found = []
    for table, name, columns, unique, where in rows:
        for other_table, other, longer, other_unique, other_where in rows:
            if (table, where) != (other_table, other_where) or name == other or unique:
                continue  # a unique one says what may be, however many begin with it
            twins = longer == columns and not other_unique
            if longer[: len(columns)] == columns and not (twins and name < other):
                found.append((table, name, other))
    return found


def is_ours(app: AppConfig) -> bool:
    """What Django and the packages bring is theirs to answer for."""
    return Path(app.path).is_relative_to(ROOT) and ".venv" not in Path(app.path).parts


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another() -> None:
    ours = {model._meta.db_table for app in apps.get_app_configs() if is_ours(app) for model in app.get_models()}
    twice = {name: other for table, name, other in redundant() if table in ours}
    assert "referrals_voucher" in ours
    unasked = {name: other for name, other in twice.items() if not name.startswith(tuple(ALLOWED))}
    assert not unasked, "\n".join(f"{name} < {other}" for name, other in sorted(unasked.items()))
    assert all(any(name.startswith(begin) for name in twice) for begin in ALLOWED), "one that is gone needs no reason"
