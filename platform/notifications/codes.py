"""Sends a person's code by text (``settings.SIGN_IN_SMS``): by the school's own accounts, else by the installation's gateway."""

import logging
import secrets
from collections.abc import Iterator
from typing import Final

from django.conf import settings

from kernel.identifiers import uuid7
from notifications.models import Channel
from notifications.providers.capability import Kind, may_carry
from notifications.providers.catalogue import provider_of
from notifications.providers.clock import signing_clock
from notifications.providers.gateway import Gateway
from notifications.providers.ports import Page, Provider, Sent
from notifications.selectors import open_ways, own_accounts, rules_of
from notifications.texts import render
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

logger = logging.getLogger(__name__)

TEXT: Final = "sign_in_code"


def is_offered() -> bool:
    """Whether a code can leave for the open school at all."""
    return Gateway.is_set() or Channel.SMS.value in own_accounts().carrying(Kind.CODE)


def send_code(*, phone: str, code: str) -> None:
    """Send ``code`` to ``phone`` (E.164), by the first account that takes it; the order is that of the chain.

    Nothing is raised and nothing tells whether it left: the answer is out already, and the person asks for another.
    """
    text = render(TEXT, {"number": code}, settings.LANGUAGE_CODE)
    school = Tenant.objects.only("slug").get(pk=current_tenant_id())
    at = signing_clock.now()
    key = f"code:{uuid7()}"
    for carrier, template in _carriers():
        page = Page(
            key=key,
            channel=Channel.SMS,
            to=phone,
            school=school.slug,
            kind=Kind.CODE.value,
            template_id=template,
            params={"code": code},
            subject=text.subject,
            text=f"{text.subject}。{text.body}",
            call_reference=secrets.token_hex(16),
            written_at=at,
        )
        outcome = carrier.send(page, at=at)
        if isinstance(outcome, Sent):
            return
        logger.warning("a code was not taken by %s: %s", carrier.name, outcome.code)


def _carriers() -> Iterator[tuple[Provider, str]]:
    """Each with the approved template of codes. Accounts that were seen to work come before the gateway, others after it."""
    proven: list[tuple[Provider, str]] = []
    others: list[tuple[Provider, str]] = []
    for way in open_ways(Channel.SMS):
        if way.account is None:
            continue
        verdict = may_carry(rules_of(way.account.provider, way.account.channel), Kind.CODE, way.account.channel)
        if verdict.is_carried:
            known = proven if way.account.proven_at is not None else others
            known.append((provider_of(way.account), verdict.template_id))
    yield from proven
    if Gateway.is_set():
        yield Gateway(), ""
    yield from others
