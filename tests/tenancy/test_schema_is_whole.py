"""What the models promise stands in the migrated database: every index and constraint, by its name.

A migration may take away more than it says: dropping the index of a foreign key, Django drops whatever stands on that
one column, a unique index with a condition too.
"""

import pytest
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import connection
from django.db.models import CheckConstraint, UniqueConstraint

from tenancy.constraints import SqlConstraint

pytestmark = pytest.mark.django_db


def promised() -> set[str]:
    """Names that our models give to indexes and constraints."""
    names: set[str] = set()
    for model in apps.get_models(include_auto_created=True):
        if "site-packages" in model._meta.app_config.path or model._meta.proxy:
            continue
        names |= {index.name for index in model._meta.indexes}
        names |= {
            constraint.name
            for constraint in model._meta.constraints
            if isinstance(constraint, UniqueConstraint | CheckConstraint | ExclusionConstraint)
        }
    return names


def found() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'i' UNION SELECT conname FROM pg_constraint")
        return {name for (name,) in cursor.fetchall()}


def test_every_index_and_constraint_of_the_models_is_there() -> None:
    assert promised() - found() == set()
    assert len(promised()) > 100
    assert "roster_one_being_read" in promised()


def test_the_other_kind_of_constraint_is_held_elsewhere() -> None:
    """Walls, triggers and functions have tests that break them (tests/tenancy)."""
    kinds = {type(constraint) for model in apps.get_models() for constraint in model._meta.constraints}
    known = (UniqueConstraint, CheckConstraint, ExclusionConstraint, SqlConstraint)
    assert [kind for kind in kinds if not issubclass(kind, known)] == []
