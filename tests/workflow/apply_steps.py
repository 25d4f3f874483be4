"""Walking through ``/apply/``: each step is posted, and what it redirects to is fetched, as a browser does."""

import re
from typing import Any
from uuid import UUID

from django.test import Client

from tenancy.hosts import forget
from tenancy.models import Tenant
from tests.fixtures_journey import BOXES


def hidden(response: Any, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert found, f"no hidden {name}"
    return found[1]


def begin(client: Client, service: Any) -> str:
    """The address of the first step of a new draft."""
    answer = client.get(f"/apply/{service.pk}/")
    assert answer.status_code == 302
    return str(answer["Location"])


def draft_of(address: str) -> UUID:
    """The draft whose step stands at ``address``."""
    return UUID(address.split("/")[2])


def step(address: str, name: str) -> str:
    """The address of another step of the same draft."""
    return f"/apply/{draft_of(address)}/{name}/"


def times(boxes: int = 6, **more: Any) -> dict[str, Any]:
    """Step 1 as it is sent: the first so many boxes ticked."""
    return {"go": "times", "units": "1", **dict.fromkeys(list(BOXES)[:boxes], "on"), **more}


def always_asks(school: Tenant, always: bool = True) -> None:
    """The school lets its offices look first at every request, or goes by the rules."""
    school.rules = {"automatic_approval": not always}
    school.save()
    forget()


def walk_to_check(client: Client, service: Any, **more: Any) -> Any:
    """All steps with good answers; the check page."""
    when = begin(client, service)
    to_consent = client.post(when, times(**more))
    assert to_consent["Location"] == step(when, "consent")
    page = client.get(to_consent["Location"])
    assert page.status_code == 200
    agreed = {
        "go": "consent",
        "note": "晚上更方便",
        "consent": "on",
        "consent_child": "on",
        "note_to": hidden(page, "note_to"),
    }
    to_check = client.post(to_consent["Location"], agreed)
    assert to_check["Location"] == step(when, "check")
    return client.get(to_check["Location"])


def send(client: Client, check: Any) -> Any:
    """Press the button of a check page."""
    sent = {"go": "send", **{name: hidden(check, name) for name in ("version", "quote", "review")}}
    return client.post(check.request["PATH_INFO"], sent)
