"""First proof that the house stands: a row of one school is not there for another."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accounts.models import Department
from tenancy.scope import NoTenant, across_tenants, use_tenant


def test_without_a_school_a_tenant_table_raises(school):
    with use_tenant(school.id):
        Department.objects.create(name="语文组")
    for touch in (
        lambda: Department.objects.exists(),
        lambda: list(Department.objects.all()),
        Department.objects.count,
    ):
        with pytest.raises(NoTenant):
            touch()


def test_another_school_sees_nothing_and_changes_nothing(school, other_school):
    with use_tenant(school.id):
        row = Department.objects.create(name="语文组")
    with use_tenant(other_school.id):
        assert list(Department.objects.all()) == []
        assert Department.objects.filter(pk=row.pk).update(name="x") == 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_department")
            assert cursor.fetchone()[0] == 0
    with across_tenants("look from above"):
        assert Department.objects.filter(pk=row.pk).count() == 1


def test_a_row_cannot_be_written_into_another_school(school, other_school):
    with use_tenant(other_school.id), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Department.objects.create(name="越界", tenant_id=school.id)
