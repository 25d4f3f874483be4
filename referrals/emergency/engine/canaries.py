"""Canaries: each provider account is asked now and then while nothing is the matter, one account once however many schools
use it (chain §7). Gateway each minute; WeCom each ten minutes to a robot member, SMS and voice four times a day to the
operator's device, where such an address is set; between them the balance. In-app is proven by the probes.

The watchdog asks and keeps the answers (``Canary``); ``doctor`` and the page of channels read them.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F

from kernel.identifiers import uuid7
from notifications.models import Channel, ProviderAccount
from notifications.providers import mark
from notifications.providers.aliyun import AliyunSms, AliyunVoice, Approval
from notifications.providers.catalogue import provider_of
from notifications.providers.gateway import Gateway
from notifications.providers.ports import Failed, Outcome, Page, Provider, Sent
from notifications.providers.tencent import TencentSms
from notifications.providers.wecom import Wecom
from referrals.emergency.engine.ways import key_of
from referrals.emergency.models import Canary, ChainNow

KIND: Final = "canary"
EVERY: Final = {
    Channel.GATEWAY.value: 60,
    Channel.WECOM.value: 600,
    Channel.SMS.value: 21_600,
    Channel.VOICE.value: 21_600,
}
"""Channel → seconds between two canaries."""
ASKED_EVERY: Final = 3600
"""Seconds between two questions that write to nobody: balance, signature, application."""
_TEXT: Final = "心桥通道检测，请忽略。"


@dataclass(frozen=True, slots=True)
class Account:
    """A way to ask: ``ask`` takes the signing time and says how it went."""

    key: str
    provider: str
    channel: str
    every: int
    ask: Callable[[datetime], Outcome]


class Canaries:
    """Asks in the threads of ``pool``; what came back is written at the next look, by whoever may touch the database."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._came: dict[str, Outcome] = {}

    def ask_due(self, accounts: Iterable[Account], at: datetime) -> int:
        """Write what came back, then ask each account whose time it is, whoever else watches; returns how many were asked."""
        self.write()
        asked = 0
        for account in accounts:
            values = {"provider": account.provider, "channel": account.channel, "every_seconds": account.every}
            Canary.objects.get_or_create(key=account.key, defaults=values)
            due = Canary.objects.filter(key=account.key, next_at__lte=ChainNow())
            if due.update(next_at=ChainNow() + timedelta(seconds=account.every), asked_at=ChainNow(), **values):
                self._pool.submit(self._ask, account, at)
                asked += 1
        return asked

    def write(self) -> None:
        """Keep what came back since the last look."""
        with self._lock:
            came, self._came = self._came, {}
        with transaction.atomic():
            for key, outcome in came.items():
                rows = Canary.objects.filter(key=key)
                if isinstance(outcome, Sent):
                    rows.update(well_at=ChainNow(), result=outcome.code[:40], failures=0)
                else:
                    rows.update(result=outcome.code[:40], failures=F("failures") + 1)

    def _ask(self, account: Account, at: datetime) -> None:
        try:
            with mark.as_known():
                outcome = account.ask(at)
        except Exception as error:  # noqa: BLE001  nobody else looks at what a thread of the pool raises
            outcome = Failed(type(error).__name__)
        with self._lock:
            self._came[account.key] = outcome


def gateway_account() -> list[Account]:
    """The installation's gateway, where there is one. ``kind`` is ``canary``, ``to`` is nobody: it only answers 2xx."""
    if not Gateway.is_set():
        return []
    return [_sending("gateway", "gateway", Channel.GATEWAY.value, Gateway(), "", "")]


def accounts_of(row: ProviderAccount, template_id: str) -> list[Account]:
    """How an account of a school is asked; nobody is written to where no address for it is set."""
    provider, key = provider_of(row), key_of(row)
    found = []
    address: str = settings.CANARY_ADDRESSES.get(row.channel, "")
    if address:
        found.append(_sending(key, row.provider, row.channel, provider, address, template_id))
    questions = [(name, ask) for name, (kinds, ask) in _QUESTIONS.items() if isinstance(provider, kinds)]
    found += [
        Account(f"{key}:{name}", row.provider, row.channel, ASKED_EVERY, partial(ask, provider))
        for name, ask in questions
    ]
    return found


def silent_accounts() -> dict[str, float]:
    """Account → for how long one that was well, and is still asked, has not answered twice or oftener; seconds."""
    found: dict[str, float] = {}
    for row in Canary.objects.filter(failures__gte=2, well_at__isnull=False).annotate(at=ChainNow()):
        is_asked = row.asked_at is not None and row.at - row.asked_at < 2 * timedelta(seconds=row.every_seconds)
        if is_asked and row.well_at is not None:
            found[f"{row.provider}:{row.channel}"] = (row.at - row.well_at).total_seconds()
    return found


def _sending(key: str, name: str, channel: str, provider: Provider, to: str, template_id: str) -> Account:
    def ask(at: datetime) -> Outcome:
        page = Page(
            key=f"canary-{uuid7()}", channel=channel, to=to, school="", kind=KIND,
            template_id=template_id, subject=_TEXT, text=_TEXT, written_at=at,
        )  # fmt: skip
        return provider.send(page, at=at)

    return Account(key, name, channel, EVERY[channel], ask)


def _balance(provider: AliyunSms | AliyunVoice, at: datetime) -> Outcome:
    left = provider.balance(at=at)
    if isinstance(left, Failed):
        return left
    return Sent("", code=f"fen_{left}") if left > 0 else Failed("balance")


def _texts_left(provider: TencentSms, at: datetime) -> Outcome:
    left = provider.left(at=at)
    if isinstance(left, Failed):
        return left
    return Sent("", code=f"texts_{left}") if left > 0 else Failed("balance")


def _signature(provider: AliyunSms, at: datetime) -> Outcome:
    found = provider.signature(at=at)
    if isinstance(found, Failed):
        return found
    return Sent("", code=found.value) if found is Approval.GIVEN else Failed(found.value)


def _application(provider: Wecom, at: datetime) -> Outcome:
    found = provider.is_in_use(at=at)
    if isinstance(found, Failed):
        return found
    return Sent("", code="in_use") if found else Failed("switched_off")


_QUESTIONS: Final[Mapping[str, tuple[Any, Callable[[Any, datetime], Outcome]]]] = {
    "balance": ((AliyunSms, AliyunVoice), _balance),
    "texts": (TencentSms, _texts_left),
    "sign": (AliyunSms, _signature),
    "application": (Wecom, _application),
}
"""What is asked of an account without writing to anybody. Tencent Cloud tells of a signature by its id alone, which no school
enters; WeCom bills nothing.
"""
