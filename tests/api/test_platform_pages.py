"""Lists by cursor, and the schema."""

import uuid
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import Department
from tenancy.scope import use_tenant
from tests.api.platform_client import Program

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.platform_views")]


def walk(program: Program, path: str, field: str | None = None) -> list[Any]:
    found: list[Any] = []
    following: str | None = path
    for _ in range(50):
        page = program.get(following or "").json()
        found += [row[field] if field else row for row in page["results"]]
        following = page["next"]
        if following is None:
            return found
    raise AssertionError("the list never ends")


def test_pages_never_repeat_or_skip_while_rows_are_added(school: Any, other_school: Any) -> None:
    program = Program(school, "staff")
    with use_tenant(other_school.id):
        Department.objects.create(name="别人的")
    with use_tenant(school.id):
        made = [str(Department.objects.create(name=f"组{n:02}").pk) for n in range(25)]
    first = program.get("/api/v1/departments/?limit=10").json()
    with use_tenant(school.id):
        Department.objects.create(name="新来的")
    rest = walk(program, first["next"], "id")
    assert [row["id"] for row in first["results"]] + rest == sorted(made, reverse=True)
    assert walk(program, "/api/v1/by-name/?limit=7")[0] == "组24"
    assert len(walk(program, "/api/v1/by-name/?limit=7")) == 26


def test_rows_in_memory_are_paged_alike(school: Any) -> None:
    assert walk(Program(school, "staff"), "/api/v1/numbers/?limit=3") == list(range(7))


def test_a_cursor_is_good_for_its_own_list_only(school: Any) -> None:
    program = Program(school, "staff")
    with use_tenant(school.id):
        for n in range(3):
            Department.objects.create(name=f"组{n}")
    cursor = program.get("/api/v1/departments/?limit=1").json()["next"].split("cursor=")[1].split("&")[0]
    for path in (
        f"/api/v1/numbers/?cursor={cursor}",
        f"/api/v1/departments/?cursor={cursor[:-2]}xx",
        "/api/v1/departments/?cursor=",
        "/api/v1/departments/?cursor=%E2%82%AC",
        f"/api/v1/departments/?cursor={uuid.uuid4()}",
    ):
        answer = program.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor"), path


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "1e1", "٣", "99999999999999999999"])
def test_the_limit_lies_between_1_and_100(school: Any, limit: str) -> None:
    answer = Program(school, "staff").get(f"/api/v1/departments/?limit={limit}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_limit")


def test_the_schema_is_made_without_a_warning(school: Any, capsys: Any) -> None:
    answer = Program(school).get("/api/v1/schema/")
    assert answer.status_code == 200
    printed = capsys.readouterr()
    assert "Warning" not in printed.err, printed.err
    assert "Error" not in printed.err, printed.err
    schema = answer.json()
    assert schema["components"]["schemas"]["ServiceKindEnum"]["enum"][0] == "counselling"
    assert schema["components"]["schemas"]["Problem"]["required"]
    post = schema["paths"]["/api/v1/departments/"]["post"]
    assert "application/problem+json" in post["responses"]["422"]["content"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in post["parameters"]]


def test_the_docs_ask_no_other_host(school: Any) -> None:
    with override_settings(STATIC_URL="/static/"):
        page = Program(school).get("/api/v1/docs/")
        script = Program(school).get("/api/v1/docs/?script=")
    assert page.status_code == script.status_code == 200
    assert b"<style" not in page.content
    for text in (page.content, script.content):
        assert b"https://" not in text
        assert b"http://" not in text
