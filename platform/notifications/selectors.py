"""Reads a school's ways out: which accounts there are, how each stands, what it may carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import QuerySet

from kernel.clock import now
from notifications.models import ChannelRule, ProviderAccount
from notifications.providers.capability import Kind, may_carry
from notifications.providers.catalogue import CATALOGUE, Entry
from tenancy.messages import together


class WayState(StrEnum):
    """How a way out stands; ``old``: it was proven, but longer ago than ``PROOF_LASTS``."""

    UNSET = "unset"
    OFF = "off"
    UNPROVEN = "unproven"
    OLD = "old"
    PROVEN = "proven"


PROOF_LASTS: Final = timedelta(days=90)
"""Chain §8: a channel counts as proven for so long."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way out as it stands; ``account`` is None while the school has entered none."""

    entry: Entry
    account: ProviderAccount | None

    @property
    def state(self) -> WayState:
        """By what was entered, switched and typed."""
        if self.account is None:
            return WayState.UNSET
        if not self.account.is_active:
            return WayState.OFF
        if self.account.proven_at is None:
            return WayState.UNPROVEN
        return WayState.PROVEN if now() - self.account.proven_at < PROOF_LASTS else WayState.OLD


def ways() -> list[Way]:
    """Every way out that a school may open, in the catalogue's order."""
    accounts = {(row.provider, row.channel): row for row in ProviderAccount.objects.all()}
    return [Way(entry, accounts.get(key)) for key, entry in CATALOGUE.items()]


_ORDER: Final = (WayState.PROVEN, WayState.OLD, WayState.UNPROVEN)


def open_ways(channel: str) -> list[Way]:
    """Those of a channel that may be used now: the proven ones first, then in the catalogue's order."""
    usable = [
        way for way in ways() if way.entry.channel == channel and way.account is not None and way.account.is_active
    ]
    return sorted(usable, key=lambda way: _ORDER.index(way.state))


@dataclass(frozen=True, slots=True)
class OwnAccounts:
    """The open school's accounts that are switched on, and its lines of what they may carry."""

    accounts: Sequence[ProviderAccount]
    rules: Sequence[ChannelRule]

    @property
    def channels(self) -> frozenset[str]:
        """The channels that the school can use by an account of its own."""
        return frozenset(account.channel for account in self.accounts)

    def carrying(self, kind: Kind) -> frozenset[str]:
        """Those of them that may carry a message of ``kind`` by at least one account."""
        return frozenset(
            account.channel
            for account in self.accounts
            if may_carry(
                [rule for rule in self.rules if rule.provider == account.provider], kind, account.channel
            ).is_carried
        )


def own_accounts(*also: QuerySet[Any]) -> OwnAccounts:
    """Both read in one message, with ``also``: what else is asked for with them."""
    accounts, rules = ProviderAccount.objects.filter(is_active=True), ChannelRule.objects.all()
    together(accounts, rules, *also)
    return OwnAccounts(list(accounts), list(rules))


def rules_of(provider: str, channel: str) -> list[ChannelRule]:
    """The school's own lines of the table, for ``capability.may_carry``."""
    return list(ChannelRule.objects.filter(provider=provider, channel=channel))
