"""Several statements in one message stand behind the same walls as one."""

from typing import Any

import pytest
from django.db import transaction

from accounts.models import Department, Membership
from tenancy.messages import Part, send, together
from tenancy.scope import use_tenant
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
COUNT = Part("SELECT count(*) FROM accounts_department")


def test_what_stands_behind_a_savepoint_carries_its_school(school: Any, other_school: Any) -> None:
    """A savepoint alone takes no scope; a message that begins with one does, whatever was open before."""
    with use_tenant(school.id):
        Department.objects.create(name="语文组")
    with transaction.atomic():
        with use_tenant(school.id):
            assert Department.objects.count() == 1
        for opened, seen in ((other_school, 0), (school, 1)):
            with use_tenant(opened.id):
                assert send(Part("SAVEPOINT here"), COUNT) == [[], [(seen,)]]


def test_lists_asked_for_together_are_what_each_is_alone(
    school: Any, other_school: Any, django_assert_num_queries: Any
) -> None:
    with use_tenant(school.id):
        first, second = Department.objects.create(name="语文组"), Department.objects.create(name="数学组")
        person = make_person(school, "staff", department=first)
        departments = Department.objects.order_by("-name")[:1]
        people = Membership.objects.select_related("department", "user").filter(pk=person.pk)
        nobody = Membership.objects.none()
        names = Department.objects.order_by("name").values_list("name", flat=True)
        alone = [list(rows.all()) for rows in (departments, people, names)]
        with django_assert_num_queries(1):
            together(departments, people, nobody, names)
            assert [list(rows) for rows in (departments, people, names)] == alone
            assert list(nobody) == []
            assert [(row.department, row.user) for row in people] == [(first, person.user)]
        assert {first.name, second.name} == set(names)
    with use_tenant(other_school.id):
        rows = Department.objects.all()
        together(rows)
        assert list(rows) == []
