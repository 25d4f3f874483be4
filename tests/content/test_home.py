"""The first page: what each door costs, the way to what is done together, and the card that another app brings."""

from datetime import timedelta
from typing import Any

import pytest
from django.template import engines
from django.test import override_settings
from django.utils.translation import override

from content.home_card import HomeCard
from content.services import Door, doors
from kernel.clock import local_day, now
from partners.kinds import ServiceUnit
from tenancy.scope import use_tenant
from tests.content.conftest import Side
from tests.content.test_activities import campaign
from tests.fixtures_journey import make_journey

pytestmark = pytest.mark.django_db
SHOWN_FOR: list[Any] = []


def card_of(tenant: Any) -> HomeCard | None:
    """What an app of open days would hand in."""
    SHOWN_FOR.append(tenant)
    return HomeCard(engines["django"].from_string("<section>{{ card }}</section>"), "<开放日>")  # type: ignore[arg-type]


def shown(side: Side, language: str = "zh-hans") -> str:
    client = side.client(headers={"host": side.tenant.host, "accept-language": language})
    return client.get("/").content.decode()


def test_a_door_says_what_it_costs_at_least(ours: Side, theirs: Side) -> None:
    make_journey(ours.tenant)
    with use_tenant(ours.tenant.id):
        door = doors(ours.tenant.today())["counselling"]
    assert (door.self_fen, door.subsidy_fen) == (9_000, 21_000)
    assert "您付 <strong>¥90</strong> 起，学校付 ¥210" in shown(ours)
    assert "From <strong>¥90</strong> for you, the school pays ¥210" in shown(ours, "en")
    assert "¥" not in shown(theirs), "a school without prices shows its own line instead"


def test_a_door_says_of_one_what_it_is_the_price() -> None:
    with override("zh-hans"):
        said = [Door(4_800, 0, unit).per for unit in (ServiceUnit.SESSION, ServiceUnit.HOUR, ServiceUnit.MONTH)]
    assert said == ["", "/小时", "/月"]


def test_the_next_campaign_stands_there_until_it_is_over(ours: Side) -> None:
    today = local_day(now())
    assert "/activities/" in shown(ours)
    assert "/quiet/" in shown(ours)
    later = campaign(ours, today + timedelta(days=9), slug="later", title="后一个")
    assert "后一个" in shown(ours)
    campaign(ours, today - timedelta(days=1), slug="now", title="正在进行", ends_on=today)
    page = shown(ours)
    assert "正在进行" in page
    assert "后一个" not in page, "one at a time"
    later.unpublish()


def test_another_app_may_bring_a_card(ours: Side) -> None:
    assert "&lt;开放日&gt;" not in shown(ours)
    with override_settings(HOME_CARD="tests.content.test_home.card_of"):
        ours.home.save()  # a new edition: what was remembered is of the one before
        page = shown(ours)
    assert "<section>&lt;开放日&gt;</section>" in page
    assert [tenant.pk for tenant in SHOWN_FOR] == [ours.tenant.pk]


def test_with_a_closed_line_the_page_says_it_once(ours: Side) -> None:
    assert shown(ours).count("学校值班电话现在") <= 1
