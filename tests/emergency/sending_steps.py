"""Pages that wait, the accounts by which they leave, and the real servers behind those."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from kernel.clock import now
from notifications.models import ChannelRule, ProviderAccount
from notifications.providers.circuit import Limits as CircuitLimits
from notifications.providers.clock import database_moment
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.models import Delivery, Leg, Recipient, Timeline
from referrals.emergency.models.contacts import number_hash
from tenancy.scope import current_tenant_id
from tests.emergency.incident_rows import delivery_row, incident_row, leg_row, recipient_row
from tests.providers.servers import StandIn, open_stand_in
from tests.providers.stand_ins import AliyunStandIn, TencentStandIn, WecomStandIn

CREDENTIALS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("aliyun", "sms"): {"key_id": "LTAI-one", "key_secret": "s3cr3t-of-one", "name": "育才中学"},
    ("aliyun", "voice"): {
        "key_id": "LTAI-one", "key_secret": "s3cr3t-of-one", "name": "057188886666", "reply_template": "TTS_heard",
    },
    ("tencent", "sms"): {"secret_id": "AKID-one", "secret_key": "k3y-of-one", "app_id": "1400006666", "name": "育才中学"},
    ("wecom", "wecom"): {"corp_id": "ww1", "secret": "app-secret", "agent_id": "1000002"},
}  # fmt: skip
TEMPLATES = {"aliyun:sms": "SMS_1", "aliyun:voice": "TTS_1", "tencent:sms": "1110", "wecom:wecom": ""}


def account_row(provider: str, channel: str = "sms", *, is_proven: bool = True, **values: Any) -> ProviderAccount:
    """An account that works, with an approved template for calls."""
    row = ProviderAccount(provider=provider, channel=channel, **values)
    row.credentials = json.dumps(CREDENTIALS[provider, channel], ensure_ascii=False)
    if is_proven:
        row.tested_at = row.proven_at = now()
    row.save(force_insert=True)
    return row


def template_row(provider: str, channel: str = "sms", *kinds: str, template: str | None = None) -> None:
    """Approved templates, of calls and notices unless said otherwise."""
    given = TEMPLATES[f"{provider}:{channel}"] if template is None else template
    for kind in kinds or ("page", "outside", "stand_down"):
        ChannelRule.objects.create(provider=provider, channel=channel, kind=kind, is_allowed=True, template_id=given)


@dataclass
class Cloud:
    """The providers' stand-ins, each a server of its own."""

    aliyun: AliyunStandIn
    tencent: TencentStandIn
    wecom: WecomStandIn
    servers: Mapping[str, StandIn] = field(default_factory=dict)


@contextmanager
def open_cloud(settings: Any) -> Iterator[Cloud]:
    """All of them, at the addresses that providers are called at."""
    at = database_moment()
    cloud = Cloud(AliyunStandIn(now=at), TencentStandIn(now=at), WecomStandIn())
    with (
        open_stand_in(cloud.aliyun) as sms,
        open_stand_in(cloud.aliyun) as voice,
        open_stand_in(cloud.tencent) as tencent,
        open_stand_in(cloud.wecom) as wecom,
    ):
        cloud.servers = {"aliyun_sms": sms, "aliyun_voice": voice, "tencent_sms": tencent, "wecom": wecom}
        urls = {name: server.url for name, server in cloud.servers.items()}
        settings.PROVIDER_ADDRESSES = {**settings.PROVIDER_ADDRESSES, **urls, "aliyun_balance": sms.url}
        yield cloud


class Ticking(Circuits):
    """Circuits whose clock the test moves; two failures open one."""

    def __init__(self) -> None:
        self.at = 0.0
        super().__init__(lambda: self.at, CircuitLimits(failures=2))


def leg_that_pages(**values: Any) -> Leg:
    """A leg of an open incident; nothing of it is due."""
    return leg_row(incident_row(), **({"next_at": now() + timedelta(minutes=2)} | values))


def page_row(
    leg: Leg, number: str, *, channel: str = "sms", text: str = "emergency_page_school", **values: Any
) -> Delivery:
    """A page to whoever has ``number``, due now. The same number in one leg is the same recipient."""
    target = number_hash(current_tenant_id(), number)
    recipient = Recipient.objects.filter(leg=leg, target_hash=target).first()
    if recipient is None:
        recipient = recipient_row(leg, target_hash=target, shown_number="0427", member=values.pop("member", None))
        recipient.address = number
        recipient.save()
    values.pop("member", None)
    return delivery_row(recipient, channel=channel, text=text, **({"due_at": now() - timedelta(seconds=1)} | values))


def told(leg: Leg) -> list[tuple[str, str]]:
    """What the incident says of its pages: (code, why)."""
    rows = Timeline.objects.filter(leg=leg, code__startswith="delivery.").order_by("at", "pk")
    return [(code, facts["why"]) for code, facts in rows.values_list("code", "facts")]


def state(page: Delivery) -> tuple[str, str, str]:
    """(state, provider, error) as they are now."""
    page.refresh_from_db()
    return page.state, page.provider, page.error


def is_due_now(page: Delivery) -> bool:
    """Whether it is to leave by now."""
    page.refresh_from_db()
    return page.due_at <= now()
