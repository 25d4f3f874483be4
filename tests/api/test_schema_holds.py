"""The document says what the server does: what it allows is refused only by a rule, what it forbids is refused (S2).

Cases are made by schemathesis from the served document. ``SCHEMA_EXAMPLES=200 bin/test tests/api/test_schema_holds.py``
looks longer; the suite takes a few of each, always the same.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.tokens import issue_token
from tenancy.scope import use_tenant
from tests.api.platform_client import Program
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey

pytestmark = pytest.mark.usefixtures("committed")
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "2"))
RULES = frozenset({401, 403, 404, 409, 422})
"""A rule of the house, or the state of things: no document can say beforehand."""
BY_SIGNATURE = frozenset({"bad_cursor"})
"""What looks right and is not ours."""
BY_RULE = frozenset(
    {
        "amount",
        "born_invalid",
        "in_the_past",
        "consent_missing",
        "end_before_start",
        "name_invalid",
        "phone_invalid",
        "behalf_missing",
        "leg_missing",
        "not_in_list",
        "reason_too_short",
        "signs_missing",
        "time_ahead",
        "time_long_ago",
        "windows_invalid",
    }
)
"""A day depends on today, days and times on each other, consent on what is asked for, a name is a name, and a telephone number one that rings.

A pool's year is closed without a sum, and given or relieved of one. Of an incident: which leg a party has, who speaks for it, and words that are more than blanks.
"""
BY_SPELLING = frozenset({"not_an_integer"})
"""To JSON Schema ``3.0`` is a whole number; to us money and counts are written without a point."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def moments() -> st.SearchStrategy[str]:
    within = st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
    return within.map(lambda moment: moment.isoformat().replace("+00:00", "Z"))


schemathesis.openapi.format("date-time", moments())
schemathesis.openapi.format("date", moments().map(lambda text: text[:10]))


@pytest.fixture
def journey() -> Journey:
    return make_journey(make_school())


def server() -> Any:
    """The product as a server calls it: with the visitor's address."""
    product = get_wsgi_application()

    def called(environ: dict[str, Any], start_response: Any) -> Any:
        return product(environ | {"REMOTE_ADDR": "127.0.0.1"}, start_response)

    return called


def callers(journey: Journey) -> dict[str, tuple[str, str]]:
    """Host and key of each who calls."""
    found = {}
    for name in ("staff", "centre", "finance"):
        found[name] = (
            journey.tenant.host,
            Program(journey.tenant, person=journey.members[name]).headers["authorization"],
        )
    with use_tenant(journey.platform.id):
        _token, raw = issue_token(actor=journey.partner_office, label="test")
    found["office"] = (journey.platform.host, f"Token {raw}")
    return found


def caller_of(path: str, method: str) -> str:
    """Somebody whose calls come further than the sign-in."""
    if "/partner/" in path:
        return "office"
    if "/policies/" in path or "/agreements/" in path or "/pools/" in path:
        return "finance"
    if "/bookings/" in path:
        return "staff"
    if (
        path.endswith(("/approve/", "/decline/"))
        or "/centre/" in path
        or path.endswith("/paused/")
        or "/people/" in path
        or "/incidents/" in path
    ):
        return "centre"
    return "staff"


def problem_of(answer: Any, *, is_allowed: bool) -> str | None:
    """What is wrong with the answer, beside what schemathesis sees by itself."""
    if is_allowed and answer.status_code >= 300 and answer.status_code not in RULES:
        body = answer.json()
        codes = {body["code"], *(row["code"] for row in body.get("errors", ()))}
        if not codes & (BY_SIGNATURE | BY_RULE | BY_SPELLING):
            return f"allowed by the document and refused: {answer.status_code} {body}"
    return None


def operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def look(operation: Any, mode: GenerationMode, base_url: str, headers: dict[str, str], found: list[str]) -> int:
    """Send cases of one kind; what is wrong goes into ``found``. How many were sent."""
    sent = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        nonlocal sent
        answer = case.call(base_url=base_url, headers=headers)
        sent += 1
        where = f"{mode.value} {operation.label}: {case.as_curl_command()[:600]}"
        try:
            case.validate_response(answer, checks=CHECKS)
        except schemathesis.errors.FailureGroup as group:
            found.extend(f"{where}\n    {failure.title}: {str(failure)[:300]}" for failure in group.exceptions)
        if problem := problem_of(answer, is_allowed=mode is GenerationMode.POSITIVE):
            found.append(f"{where}\n    {problem}")

    with suppress(Unsatisfiable):  # nothing can be forbidden about a call without parameters
        send()
    return sent


def test_s2_the_server_does_what_the_document_says(journey: Journey) -> None:
    keys = callers(journey)
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", server(), headers={"host": journey.tenant.host})
    found: list[str] = []
    sent = 0
    for operation in operations(schema):
        host, key = keys[caller_of(operation.path, operation.method)]
        headers = {"Authorization": key, "Accept-Language": "en"}
        for mode in GenerationMode:
            sent += look(operation, mode, f"http://{host}", headers, found)
    assert found == [], "\n".join(found)
    assert sent > 60 * min(EXAMPLES, 2)
