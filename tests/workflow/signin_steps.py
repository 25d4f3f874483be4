"""Signing in for tests: a browser that is signed in, the app's figures, the code of a mail."""

import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

PERIOD = 30
"""Seconds that the app shows one code."""


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows ``steps`` steps from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD + steps)))


def code_in(body: str) -> str:
    """The sign-in code of a mail."""
    found = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", body, re.MULTILINE)
    assert found, body
    return found[0]


def client_of(school: Any, member: Any) -> Client:
    """A browser on the school's host, signed in as ``member``."""
    client = Client(HTTP_HOST=school.host)
    client.force_login(member.user)  # the sign-in page counts tries in a minute, of all tests together
    return client
