"""The only writers of a school's ways out: accounts with providers, what they may carry, and how they were proven.

A secret goes in and never comes out: pages, records and logs hold the names of what was changed alone.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from accounts.actor import Actor, require
from accounts.phone_proof import proved_phone_of
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany
from kernel.identifiers import uuid7
from notifications.models import Channel, ChannelRule, ProviderAccount
from notifications.models.providers import CALL_BACK
from notifications.providers.capability import DEFAULTS, Carries, Kind, may_carry
from notifications.providers.catalogue import CATALOGUE, Entry, credentials_of, provider_of
from notifications.providers.clock import signing_clock
from notifications.providers.ports import Failed, Outcome, Page
from notifications.providers.wecom import Wecom
from notifications.selectors import rules_of
from notifications.texts import render
from tenancy.models import Tenant

MANAGE: Final = "channel.manage"
LIMITS: Final = ("per_minute", "per_hour", "per_day")
MOST_PER_SPAN: Final = 100_000
AGAIN_AFTER: Final = timedelta(minutes=1)
CODE_LASTS: Final = timedelta(minutes=30)
MOST_TRIES: Final = 5
UNDER_WAY: Final = "under_way"
_TEMPLATE: Final = re.compile(r"[A-Za-z0-9_.\-]{0,80}", re.ASCII)


def _entry(provider: str, channel: str) -> Entry:
    entry = CATALOGUE.get((provider, channel))
    if entry is None:
        raise NotFound
    return entry


def _locked(provider: str, channel: str) -> ProviderAccount:
    rows = ProviderAccount.objects.select_for_update(no_key=True)
    account: ProviderAccount | None = rows.filter(provider=provider, channel=channel).first()
    if account is None:
        raise NotFound
    return account


@transaction.atomic
def save_account(
    *,
    actor: Actor,
    provider: str,
    channel: str,
    credentials: Mapping[str, str],
    callback_number: str,
    is_active: bool,
    limits: Mapping[str, int],
) -> ProviderAccount:
    """Enter an account, or change it; a secret that is left empty stays. Other credentials or another number to call back
    must be proven anew.

    Needs ``channel.manage``. NotFound for what stands in no catalogue, Invalid with one row a fault, Conflict
    ``channel_exists`` when somebody else entered it in the same moment.
    """
    require(actor, MANAGE)
    entry = _entry(provider, channel)
    rows = ProviderAccount.objects.select_for_update(no_key=True)
    account = rows.filter(provider=provider, channel=channel).first()
    before = credentials_of(account) if account else {}
    wanted = _merged(entry, credentials, before)
    number = callback_number.strip()
    if faults := [*_credential_faults(entry, wanted), *_other_faults(number, limits)]:
        raise Invalid("out_of_range", fields=tuple(faults))
    is_new = account is None
    account = account or ProviderAccount(provider=provider, channel=channel)
    if is_new or wanted != before or number != account.callback_number:
        account.credentials = json.dumps(wanted, ensure_ascii=False)
        account.proven_at = account.tested_at = None
        account.test_code, account.test_result, account.test_tries = None, "", 0
    account.callback_number, account.is_active = number, is_active
    for name in LIMITS:
        setattr(account, name, limits[name])
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise Conflict("channel_exists") from error
    _record(actor, "channel.save", account, is_active=is_active)
    return account


def _merged(entry: Entry, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    wanted = {}
    for credential in entry.credentials:
        value = given.get(credential.name, "").strip()
        wanted[credential.name] = value or (before.get(credential.name, "") if credential.is_secret else "")
    return wanted


def _credential_faults(entry: Entry, values: Mapping[str, str]) -> list[tuple[str, str, str]]:
    faults = [
        (credential.name, "credential_wrong" if values[credential.name] else "required", "")
        for credential in entry.credentials
        if not credential.fits(values[credential.name])
    ]
    if bool(values.get("callback_token")) != bool(values.get("callback_key")):
        faults.append(("callback_key", "callback_pair", ""))
    return faults


def _other_faults(number: str, limits: Mapping[str, int]) -> list[tuple[str, str, str]]:
    faults = []
    if number and not re.fullmatch(CALL_BACK, number, re.ASCII):
        faults.append(("callback_number", "callback_number_wrong", ""))
    faults += [
        (name, "out_of_range", f"0–{MOST_PER_SPAN}") for name in LIMITS if not 0 <= limits[name] <= MOST_PER_SPAN
    ]
    return faults


@transaction.atomic
def save_rules(*, actor: Actor, provider: str, channel: str, rules: Mapping[str, tuple[bool, str]]) -> list[str]:
    """What the channel may carry: kind → (allowed, id of the approved template). The kinds that changed.

    Needs ``channel.manage``. NotFound without an account. Invalid with one row a fault: ``template_wrong``, and
    ``never_carried`` for what carriers refuse whatever is written.
    """
    require(actor, MANAGE)
    account = _locked(provider, channel)
    defaults = DEFAULTS[channel]
    faults = [(kind, "never_carried", "") for kind in rules if defaults[Kind(kind)] is Carries.NEVER]
    faults += [(kind, "template_wrong", "") for kind in rules if not _TEMPLATE.fullmatch(rules[kind][1])]
    if faults:
        raise Invalid("out_of_range", fields=tuple(faults))
    kept = {row.kind: row for row in rules_of(provider, channel)}
    changed = []
    for kind, (is_allowed, template_id) in rules.items():
        row = kept.get(kind)
        if (is_allowed, template_id) == ((row.is_allowed, row.template_id) if row else (True, "")):
            continue
        ChannelRule.objects.update_or_create(
            provider=provider,
            channel=channel,
            kind=kind,
            defaults={"is_allowed": is_allowed, "template_id": template_id},
        )
        changed.append(kind)
    if changed:
        _record(actor, "channel.rules", account, kinds=changed)
    return changed


@dataclass(frozen=True, slots=True)
class Test:
    """A test that is about to be sent."""

    account: ProviderAccount
    code: str = field(repr=False)
    phone: str = field(repr=False)


def send_test(*, actor: Actor, tenant: Tenant, provider: str, channel: str) -> ProviderAccount:
    """Send four digits to the actor's own proven number, by this way out; what came of it stands in the account.

    Taken is not proven: that is when the digits are typed (``prove``). Refused as ``begin_test`` says. The call to the
    provider stands between two transactions.
    """
    test = begin_test(actor=actor, provider=provider, channel=channel)
    outcome = _sent(test, tenant)
    with transaction.atomic():
        account = _locked(provider, channel)
        if account.test_code == test.code:  # else somebody began another meanwhile
            account.test_result = outcome.code if isinstance(outcome, Failed) else ""
            account.save(update_fields=["test_result"])
        _record(actor, "channel.test", account, outcome=account.test_result or "taken")
    return account


@transaction.atomic
def begin_test(*, actor: Actor, provider: str, channel: str) -> Test:
    """Note that a test begins. Needs ``channel.manage``. NotFound without an account; Refused ``channel_no_number`` without
    a proven number of one's own; TooMany ``channel_test_soon`` within a minute of the last.
    """
    require(actor, MANAGE)
    account = _locked(provider, channel)
    phone = proved_phone_of(actor)
    if not phone:
        raise Refused("channel_no_number")
    if account.tested_at is not None and now() - account.tested_at < AGAIN_AFTER:
        raise TooMany("channel_test_soon")
    code = f"{secrets.randbelow(10_000):04d}"
    account.test_code, account.test_tries = code, 0
    account.tested_at, account.test_result = now(), UNDER_WAY
    account.save(update_fields=["test_code_sealed", "test_tries", "tested_at", "test_result"])
    return Test(account, code, phone)


def _sent(test: Test, tenant: Tenant) -> Outcome:
    account, at = test.account, signing_clock.now()
    carrier = provider_of(account)
    to: str | Failed = test.phone
    if isinstance(carrier, Wecom):
        to = carrier.member_of(test.phone, at=at)
    if isinstance(to, Failed):
        return to
    text = render("channel_test", {"number": test.code}, settings.LANGUAGE_CODE)
    verdict = may_carry(rules_of(account.provider, account.channel), Kind.CODE, account.channel)
    page = Page(
        key=f"test:{uuid7()}",
        channel=account.channel,
        to=to,
        school=tenant.slug,
        kind=Kind.CODE.value,
        template_id=verdict.template_id,
        params={"code": test.code},
        subject=text.subject,
        text=text.body,
        call_reference=secrets.token_hex(16),
    )
    return carrier.send(page, at=at)


def prove(*, actor: Actor, provider: str, channel: str, code: str) -> ProviderAccount:
    """The digits that arrived: from now on the way out is proven.

    Needs ``channel.manage``. NotFound without an account. Invalid ``channel_code_wrong`` for other digits, after
    ``MOST_TRIES`` tries and after ``CODE_LASTS``: nothing tells which. A try is counted under a lock, whatever it was.
    """
    require(actor, MANAGE)
    with transaction.atomic():
        account = _locked(provider, channel)
        is_right = _is_right(account, code)
        if is_right:
            account.proven_at = now()
            account.test_code, account.test_tries = None, 0
            account.save(update_fields=["proven_at", "test_code_sealed", "test_tries"])
            _record(actor, "channel.prove", account)
        elif account.test_tries < MOST_TRIES:
            account.test_tries += 1
            account.save(update_fields=["test_tries"])
    if not is_right:
        raise Invalid("channel_code_wrong", fields=(("code", "channel_code_wrong", ""),))
    return account


def _is_right(account: ProviderAccount, code: str) -> bool:
    if not account.test_code or account.test_tries >= MOST_TRIES or account.tested_at is None:
        return False
    is_fresh = now() - account.tested_at < CODE_LASTS
    return is_fresh and constant_time_compare(code.strip(), account.test_code)


def _record(actor: Actor, action: str, account: ProviderAccount, **facts: Any) -> None:
    told = {"provider": account.provider, "channel": Channel(account.channel).value, **facts}
    record(actor=actor, action=action, obj=account, facts=told)
