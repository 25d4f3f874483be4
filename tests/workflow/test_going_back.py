"""Where a form is shown once more before it is sent, "No, go back" gives it back filled in, and nothing is written."""

import re
from typing import Any

import pytest
from django.test import Client

from kernel.clock import local_day, now
from referrals.models import Correction, PoolOrder
from tests.fixtures_journey import Journey
from tests.tree import FOLDERS, ROOT
from tests.workflow.journey_steps import ask
from tests.workflow.test_corrections import spend

pytestmark = pytest.mark.django_db


def client_of(journey: Journey, role: str) -> Client:
    client = Client(HTTP_HOST=journey.tenant.host, headers={"accept-language": "zh-hans"})
    client.force_login(journey.members[role].user)
    return client


def gone_back(client: Client, path: str, body: dict[str, Any]) -> str:
    """Send ``body``, look at what it means, go back: the page that comes."""
    asked = client.post(path, body).content.decode()
    assert asked.count('name="again"') == 2, "the way back above, and beside the button"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked))
    assert hidden["confirmed"] == "1"
    back = client.post(path, {**hidden, "again": "1"})
    assert back.status_code == 200
    return back.content.decode()


def test_a_pool_s_order_comes_back_filled_in(journey: Journey) -> None:
    body = {
        "kind": "grant",
        "scheme": "counselling",
        "year": str(local_day(now()).year),
        "amount": "2000",
        "reason": "年末追加",
    }
    page = gone_back(client_of(journey, "finance"), "/finance/pools/", body)
    assert 'value="2000.00"' in page and "年末追加" in page
    assert not PoolOrder.objects.exclude(state="approved").exists()


def test_a_correction_comes_back_filled_in(journey: Journey) -> None:
    used = spend(journey, ask(journey))[0]
    body = {"cause": "price", "fee": "240", "side": "agency", "reason": "协议价写错"}
    page = gone_back(client_of(journey, "finance"), f"/finance/corrections/new/{used.pk}/", body)
    assert 'value="240.00"' in page and "协议价写错" in page
    assert not Correction.objects.exists()


def test_every_form_that_is_shown_once_more_can_be_gone_back_to() -> None:
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            assert source.count('("confirmed", "1")') == source.count('"keeps": True'), path
