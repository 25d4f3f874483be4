"""Retries are safe (promise M3): one effect, the same bytes, whatever was cut on the way."""

import http.client
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from accounts.models import Department
from api.models import IdempotencyKey
from api.once import purge_keys
from audit.models import AuditEntry
from kernel.clock import now
from tenancy.scope import use_tenant
from tests.api import platform_views
from tests.api.platform_client import Program
from tests.conftest import make_person, make_school

pytestmark = pytest.mark.urls("tests.api.platform_views")
PATH = "/api/v1/departments/"


def counts(school: Any) -> tuple[int, int, int]:
    """Departments, successes in the record, keys."""
    with use_tenant(school.id):
        made = AuditEntry.objects.filter(action="department.create").count()
        return Department.objects.count(), made, IdempotencyKey.objects.count()


@pytest.mark.django_db
def test_the_same_key_and_body_give_the_same_bytes(school: Any) -> None:
    program = Program(school, "admin")
    first = program.post(PATH, b'{"name": "a", "wait": false}', key="k")
    again = program.post(PATH, b'{ "wait":false, "name":"a" }', key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"] == "application/json"
    assert again["Idempotent-Replayed"] == "true"
    assert counts(school) == (1, 1, 1)


@pytest.mark.django_db
def test_another_body_or_another_call_with_the_key_is_refused(school: Any) -> None:
    program = Program(school, "admin")
    program.post(PATH, {"name": "a"}, key="k")
    answer = program.post(PATH, {"name": "b"}, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert counts(school) == (1, 1, 1)


@pytest.mark.django_db
def test_a_key_belongs_to_its_person(school: Any, other_school: Any) -> None:
    one, two = Program(school, "admin"), Program(school, "admin")
    elsewhere = Program(other_school, person=make_person(other_school, "admin", user=one.person.user))
    assert {p.post(PATH, {"name": n}, key="k").status_code for p, n in ((one, "a"), (two, "b"), (elsewhere, "a"))} == {
        201
    }


@pytest.mark.django_db
def test_a_refusal_is_not_kept_and_may_be_tried_again(school: Any) -> None:
    program = Program(school, "admin")
    refused = program.post(PATH, {"name": "a", "refuse": True}, key="k")
    assert (refused.status_code, refused.json()["code"]) == (422, "no_agreement")
    assert counts(school) == (0, 0, 0)
    assert program.post(PATH, {"name": "a"}, key="k").status_code == 201
    assert counts(school) == (1, 1, 1)


@pytest.mark.django_db
def test_without_a_key_each_request_counts(school: Any) -> None:
    program = Program(school, "admin")
    assert program.post(PATH, {"name": "a"}).status_code == 201
    assert program.post(PATH, {"name": "b"}).status_code == 201
    assert counts(school) == (2, 2, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "a" * 256, "a b", "a\tb"])
def test_a_senseless_key_is_refused(school: Any, key: str) -> None:
    answer = Program(school, "admin").post(PATH, {"name": "a"}, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert counts(school) == (0, 0, 0)


@pytest.mark.django_db
def test_answers_are_sealed_and_end_after_seven_days(school: Any) -> None:
    program = Program(school, "admin")
    program.post(PATH, {"name": "语文组"}, key="k")
    with use_tenant(school.id):
        row = IdempotencyKey.objects.get()
        assert "语文组".encode() not in bytes(row.answer_sealed)
        assert "语文组" in row.answer
        assert purge_keys() == 0
        IdempotencyKey.objects.update(created_at=now() - timedelta(days=7, seconds=1))
        assert purge_keys() == 1


def test_a_second_request_while_the_first_runs_is_told_so(committed: None) -> None:
    school = make_school()
    program = Program(school, "admin")
    second = Program(school, person=program.person)
    answers: list[Any] = []
    body = {"name": "a", "wait": True}

    def first() -> None:
        try:
            answers.append(program.post(PATH, body, key="k"))
        finally:
            connections.close_all()

    platform_views.running.clear()
    platform_views.may_end.clear()
    thread = threading.Thread(target=first)
    thread.start()
    assert platform_views.running.wait(20)
    try:
        meanwhile = second.post(PATH, body, key="k")
        assert (meanwhile.status_code, meanwhile.json().get("code")) == (409, "in_flight")
        assert meanwhile["Retry-After"] == "1"
    finally:
        platform_views.may_end.set()
        thread.join(20)
    again = program.post(PATH, body, key="k")
    assert again.content == answers[0].content
    assert counts(school) == (1, 1, 1)


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""


class Threaded(WSGIServer):
    """One thread per connection, as in production."""

    def process_request(self, request: Any, client_address: Any) -> None:
        threading.Thread(target=self._work, args=(request, client_address), daemon=True).start()

    def _work(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:
            pass  # the client has gone: that is the case under test
        finally:
            self.shutdown_request(request)
            connections.close_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A cut connection is no fault."""


@pytest.fixture
def served(committed: None) -> Iterator[int]:
    server = Threaded(("127.0.0.1", 0), Quiet)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join(10)


def request_bytes(program: Program, key: str, body: bytes) -> bytes:
    lines = [
        f"POST {PATH} HTTP/1.1",
        f"Host: {program.headers['host']}",
        f"Authorization: {program.headers['authorization']}",
        f"Idempotency-Key: {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(port: int, program: Program, key: str, body: bytes) -> tuple[int, bytes]:
    """One request over the wire; ``(status, body)``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {
        "Host": program.headers["host"],
        "Authorization": program.headers["authorization"],
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    connection.request("POST", PATH, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, text


def test_M3_three_sends_with_cut_replies_have_one_effect_and_one_body(served: int) -> None:
    school = make_school()
    program = Program(school, "admin")
    key, body = str(uuid.uuid4()), json.dumps({"name": "政教处"}).encode()
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", served), timeout=10) as wire:
            wire.sendall(request_bytes(program, key, body))
            # Closed with a reset before a byte of the answer is read.
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    deadline = time.monotonic() + 20
    bodies: list[bytes] = []
    while len(bodies) < 2 and time.monotonic() < deadline:
        status, text = send(served, program, key, body)
        if status == 409:
            time.sleep(0.05)
            continue
        assert status == 201, text
        bodies.append(text)
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert counts(school) == (1, 1, 1)
    with use_tenant(school.id):
        assert json.loads(bodies[0])["id"] == str(Department.objects.get().pk)


def test_a_worker_that_dies_leaves_neither_effect_nor_key(served: int) -> None:
    """The connection to the database is cut after the effect, before the key: all of it is undone, the retry works."""
    school = make_school()
    program = Program(school, "admin")
    died = send(served, program, "k", json.dumps({"name": "a", "die": True}).encode())
    assert died[0] == 503
    assert counts(school) == (0, 0, 0)
    assert send(served, program, "k", json.dumps({"name": "a"}).encode())[0] == 201
    assert counts(school) == (1, 1, 1)
