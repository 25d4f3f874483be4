"""Several statements in one message stand behind the same walls as one."""

import json
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Department, Membership
from tenancy.messages import Part, fetch, from_json, gathered, send, send_in, together
from tenancy.scope import across_tenants, no_scope, use_partner, use_tenant
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


def test_what_hangs_on_the_rows_of_a_list_is_read_in_one_message(school: Any, django_assert_num_queries: Any) -> None:
    """Department and account of three people: one message for the rows and one for both; nothing is asked for twice."""
    with use_tenant(school.id):
        first = Department.objects.create(name="语文组")
        people = [make_person(school, "staff", department=each) for each in (first, first, None)]
        rows = Membership.objects.filter(pk__in=[one.pk for one in people]).order_by("pk")
        with django_assert_num_queries(2):
            found = gathered(rows.prefetch_related("department", "user")[:5])
            assert [(row.department, row.user) for row in found] == [(one.department, one.user) for one in people]
            fetch(found, "department", "user")
        with django_assert_num_queries(1):
            assert gathered(rows.filter(pk=people[2].pk).prefetch_related("department"))[0].department is None


def test_another_school_s_rows_hang_on_nothing(school: Any, other_school: Any) -> None:
    """The wall stands in front of what is read after, too: a key of another school leads nowhere."""
    with use_tenant(other_school.id):
        theirs = Department.objects.create(name="数学组")
    with use_tenant(school.id):
        person = make_person(school, "staff")
        person.department_id = theirs.pk
        fetch([person], "department")
        assert not Membership.department.is_cached(person)  # type: ignore[attr-defined]


def test_each_part_stands_in_its_own_school(school: Any, other_school: Any) -> None:
    """One message, two schools: each part sees its own rows and writes none of the other's."""
    for place, names in ((school, ["语文组"]), (other_school, ["数学组", "美术组"])):
        with use_tenant(place.id):
            for name in names:
                Department.objects.create(name=name)
    both = (school.id, other_school.id)
    with transaction.atomic():
        assert send_in(*((place, COUNT) for place in both)) == [[(1,)], [(2,)]]
        assert send_in(*((place, COUNT) for place in both[::-1])) == [[(2,)], [(1,)]]
        foreign = Part("UPDATE accounts_department SET name = 'x' WHERE tenant_id = %s RETURNING 1", (school.id,))
        assert send_in((other_school.id, foreign)) == [[]], "the wall is the part's own"
        for place, seen in ((school, 1), (other_school, 2)):
            with use_tenant(place.id):
                assert send(COUNT) == [[(seen,)]], "what follows carries its own school again"
        with no_scope():
            assert send(COUNT) == [[(0,)]], "and none where none is open"


def test_no_part_stands_in_another_school_than_the_one_that_is_open(school: Any, other_school: Any) -> None:
    with use_tenant(school.id):
        assert send_in((school.id, COUNT)) == [[(0,)]]
        with pytest.raises(ValueError, match="the school that is open"):
            send_in((school.id, COUNT), (other_school.id, COUNT))
    with across_tenants("a test looks whether it is refused"), pytest.raises(ValueError, match="none is open"):
        send_in((school.id, COUNT))
    with use_partner(school.id), pytest.raises(ValueError, match="none is open"):
        send_in((school.id, COUNT))


def test_a_school_is_named_by_its_key_alone(school: Any) -> None:
    with pytest.raises(TypeError):
        send_in((f"{school.id}'; RESET ROLE; --", COUNT))  # type: ignore[arg-type]


def test_a_row_told_as_json_is_the_row(school: Any) -> None:
    """Keys, moments, days, bytes, lists: whatever a column holds."""
    with use_tenant(school.id):
        person = make_person(school, "staff", "duty", phone="+8613900000077", active_from=date(2026, 1, 1))
        row = Membership.objects.get(pk=person.pk)
        [[[told]]] = send(Part("SELECT to_jsonb(m) FROM accounts_membership m WHERE m.id = %s", (person.pk,)))
        made = from_json(Membership, json.loads(told))
        names = [field.attname for field in Membership._meta.concrete_fields]
        values = [[getattr(one, name) for name in names] for one in (row, made)]
        plain = [[bytes(value) if isinstance(value, memoryview) else value for value in one] for one in values]
        assert plain[0] == plain[1]
        assert made.phone == "+8613900000077"
        part = from_json(Membership, {"id": str(person.pk), "tenant_id": str(school.id)})
        assert part.name == row.name, "what was left out is read when it is asked for"
