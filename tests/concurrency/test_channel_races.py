"""Two administrators at the same moment: one account, one set of digits, and the other is told in words."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.actor import Actor
from kernel.errors import Conflict, TooMany
from notifications.models import ProviderAccount
from notifications.providers.wecom import tokens
from notifications.workflow import begin_test, prove, save_account
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school

pytestmark = pytest.mark.usefixtures("committed")
WAYS = 5


@pytest.fixture
def school() -> Any:
    return make_school()


@pytest.fixture
def boss(school: Any) -> Iterator[Actor]:
    tokens.forget()
    with use_tenant(school.id):
        person = make_person(school, "admin")
        person.user.keep_proved_phone(f"+86138{secrets.randbelow(10**8):08d}")
        person.user.save()
        yield actor_of(person)


def save(boss: Actor) -> ProviderAccount:
    return save_account(
        actor=boss, provider="aliyun", channel="sms", credentials={"key_id": "a", "key_secret": "b", "name": "育才"},
        callback_number="", is_active=True, limits={"per_minute": 0, "per_hour": 0, "per_day": 0},
    )  # fmt: skip


def test_one_account_entered_by_many_at_once_is_one(school: Any, boss: Actor) -> None:
    """Whoever comes later finds it and changes it, or is told; nobody meets a fault of the database."""
    results = at_once(school, [lambda: save(boss)] * WAYS)
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(error, Conflict) and error.reason == "channel_exists" for error in refused), refused
    assert len(refused) < WAYS
    with use_tenant(school.id):
        assert ProviderAccount.objects.count() == 1


def test_many_tests_begun_at_once_are_one(school: Any, boss: Actor) -> None:
    save(boss)
    acts = [lambda: begin_test(actor=boss, provider="aliyun", channel="sms")] * WAYS
    results = at_once(school, acts)
    refused = [result for result in results if isinstance(result, Exception)]
    assert [(type(error), error.reason) for error in refused] == [(TooMany, "channel_test_soon")] * (WAYS - 1)


def test_wrong_digits_typed_at_once_are_all_counted(school: Any, boss: Actor) -> None:
    save(boss)
    begin_test(actor=boss, provider="aliyun", channel="sms")
    at_once(school, [lambda: prove(actor=boss, provider="aliyun", channel="sms", code="no")] * WAYS)
    with use_tenant(school.id):
        assert ProviderAccount.objects.get().test_tries == WAYS
