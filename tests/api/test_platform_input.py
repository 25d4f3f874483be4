"""Bad input is boring (S1): a problem document, no effect, one row in the record, never a 5xx."""

import io
import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Department
from api.errors import BodyTooLarge
from api.parsers import MAX_BYTES, StrictJSONParser, strict_object
from audit.models import AuditEntry
from kernel.errors import DomainError
from tenancy.scope import use_tenant
from tests.api.platform_client import Program
from tests.conftest import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.platform_views")]
ECHO, DEPARTMENTS = "/api/v1/echo/", "/api/v1/departments/"


def refusals(school: Any) -> list[tuple[str, str]]:
    with use_tenant(school.id):
        rows = AuditEntry.objects.filter(action__endswith=".refused").order_by("seq")
        return [(row.action, row.facts["code"]) for row in rows]


def problem_of(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert {"type", "title", "status", "detail", "code"} <= set(body)
    assert (body["status"], body["code"]) == (status, code)
    return body


BODIES = [
    (b'{"name": NaN}', 400, "not_a_number"),
    (b'{"name": Infinity}', 400, "not_a_number"),
    (b'{"name": -Infinity}', 400, "not_a_number"),
    (b'{"name": 1e999}', 400, "not_a_number"),
    (b'{"name": "a", "name": "b"}', 400, "duplicate_key"),
    (b'{"name": "a\\u0000b"}', 400, "nul_character"),
    (b'{"na\\u0000me": "ab"}', 400, "nul_character"),
    (b'{"name": "\\ud800"}', 400, "bad_unicode"),
    (b'{"name": "\xff\xfe"}', 400, "bad_utf8"),
    ('{"name": "语文组"}'.encode("gb18030"), 400, "bad_utf8"),
    (b"\xef\xbb\xbf{}", 400, "malformed"),
    (b"{", 400, "malformed"),
    (b'{"name": 01}', 400, "malformed"),
    (b"{'name': 1}", 400, "malformed"),
    (b'{"name": ' + b"9" * 5000 + b"}", 400, "malformed"),
    (b"[]", 400, "not_an_object"),
    (b'"text"', 400, "not_an_object"),
    (b"null", 400, "not_an_object"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, 400, "too_deep"),
    (b"[" * 100_000, 400, "too_deep"),
    (b'{"name": "' + b"a" * 10_000_000 + b'"}', 413, "too_large"),
    (b'{"name": "' + b"a" * MAX_BYTES + b'"}', 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES, ids=[f"{i}-{b[2]}" for i, b in enumerate(BODIES)])
def test_a_body_that_cannot_be_read(school: Any, body: bytes, status: int, code: str) -> None:
    program = Program(school, "staff")
    problem_of(program.post(DEPARTMENTS, body), status, code)
    assert refusals(school) == [("department.create.refused", code)]
    with use_tenant(school.id):
        assert not Department.objects.exists()


FIELDS = [
    ({"fee": 1}, "fee", "unknown_field"),
    ({"fee_fen": "100"}, "fee_fen", "not_an_integer"),
    ({"fee_fen": 100.0}, "fee_fen", "not_an_integer"),
    ({"fee_fen": True}, "fee_fen", "not_an_integer"),
    ({"fee_fen": -1}, "fee_fen", "min_value"),
    ({"fee_fen": 10**14}, "fee_fen", "max_value"),
    ({"fee_fen": None}, "fee_fen", "null"),
    ({"units": 0}, "units", "min_value"),
    ({"units": 10**30}, "units", "max_value"),
    ({"starts_at": "2026-09-01T09:00:00"}, "starts_at", "naive_time"),
    ({"starts_at": "2026-09-01"}, "starts_at", "naive_time"),
    ({"starts_at": "tomorrow"}, "starts_at", "bad_time"),
    ({"starts_at": 1756695600}, "starts_at", "bad_time"),
    ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at", "bad_time"),
    ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at", "bad_time"),
    ({"day": "2026-02-30"}, "day", "bad_date"),
    ({"day": "20260901"}, "day", "bad_date"),
    ({"service": 5}, "service", "invalid"),
    ({"service": "x"}, "service", "invalid"),
    ({"kind": "tutoring"}, "kind", "invalid_choice"),
    ({"kind": {}}, "kind", "invalid_choice"),
    ({"note": 5}, "note", "not_a_string"),
    ({"note": "a" * 11}, "note", "max_length"),
    ({"agree": "true"}, "agree", "not_a_boolean"),
    ({"agree": 1}, "agree", "not_a_boolean"),
    ({"inner": {"name": "a", "x": 1}}, "inner.x", "unknown_field"),
    ({"inner": {}}, "inner.name", "required"),
    ({"inner": []}, "inner", "invalid"),
    ({"many": [{"name": "a"}, {"name": 1}]}, "many.1.name", "not_a_string"),
    ({"many": {}}, "many", "not_a_list"),
]


@pytest.mark.parametrize(("body", "field", "code"), FIELDS, ids=[f"{i}-{b[2]}" for i, b in enumerate(FIELDS)])
def test_a_field_that_is_not_what_it_says(school: Any, body: dict[str, Any], field: str, code: str) -> None:
    found = problem_of(Program(school, "staff").post(ECHO, body), 400, "invalid")
    assert [(row["field"], row["code"]) for row in found["errors"]] == [(field, code)]
    assert all(row["detail"] for row in found["errors"])
    assert refusals(school) == [("api.echo.post.refused", "invalid")]


def test_good_input_passes_and_times_become_utc(school: Any) -> None:
    answer = Program(school, "staff").post(
        ECHO,
        {
            "fee_fen": 0, "units": 20, "starts_at": "2026-09-01T09:00:00+08:00", "day": "2026-09-01", "agree": True,
            "service": "0190a0a0-0000-7000-8000-000000000000", "kind": "counselling", "note": "好", "many": [{"name": "a"}],
        },
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    assert answer.json()["starts_at"] == "2026-09-01 01:00:00+00:00"
    assert refusals(school) == []


def test_only_json_is_taken(school: Any) -> None:
    program = Program(school, "staff")
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/xml", "application/json; charset=gbk"):
        problem_of(program.post(ECHO, b'{"units": 1}', kind=kind), 415, "unsupported_media_type")
    assert refusals(school) == [("api.echo.post.refused", "unsupported_media_type")], "four at once are one row"
    assert program.post(ECHO, b'{"units": 1}', kind="application/json; charset=UTF-8").status_code == 200


class Unread:
    """A body that must not be touched."""

    def __init__(self) -> None:
        self.touched = False

    def read(self, *_size: int) -> bytes:
        self.touched = True
        return b""

    readline = read


def test_a_large_form_with_a_token_is_refused_before_it_is_read(school: Any) -> None:
    program, body = Program(school, "staff"), Unread()
    answer = program.client.generic(
        "POST",
        DEPARTMENTS,
        headers=program.headers,
        **{"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "3000000", "wsgi.input": body},
    )
    problem_of(answer, 415, "unsupported_media_type")
    assert not body.touched
    assert refusals(school) == [("department.create.refused", "unsupported_media_type")]


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        ("application/x-www-form-urlencoded; charset=gbk", 415, "unsupported_media_type"),
        ("multipart/form-data; boundary=x", 415, "unsupported_media_type"),
        ("application/json", 413, "too_large"),
    ],
)
def test_a_large_form_with_a_session_is_refused_with_one_row(school: Any, kind: str, status: int, code: str) -> None:
    browser, body = Client(enforce_csrf_checks=True, headers={"host": school.host}), Unread()
    browser.force_login(make_person(school, "staff").user)
    browser.cookies["csrftoken"] = "a" * 32  # else the form is not even looked for
    answer = browser.generic(
        "POST", DEPARTMENTS, **{"CONTENT_TYPE": kind, "CONTENT_LENGTH": "3000000", "wsgi.input": body}
    )
    problem_of(answer, status, code)
    assert not body.touched
    assert refusals(school) == [("department.create.refused", code)]
    with use_tenant(school.id):
        assert not Department.objects.exists()


def test_a_call_by_session_carries_the_token_of_its_page(school: Any) -> None:
    """Any other site could else act in the name of who is signed in here."""
    browser = Client(enforce_csrf_checks=True, headers={"host": school.host})
    browser.force_login(make_person(school, "staff").user)
    sent = {"content_type": "application/json", "data": '{"name": "语文组"}'}
    problem_of(browser.post(DEPARTMENTS, **sent), 403, "csrf_failed")
    browser.cookies["csrftoken"] = "a" * 32
    problem_of(browser.post(DEPARTMENTS, **sent, headers={"x-csrftoken": "b" * 32}), 403, "csrf_failed")
    with use_tenant(school.id):
        assert not Department.objects.exists()
    assert browser.post(DEPARTMENTS, **sent, headers={"x-csrftoken": "a" * 32}).status_code == 201


@pytest.mark.parametrize(
    ("query", "code"),
    [("q=a%00b", "nul_character"), ("a%00=b", "nul_character"), ("q=%ff%fe", "bad_utf8"), ("q=%ed%a0%80", "bad_utf8")],
)
def test_nul_and_broken_utf8_in_the_address_are_refused(school: Any, query: str, code: str) -> None:
    program = Program(school, "staff")
    problem_of(program.get(f"/api/v1/numbers/?{query}"), 400, code)
    problem_of(program.post(f"{DEPARTMENTS}?{query}", {"name": "语文组"}), 400, code)
    assert refusals(school) == [("department.create.refused", code)]
    with use_tenant(school.id):
        assert not Department.objects.exists()
    assert program.get("/api/v1/numbers/?q=%E8%AF%AD%20a+b").status_code == 200


def test_a_stranger_is_asked_to_sign_in(school: Any) -> None:
    answer = Program(school).post(ECHO, {})
    problem_of(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Token"
    assert refusals(school) == []


def test_a_token_of_another_school_is_no_token(school: Any, other_school: Any) -> None:
    program = Program(school, "staff")
    program.headers["host"] = other_school.host
    problem_of(program.get("/api/v1/numbers/"), 401, "not_authenticated")


def test_a_role_without_the_word_is_refused_with_one_row(school: Any) -> None:
    problem_of(Program(school, "staff").post("/api/v1/approve/"), 403, "forbidden")
    assert refusals(school) == [("api.forbidden.post.refused", "forbidden")]


def test_an_unknown_address_is_a_problem_too(school: Any) -> None:
    program = Program(school, "staff")
    for answer in (program.get("/api/v1/nothing/"), program.post("/api/v1/nothing/", b"{")):
        problem_of(answer, 404, "not_found")


def test_a_wrong_method(school: Any) -> None:
    problem_of(Program(school, "staff").get(ECHO), 405, "method_not_allowed")


def test_what_nobody_foresaw_tells_nothing(school: Any) -> None:
    answer = Program(school, "staff").post("/api/v1/broken/")
    problem_of(answer, 500, "internal")
    assert b"secret words" not in answer.content


def test_sentences_follow_the_language(school: Any) -> None:
    program = Program(school, "staff")
    english = problem_of(
        program.client.post(ECHO, b"{", "application/json", headers={**program.headers, "accept-language": "en"}),
        400,
        "malformed",
    )
    assert english["detail"] == "The body is not valid JSON."


def test_guessing_is_slowed_down(school: Any, settings: Any) -> None:
    settings.REFUSALS_PER_MINUTE = 5
    program = Program(school, "staff")
    statuses = [program.post(DEPARTMENTS, {"name": "a", "refuse": True}).status_code for _ in range(5)]
    assert statuses == [422] * 5
    last = program.get("/api/v1/numbers/")
    problem_of(last, 429, "too_many")
    assert int(last["Retry-After"]) <= 61


def test_a_body_that_does_not_say_its_length_is_read_no_further_than_allowed() -> None:
    """A server may hand on what comes in pieces: nothing is declared then."""
    body = io.BytesIO(b'{"name": "' + b"a" * (2 * MAX_BYTES) + b'"}')
    with pytest.raises(BodyTooLarge):
        StrictJSONParser().parse(body)
    assert body.tell() == MAX_BYTES + 1
    assert StrictJSONParser().parse(io.BytesIO(b'{"name": "a"}')) == {"name": "a"}


def test_the_parser_keeps_what_is_right() -> None:
    assert strict_object('{"a": ["\\"[{", 1, 1.5, null, true, "语文组 𠮷"]}'.encode()) == {
        "a": ['"[{', 1, 1.5, None, True, "语文组 𠮷"]
    }
    assert strict_object(b'{"a":' * 31 + b"{}" + b"}" * 31)
    with pytest.raises(DomainError):
        strict_object(b"")
