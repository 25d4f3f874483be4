"""First proof that the house stands: a row of one school is not there for another."""

import pytest
from django.db import NotSupportedError, connection, transaction
from django.db.utils import ProgrammingError

from accounts.models import Department
from tenancy.scope import NoTenant, Scope, across_tenants, current, use_partner, use_tenant


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


@pytest.mark.parametrize("value", ["", "x", "'; RESET ROLE; --", 7, b"0" * 16])
def test_only_an_id_opens_a_scope(school, value):
    """It is written into the statement's head, where nothing quotes it; a school's own id as text is refused, too."""
    for wrong in (value, str(school.id)):
        for opening in (use_tenant, use_partner):
            with pytest.raises(TypeError), opening(wrong):
                pytest.fail("opened")
    assert current() == Scope()


@pytest.mark.parametrize("reason", ["", "  "])
def test_nobody_crosses_schools_without_a_word_why(reason):
    with pytest.raises(ValueError), across_tenants(reason):
        pytest.fail("opened")


def test_what_cannot_carry_a_school_is_refused(school):
    """COPY, single rows and named cursors would run outside the statement that says which school is open."""
    with use_tenant(school.id):
        Department.objects.create(name="语文组")
        with connection.cursor() as cursor:
            with pytest.raises(NotSupportedError):
                cursor.cursor.copy("COPY accounts_department TO STDOUT")
            with pytest.raises(NotSupportedError):
                cursor.cursor.stream("SELECT 1")
        with connection.chunked_cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_department")
            assert cursor.fetchone() == (1,)
            assert not hasattr(cursor.cursor, "scrollable"), "a named cursor outlives its scope"
        assert [row.name for row in Department.objects.iterator(chunk_size=1)] == ["语文组"]
