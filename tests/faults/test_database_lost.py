"""The database is away: every address answers 503 and says when to come back, and all is well again by itself (C10)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from django.db import close_old_connections, connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import signed_in
from accounts.tokens import issue_token
from api.failures import server_error
from api.views import BaseView
from settings import urls as product
from tenancy.hosts import forget
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.databases import _connect

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.urls(__name__)]
NOWHERE = "1"


def lose() -> None:
    """As a server that is killed while a statement runs: the connection ends under the view."""
    connection.ensure_connection()
    with _connect(connection.settings_dict, connection.settings_dict["NAME"]) as killer:
        killer.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


@signed_in
def page(request: HttpRequest) -> HttpResponse:
    if request.GET.get("lose"):
        lose()
        Tenant.objects.count()
    return HttpResponse("here")


class Call(BaseView):
    def get(self, request: Request) -> Response:
        if request.query_params.get("lose"):
            lose()
            Tenant.objects.count()
        return Response({"here": True})


def broken(request: HttpRequest) -> NoReturn:
    raise RuntimeError("asked for by a test")


handler500 = server_error
urlpatterns = [
    path("fails/", broken),
    path("api/fails/", broken),
    path("page/", page),
    path("api/v1/call/", Call.as_view()),
    path("accounts/", include("accounts.urls")),
    path("", include("ui.urls")),
]


@pytest.fixture
def clients() -> dict[str, Client]:
    """Nobody, a person by session, the same by key. None of them raises what the server hides."""
    school = make_school()
    member = make_person(school)
    with use_tenant(school.id):
        _token, raw = issue_token(actor=actor_of(member), label="脚本")
    session = Client(HTTP_HOST=school.host, raise_request_exception=False)
    session.force_login(member.user)
    return {
        "nobody": Client(HTTP_HOST=school.host, raise_request_exception=False),
        "session": session,
        "key": Client(HTTP_HOST=school.host, HTTP_AUTHORIZATION=f"Token {raw}", raise_request_exception=False),
    }


@contextmanager
def away(*, knows_the_school: bool) -> Iterator[None]:
    """Nobody listens at the database's port. What a host stands for may still be remembered: then others ask first."""
    usual = connection.settings_dict["PORT"]
    connections.close_all()
    if not knows_the_school:
        forget()
    connection.settings_dict["PORT"] = NOWHERE
    try:
        yield
    finally:
        connection.settings_dict["PORT"] = usual
        connections.close_all()


def is_page(answer: Any) -> None:
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "请稍等" in answer.content.decode()
    assert "12356" in answer.content.decode()


def is_document(answer: Any) -> None:
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["title"]) == ("unavailable", "暂时不可用")


@pytest.mark.parametrize("knows_the_school", [True, False], ids=["school-remembered", "school-forgotten"])
@pytest.mark.parametrize("who", ["nobody", "session", "key"])
def test_a_port_where_nobody_listens(clients: dict[str, Client], who: str, knows_the_school: bool) -> None:
    client = clients[who]
    before = (client.get("/page/").status_code, client.get("/api/v1/call/").status_code)
    assert before == {"nobody": (302, 401), "session": (200, 200), "key": (302, 200)}[who]
    with away(knows_the_school=knows_the_school):
        is_page(client.post("/accounts/login/", {"login": "a@x.example", "password": "wrong"}))
        if who == "session" or not knows_the_school:
            is_page(client.get("/page/"))
            is_page(client.get("/help/"))
        if who != "nobody" or not knows_the_school:
            is_document(client.get("/api/v1/call/"))
        if not knows_the_school:
            english = client.get("/api/v1/call/", headers={"accept-language": "en"})
            assert english.json()["title"] == "Not available for a moment"
    assert (client.get("/page/").status_code, client.get("/api/v1/call/").status_code) == before


@pytest.mark.parametrize("who", ["session", "key"])
def test_a_connection_that_ends_under_the_view(clients: dict[str, Client], who: str) -> None:
    client = clients[who]
    is_document(client.get("/api/v1/call/?lose=1"))
    close_old_connections()  # as a server does when a request ends; the test's client leaves it out
    assert client.get("/api/v1/call/").status_code == 200, "the next one is well by itself"
    if who == "session":
        is_page(client.get("/page/?lose=1"))
        close_old_connections()
        assert client.get("/page/").status_code == 200


@pytest.mark.parametrize("path", ["/fails/", "/api/fails/"])
def test_another_failure_is_not_called_an_outage(clients: dict[str, Client], path: str) -> None:
    answer = clients["nobody"].get(path)
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
    assert ("json" in answer.headers["Content-Type"]) == path.startswith("/api/")


def test_the_product_s_addresses_say_so() -> None:
    assert product.handler500 is server_error
