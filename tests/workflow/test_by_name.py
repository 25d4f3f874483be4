"""The key to sort by is written with the name, whatever writes it, and lists stand in its order."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from accounts.by_name import ByName, SortKeyField
from accounts.models import Department, Membership
from people.workflow import list_departments, search_members
from tenancy.models import TenantModel
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

NAMES = ["曾小红", "张伟", "李明", "单田芳", "阿里", "区志强"]
IN_ORDER = ["阿里", "李明", "区志强", "单田芳", "曾小红", "张伟"]


@pytest.fixture
def admin(school: Any) -> Any:
    with use_tenant(school.id):
        yield actor_of(make_person(school, "admin", name="阿管理"))


def test_every_way_to_write_a_name_writes_its_key(admin: Any) -> None:
    def key(pk: Any) -> str:
        return str(Membership.objects.values_list("sort_key", flat=True).get(pk=pk))

    member = Membership.objects.create(name="曾小红", roles=["staff"])
    assert key(member.pk).startswith("zeng1曾")
    member.name = "单田芳"
    member.save(update_fields=["name"])
    assert key(member.pk).startswith("shan4单")
    Membership.objects.filter(pk=member.pk).update(name="仇英")
    assert key(member.pk).startswith("qiu2仇")
    member.name = "解缙"
    Membership.objects.bulk_update([member], ["name"])
    assert key(member.pk).startswith("xie4解")
    (fresh,) = Membership.objects.bulk_create([Membership(name="区志强", roles=["staff"])])
    assert key(fresh.pk).startswith("ou1区")
    member.refresh_from_db()
    member.title = "解老师"
    member.save(update_fields=["title"])
    assert key(member.pk).startswith("xie4解")


def test_every_way_to_write_a_department_writes_what_it_is_compared_by(admin: Any) -> None:
    def key(pk: Any) -> str:
        return str(Department.objects.values_list("key", flat=True).get(pk=pk))

    made = Department.objects.create(name="IB 组")
    assert key(made.pk) == "ib 组"
    made.name = "ＡＰ组"  # noqa: RUF001 - full width is meant
    made.save(update_fields=["name"])
    assert key(made.pk) == "ap组"
    Department.objects.filter(pk=made.pk).update(name="DP组")
    assert key(made.pk) == "dp组"
    made.name = "MYP组"
    Department.objects.bulk_update([made], ["name"])
    assert key(made.pk) == "myp组"
    (fresh,) = Department.objects.bulk_create([Department(name="PYP组")])
    assert key(fresh.pk) == "pyp组"


def test_members_and_departments_are_listed_by_sound(admin: Any, client: Any, school: Any) -> None:
    for name in NAMES:
        make_person(school, name=name)
        Department.objects.create(name=f"{name}组")
    assert [member.name for member in search_members(admin)] == ["阿管理", *IN_ORDER]
    assert [row.name[0] for row in list_departments(admin)] == ["阿", "曾", "单", "李", "区", "张"], "no family names"
    client.force_login(Membership.objects.select_related("user").get(pk=admin.membership_id).user)
    host = {"headers": {"host": school.host}}
    seen, address = [], "/api/v1/people/?limit=3"
    while address:
        page = client.get(address, **host).json()
        seen += [row["name"] for row in page["results"]]
        address = page["next"]
    assert seen == ["阿管理", *IN_ORDER], "page by page"


@pytest.mark.django_db
def test_each_table_with_a_key_is_compared_by_bytes_and_indexed_after_its_school() -> None:
    """No order of the machine's own (ICU is missing in the embedded server), and no sorting of a whole school."""
    named = [model for model in apps.get_models() if issubclass(model, ByName)]
    # A service is found among its institution's few; its name has a key to be compared by and none to be sorted by.
    tables = [model for model in named if model.__name__ != "Service"]
    assert {model.__name__ for model in tables} == {"Department", "Institution", "Membership"}
    for model in tables:
        assert isinstance(model._meta.get_field("sort_key"), SortKeyField)
        wanted = ["tenant", "sort_key", "id"] if issubclass(model, TenantModel) else ["sort_key", "id"]
        assert wanted in [index.fields for index in model._meta.indexes]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT collation_name FROM information_schema.columns WHERE table_name = %s AND column_name = 'sort_key'",
                [model._meta.db_table],
            )
            assert cursor.fetchone() == ("C",)
