"""By which accounts a channel goes out for the open school, in which order, and with which approved template."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from notifications.models import Channel, ChannelRule, ProviderAccount
from notifications.providers.capability import Kind, Rule, Verdict, may_carry
from notifications.providers.catalogue import credentials_of, provider_of
from notifications.providers.gateway import Gateway
from notifications.providers.loop import Post
from notifications.providers.mail import Mail
from notifications.providers.ports import SECONDS, Failed, Outcome, Page, Provider, Trouble
from notifications.providers.wecom import Wecom
from notifications.selectors import WayState, open_ways
from referrals.emergency.rules.limits import Limits
from tenancy.messages import Part, columns_of, read, send_in
from tenancy.models import Tenant
from tenancy.rounds import is_database_gone
from tenancy.scope import no_scope, use_tenant
from vault.blind import blind_index
from vault.keyring import GLOBAL_TENANT

logger = logging.getLogger(__name__)

_MOST_KEPT: Final = 10_000
MEMBER_KEPT_SECONDS: Final = 600.0

_DOOR: Final = f"""
    SELECT {columns_of(Tenant, "school")}, EXISTS (SELECT FROM notifications_provideraccount AS one
        WHERE one.tenant_id = school.id AND one.channel = %s AND one.is_active)
    FROM tenancy_tenant AS school WHERE school.id = %s"""  # noqa: S608  names of the schema


@dataclass(frozen=True, slots=True)
class Way:
    """One account for one channel. ``key``: the same for one account of a provider, whichever schools have entered it.

    ``rules``: the school's lines on what it may carry. ``limits``: the account's own. ``counts``: whether the limits of
    numbers are ours to keep; a gateway keeps its own.
    """

    key: str
    name: str
    channel: str
    provider: Provider = field(repr=False)
    rules: tuple[Rule, ...] = ()
    limits: Limits = field(default_factory=Limits)
    counts: bool = True

    def carries(self, kind: Kind) -> Verdict:
        """Whether, and with which template, a message of ``kind`` may go this way. The installation's own ways carry all."""
        return may_carry(self.rules, kind, self.channel) if self.counts else Verdict()

    def send(self, page: Page, *, at: datetime, seconds: float = SECONDS) -> Outcome:
        """Hand ``page`` over. To WeCom ``page.to`` is a mobile number; the member's id is asked for once and kept."""
        if not isinstance(self.provider, Wecom) or not page.to.startswith("+"):
            return self.provider.send(page, at=at, seconds=seconds)
        whose = (self.key, page.to)
        until = time.monotonic() + seconds
        if kept := _members.of(whose):
            outcome = self.provider.send(replace(page, to=kept), at=at, seconds=seconds)
            if not (isinstance(outcome, Failed) and outcome.code == Trouble.NOT_REACHED):
                return outcome
            _members.keep(whose, "")  # somebody has another id now: asked for anew, for this page too
        member = self.provider.member_of(page.to, at=at, seconds=until - time.monotonic())
        if isinstance(member, Failed):
            return member
        _members.keep(whose, member)
        return self.provider.send(replace(page, to=member), at=at, seconds=until - time.monotonic())

    def post(self, page: Page, *, at: datetime) -> Post | Failed | None:
        """What is to be said to hand ``page`` over without waiting for it; None where only ``send`` does it."""
        return self.provider.post(page, at=at)

    def member(self, to: str) -> str:
        """Whom WeCom shows what was sent to ``to``, as far as this process knows; empty for every other way."""
        if not isinstance(self.provider, Wecom):
            return ""
        return _members.last((self.key, to)) if to.startswith("+") else to


class Members:
    """WeCom's ids by number, of this process, each for ``MEMBER_KEPT_SECONDS``: a number is given to somebody else, and their
    pages must not go to whoever had it before. An id that reaches nobody is asked for anew at once.

    ``count`` is a steady clock in seconds, handed in by tests.
    """

    def __init__(self, count: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[str, float]] = {}

    def of(self, whose: tuple[str, str]) -> str:
        """Empty while it is not known."""
        with self._lock:
            member, until = self._kept.get(whose, ("", 0.0))
        return member if self._count() < until else ""

    def last(self, whose: tuple[str, str]) -> str:
        """To whom a page went that has just left, however long that is known."""
        with self._lock:
            return self._kept.get(whose, ("", 0.0))[0]

    def keep(self, whose: tuple[str, str], member: str) -> None:
        """An empty one is forgotten."""
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[whose] = member, self._count() + MEMBER_KEPT_SECONDS


_members: Final = Members()


def key_of(row: ProviderAccount) -> str:
    """The same for one account of a provider, whichever schools have entered it."""
    whole = "|".join(f"{name}={value}" for name, value in sorted(credentials_of(row).items()))
    return f"{row.provider}:{row.channel}:{blind_index(GLOBAL_TENANT, 'emergency.canary', whole).hex()[:32]}"


def ways_out(channel: str) -> list[Way]:
    """The ways of ``channel`` in the order in which they are tried: the school's own accounts that were seen to work, the
    installation's gateway, and last the accounts that nobody has proven. Empty when there is none.
    """
    found = open_ways(channel)
    rules = tuple(ChannelRule.objects.filter(channel=channel)) if found else ()
    own = [(way.state is WayState.UNPROVEN, way_of(way.account, rules)) for way in found if way.account is not None]
    proven = [way for is_new, way in own if not is_new]
    return [*proven, *installations(channel), *(way for is_new, way in own if is_new)]


@dataclass(frozen=True, slots=True)
class Door:
    """How pages of a school leave: the school, as its letters name it, and its ways of one channel."""

    school: Tenant
    ways: Sequence[Way]


def doors(channel: str, schools: Collection[UUID]) -> dict[UUID, Door]:
    """By school, in one message for all of them; only those that have an account of their own on ``channel`` are asked more."""
    with no_scope():
        told = send_in(*((school, Part(_DOOR, (channel, school))) for school in schools))
    found: dict[UUID, Door] = {}
    for school, [row] in zip(schools, told, strict=True):
        with use_tenant(school):
            [tenant] = read(Tenant, [row[:-1]])
            found[school] = Door(tenant, _own_ways(channel, school) if row[-1] else installations(channel))
    return found


def _own_ways(channel: str, school: UUID) -> list[Way]:
    """Where a school's accounts cannot be read, its pages leave by the installation's, and other schools' do not wait."""
    try:
        return ways_out(channel)
    except Exception as error:
        if is_database_gone(error):
            raise
        logger.error("accounts of school %s on %s cannot be read: %s", school, channel, type(error).__name__)
        return installations(channel)


def installations(channel: str) -> list[Way]:
    """What the installation itself has: its mailer, and one gateway, however many schools."""
    if channel == Channel.EMAIL:
        return [Way("mail", "mail", channel, Mail(), counts=False)]
    if not Gateway.is_set() or channel not in Gateway.channels:
        return []
    return [Way(f"gateway:{channel}", "gateway", channel, Gateway(), counts=False)]


def way_of(account: ProviderAccount, rules: Iterable[ChannelRule]) -> Way:
    """The way that an account opens; of ``rules`` those of its provider and channel."""
    return Way(
        key_of(account),
        account.provider,
        account.channel,
        provider_of(account),
        tuple(rule for rule in rules if (rule.provider, rule.channel) == (account.provider, account.channel)),
        Limits(account.per_minute, account.per_hour, account.per_day),
    )
