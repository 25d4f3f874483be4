"""A number goes to another colleague: WeCom shows their pages to them, and not to whoever had the number before."""

from collections.abc import Iterator
from typing import Any

import pytest

from referrals.emergency import secrets
from referrals.emergency.engine import ways
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Delivery
from tests.emergency.sending_steps import Cloud, account_row, leg_that_pages, open_cloud, page_row, state, template_row
from tests.emergency.world import PHONES, World
from tests.providers.marked import marked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]


@pytest.fixture
def cloud(settings: Any, open_school: Any) -> Iterator[Cloud]:
    settings.CHAIN_CHANNELS = ()
    with marked(), open_cloud(settings) as cloud:
        yield cloud


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def sent_to(page: Delivery, *members: str) -> str:
    """Which of them the page was shown to; "" for none."""
    page.refresh_from_db()
    kept = bytes(page.member_hash or b"")
    return next((member for member in members if secrets.member_hash(member) == kept), "")


def test_a_number_that_was_given_to_somebody_else_is_asked_for_anew(
    world: World, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [0.0]
    monkeypatch.setattr(ways, "_members", ways.Members(lambda: at[0]))
    number = PHONES["duty"]
    cloud.wecom.members = {"before": number.removeprefix("+86"), "after": "13700000000"}
    account_row("wecom", "wecom")
    template_row("wecom", "wecom")

    def page() -> Delivery:
        made = page_row(leg_that_pages(), number, channel="wecom", member=world.members["duty"])
        send_due("wecom")
        assert state(made)[0] == "sent"
        return made

    assert sent_to(page(), "before", "after") == "before"
    cloud.wecom.members = {"before": "13700000000", "after": number.removeprefix("+86")}
    at[0] = ways.MEMBER_KEPT_SECONDS
    assert sent_to(page(), "before", "after") == "after"
    at[0] += ways.MEMBER_KEPT_SECONDS - 1
    asked = len(cloud.servers["wecom"].calls)
    page()
    assert len(cloud.servers["wecom"].calls) == asked + 1, "known for a while: one call, the message"
