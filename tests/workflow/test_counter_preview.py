"""The preview of a voucher has an address: it is shown again without a second look, to one session, for ten minutes."""

import re
import time
from typing import Any

import pytest
from django.test import Client

from referrals.counter import looks
from referrals.models import Booking, Redemption, ScanLog
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.test_counter import Make, counter, voucher_of
from ui.whole import kept

__all__ = ["counter", "voucher_of"]
pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True


def previewed(counter: Client, journey: Journey, voucher_of: Make) -> tuple[str, dict[str, str]]:
    """The preview's address, and what its button sends."""
    with use_tenant(journey.tenant.id):
        code = voucher_of(1).code
    address = counter.post("/partner/scan/look/", {"code": code})["Location"]
    page = counter.get(address).content.decode()
    return address, dict(re.findall(r'type="hidden" name="(text|key)" value="([^"]+)"', page))


def looked(journey: Journey) -> int:
    with use_tenant(journey.tenant.id):
        return ScanLog.objects.count()


def test_a_reload_is_no_second_look_and_the_code_stands_in_no_address(
    counter: Client, journey: Journey, voucher_of: Make
) -> None:
    address, sent = previewed(counter, journey, voucher_of)
    assert sent["text"] not in address
    assert sent["text"] not in str(dict(counter.session))
    once = looked(journey)
    for _ in range(3):
        assert sent["key"] in counter.get(address).content.decode()
    assert looked(journey) == once == 1
    with use_tenant(journey.tenant.id):
        assert not Redemption.objects.exists()


def test_the_counter_sees_whom_it_serves_before_anything_is_spent(
    counter: Client, journey: Journey, voucher_of: Make
) -> None:
    address, _sent = previewed(counter, journey, voucher_of)
    with use_tenant(journey.tenant.id):
        card = Booking.objects.get().card
    assert card
    assert f'<p class="whom">{kept(card)}</p>' in counter.get(address).content.decode()


def test_back_from_the_answer_leads_to_the_answer(counter: Client, journey: Journey, voucher_of: Make) -> None:
    address, sent = previewed(counter, journey, voucher_of)
    done = counter.post("/partner/scan/redeem/", sent)["Location"]
    assert counter.get(address)["Location"] == done
    assert counter.post("/partner/scan/redeem/", sent)["Location"] == done
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.count() == 1


def test_a_voucher_that_was_spent_elsewhere_meanwhile_is_told(
    counter: Client, journey: Journey, voucher_of: Make
) -> None:
    address, sent = previewed(counter, journey, voucher_of)
    other = Client(headers={"host": journey.platform.host})
    other.force_login(journey.counter_user)
    other.post("/partner/scan/redeem/", sent)
    assert counter.get(address).status_code == 409


def test_another_session_or_an_old_look_begins_anew(
    counter: Client, journey: Journey, voucher_of: Make, monkeypatch: Any
) -> None:
    address, _sent = previewed(counter, journey, voucher_of)
    other = Client(headers={"host": journey.platform.host})
    other.force_login(journey.counter_user)
    assert other.get(address)["Location"] == "/partner/scan/"
    later = time.time() + 601
    monkeypatch.setattr(looks.time, "time", lambda: later)
    assert counter.get(address)["Location"] == "/partner/scan/"


def test_only_the_last_looks_are_kept(counter: Client, journey: Journey, voucher_of: Make) -> None:
    address, sent = previewed(counter, journey, voucher_of)
    for _ in range(5):
        counter.post("/partner/scan/look/", {"code": sent["text"]})
    assert counter.get(address)["Location"] == "/partner/scan/"
    assert len(counter.session["looks"]) == 5
