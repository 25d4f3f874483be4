"""A program that talks to one school's host with a token."""

import json
from typing import Any

from django.test import Client

from accounts.tokens import issue_token
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person


class Program:
    """Sends JSON (or any bytes) as one person; without a person it is a stranger."""

    def __init__(self, school: Any, *roles: str, person: Any = None) -> None:
        self.school = school
        self.client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {"host": school.host}
        if roles or person:
            self.person = person or make_person(school, *roles)
            with use_tenant(school.id):
                _, raw = issue_token(actor=actor_of(self.person), label="test")
            self.headers["authorization"] = f"Token {raw}"

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, *, key: str | None = None, kind: str = "application/json") -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        extra = {"idempotency-key": key} if key is not None else {}
        return self.client.generic("POST", path, data, content_type=kind, headers={**self.headers, **extra})
