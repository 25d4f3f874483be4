"""The page of channels says how each account answers, in words with their time; readiness says who watches (chain §7)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from kernel.clock import now
from notifications.models import ProviderAccount
from notifications.providers import mark
from notifications.providers.clock import database_moment
from notifications.standing import lines_of, standing_of
from referrals.emergency.engine.canaries import Canaries, accounts_of
from referrals.emergency.engine.ways import key_of
from referrals.emergency.going_live import Lacking, look
from referrals.emergency.models import Canary, EngineProcess
from referrals.emergency.rules.plan_check import Mender
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import no_scope
from tests.conftest import make_person
from tests.emergency.sending_steps import Cloud, account_row, open_cloud
from tests.emergency.test_watchdog import Here
from tests.emergency.world import World, make_world
from tests.providers.marked import marked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]


@pytest.fixture
def cloud(settings: Any, open_school: Any) -> Iterator[Cloud]:
    settings.CANARY_ADDRESSES = {}
    with marked(), open_cloud(settings) as cloud:
        yield cloud


def ask(*accounts: ProviderAccount) -> None:
    """All that is due, asked and kept."""
    mark.is_open()  # as each look of the watchdog asks
    Canary.objects.update(next_at=chain_now())
    ours = Canaries(Here())
    ours.ask_due([one for row in accounts for one in accounts_of(row, "SMS_1")], database_moment())
    ours.write()


def said(account: ProviderAccount) -> list[tuple[str, bool]]:
    with translation.override("en"):
        return [(str(line.text), line.is_well) for line in lines_of(standing_of([account]).get(account.pk))]


def test_balance_texts_signature_and_application_are_asked_and_told_in_words(cloud: Cloud) -> None:
    aliyun, tencent, wecom = account_row("aliyun"), account_row("tencent"), account_row("wecom", "wecom")
    assert said(aliyun) == [], "nobody has asked yet"
    ask(aliyun, tencent, wecom)
    assert said(aliyun) == [("Balance: 10000.50 yuan", True), ("The signature is approved", True)]
    assert said(tencent) == [("600 texts left in the packages", True)]
    assert said(wecom) == [("The application answers", True)]
    (line,) = lines_of(standing_of([wecom])[wecom.pk])
    assert line.at is not None
    assert abs(line.at - now()) < timedelta(minutes=1)


def test_what_is_wrong_is_told_first_and_as_what_it_is(cloud: Cloud) -> None:
    aliyun, wecom = account_row("aliyun"), account_row("wecom", "wecom")
    cloud.aliyun.sign_status, cloud.wecom.is_closed = 2, 1
    ask(aliyun, wecom)
    assert said(aliyun) == [("The provider has refused the signature", False), ("Balance: 10000.50 yuan", True)]
    assert said(wecom) == [("The application is switched off at the provider", False)]
    cloud.aliyun.sign_status, cloud.aliyun.amount = 0, "0.00"
    ask(aliyun)
    assert said(aliyun) == [
        ("The account has no balance left. Top it up at the provider.", False),
        ("The signature is not approved yet", False),
    ]
    cloud.servers["wecom"].fault = "500"
    ask(wecom)
    assert said(wecom)[0][1] is False


def test_an_account_whose_circuit_stands_open_somewhere_is_told(cloud: Cloud) -> None:
    row = account_row("aliyun")
    with no_scope():
        EngineProcess.objects.create(kind="engine", circuits={key_of(row): "open"})
    assert [well for _text, well in said(row)] == [False]
    with no_scope():
        EngineProcess.objects.update(circuits={key_of(row): "half_open"})
    assert said(row) == []
    with no_scope():
        EngineProcess.objects.update(circuits={key_of(row): "open"}, beat_at=chain_now() - timedelta(seconds=31))
    assert said(row) == [], "a process that died says nothing any more"


def test_the_pages_show_it_and_show_no_key(cloud: Cloud, open_school: Any) -> None:
    row = account_row("aliyun")
    ask(row)
    client = Client(HTTP_HOST=open_school.host)
    client.force_login(make_person(open_school, "admin").user)
    for path in ("/school/channels/", "/school/channels/aliyun/sms/"):
        page = client.get(path).content.decode()
        assert "余额：10000.50 元" in page
        assert "签名已通过审核" in page
        assert key_of(row).split(":")[2] not in page


class TestWatched:
    def lacking(self, world: World) -> set[str]:
        return {lack.lacking.value for lack in look(world.school, chain_now(), None)[0]}

    @pytest.fixture
    def world(self, open_school: Any) -> World:
        return make_world(open_school)

    def test_no_chain_goes_live_where_nobody_outside_would_learn_that_it_stopped(
        self, world: World, settings: Any
    ) -> None:
        settings.CHAIN_MUST_BE_WATCHED = True
        found = [lack for lack in look(world.school, chain_now(), None)[0] if lack.mends is Mender.OPERATOR]
        assert {lack.lacking for lack in found} == {Lacking.HEARTBEAT, Lacking.OPERATOR_PHONE}
        settings.HEARTBEAT_URL = "https://watch.example.org/x"
        assert self.lacking(world) & {"heartbeat", "operator_phone"} == {"operator_phone"}
        settings.OPERATOR_PHONE = "+8613911112222"
        assert self.lacking(world) & {"heartbeat", "operator_phone"} == set()

    def test_on_a_desk_it_is_not_asked(self, world: World, settings: Any) -> None:
        assert settings.CHAIN_MUST_BE_WATCHED is False
        assert self.lacking(world) & {"heartbeat", "operator_phone"} == set()
