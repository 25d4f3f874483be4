"""Whom the watchdog can call when no database answers: numbers and mail addresses of those on duty, kept in memory (chain §7)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from accounts.models import Membership
from kernel.clock import local_day
from notifications.models import Channel, ChannelRule, ProviderAccount
from notifications.providers.capability import Kind, may_carry
from referrals.emergency.engine.canaries import Account, accounts_of, gateway_account
from referrals.emergency.engine.ways import Way, installations, ways_out
from referrals.emergency.models import Chain, DutyLine, DutyShift, Incident, Leg, Report, Seat
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.resolving import Never, left_out_of, of_number
from referrals.emergency.rules.numbers import is_landline
from referrals.emergency.rules.plan_states import ChainState
from referrals.emergency.rules.step_rules import TEAM
from referrals.emergency.workflow.moving import chain_now
from tenancy.models import Tenant
from tenancy.scope import use_tenant

AHEAD: Final = timedelta(days=14)
"""Shifts so far ahead are kept: a database that stays away for days does not leave the book with last week's people."""
_CALLING: Final = (Channel.SMS, Channel.VOICE, Channel.EMAIL)
_MOST_WAYS: Final = 4
"""Accounts of schools by which the operator is called where the installation has nothing of its own that works."""
Ways = Mapping[str, tuple[Way, ...]]
"""Channel → the accounts that are asked in turn."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who can be called. ``hash``: of the number, as exclusions know it. ``since``, ``until``: of a shift."""

    number: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    member: UUID | None = None
    hash: bytes = field(default=b"", repr=False)
    since: datetime | None = None
    until: datetime | None = None

    def is_on(self, moment: datetime) -> bool:
        """Whether they are to be called at ``moment``: those in a seat always."""
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class SchoolBook:
    """A live school: who it is, whom its alarms reach, by which ways."""

    slug: str
    people: tuple[Entry, ...]
    ways: Ways


@dataclass(frozen=True, slots=True)
class Phonebook:
    """All that an alarm needs. ``operator``: of the installation, and each line that a school has named as its operator's."""

    operator: tuple[Entry, ...] = ()
    operator_ways: Ways = field(default_factory=dict)
    schools: Mapping[UUID, SchoolBook] = field(default_factory=dict)
    accounts: tuple[Account, ...] = ()


def of_settings() -> Phonebook:
    """What is known without any database."""
    return Phonebook(_operator([]), _usual_ways(), {}, tuple(gateway_account()))


def read() -> Phonebook:
    """The whole book, as the database has it now. DatabaseError when it does not answer."""
    schools: dict[UUID, SchoolBook] = {}
    lines: list[str] = []
    account_ways: dict[str, dict[str, Way]] = defaultdict(dict)
    accounts = {account.key: account for account in gateway_account()}
    for tenant in Tenant.objects.filter(is_active=True).order_by("pk"):
        with use_tenant(tenant.pk):
            chain = Chain.objects.filter(state=ChainState.LIVE.value).first()
            if chain is None:
                continue
            lines += DutyLine.objects.filter(pk=chain.operator_line_id).values_list("number", flat=True)
            ways = _ways()
            schools[tenant.pk] = SchoolBook(tenant.slug, tuple(_people(tenant.pk)), ways)
            for channel, own in ways.items():
                account_ways[channel] |= {way.key: way for way in own if len(account_ways[channel]) < _MOST_WAYS}
            accounts |= {account.key: account for account in _accounts()}
    usual = _usual_ways()
    by_school = {
        channel: tuple(({way.key: way for way in usual.get(channel, ())} | own).values())
        for channel, own in account_ways.items()
    }
    return Phonebook(_operator(lines), {**usual, **by_school}, schools, tuple(accounts.values()))


def left_out_now(tenant_id: UUID) -> Never:
    """Who must hear nothing of what is overdue in a school: whom it is about, and whom it must never reach."""
    with use_tenant(tenant_id):
        clocks = Q(pk__in=Leg.objects.exclude(next_at=None).values("incident_id")) | Q(next_at__isnull=False)
        unread = Q(
            pk__in=Report.objects.exclude(next_at=None).values("incident_id")
        )  # also after its incident has ended
        running = Incident.objects.filter(clocks | unread, is_drill=False)
        numbers: set[bytes] = set()
        members: set[UUID] = set()
        for incident in running.filter(Q(person__isnull=False) | Q(left_out__isnull=False)).distinct():
            never = left_out_of(incident)
            numbers |= never.numbers
            members |= never.members
        return Never(frozenset(numbers), frozenset(members))


def team_of(book: SchoolBook, moment: datetime, out: Never) -> list[Entry]:
    """Those of a school who are to be called at ``moment``, each once, but nobody who is left out."""
    found: dict[tuple[str, str], Entry] = {}
    for entry in book.people:
        if entry.is_on(moment) and entry.member not in out.members and entry.hash not in out.numbers:
            found.setdefault((entry.number, entry.email), entry)
    return list(found.values())


def _ways() -> Ways:
    found = {channel.value: tuple(ways_out(channel)) for channel in _CALLING}
    return {channel: ways for channel, ways in found.items() if ways}


def _accounts() -> list[Account]:
    rules = list(ChannelRule.objects.filter(is_allowed=True))
    found: list[Account] = []
    for row in ProviderAccount.objects.filter(is_active=True).order_by("pk"):
        own = [rule for rule in rules if rule.provider == row.provider]
        found += accounts_of(row, may_carry(own, Kind.PAGE, row.channel).template_id)
    return found


def _usual_ways() -> Ways:
    found = {channel.value: tuple(installations(channel)) for channel in _CALLING}
    return {channel: ways for channel, ways in found.items() if ways}


def _operator(lines: Iterable[str]) -> tuple[Entry, ...]:
    own = [Entry(number=number) for number in dict.fromkeys([settings.OPERATOR_PHONE, *lines]) if number]
    return (*own, *([Entry(email=settings.OPERATOR_EMAIL)] if settings.OPERATOR_EMAIL else ()))


def _people(tenant_id: UUID) -> list[Entry]:
    """Whoever holds a seat of the team, and the shifts of the next days."""
    now = chain_now()
    shifts = list(DutyShift.objects.filter(ends_at__gt=now, starts_at__lt=now + AHEAD).order_by("starts_at", "layer"))
    day = local_day(now, Tenant.objects.only("time_zone").get(pk=tenant_id).time_zone)
    seats = list(
        Seat.objects.filter(
            Q(until__isnull=True) | Q(until__gt=day), since__lte=day, kind__in=[kind.value for kind in TEAM]
        )
    )
    members = {row.holder_id for row in (*shifts, *seats)} | {row.deputy_id for row in seats}
    lines = {row.line_id for row in shifts} | {pk for row in seats for pk in (row.holder_line_id, row.deputy_line_id)}
    known = {row.pk: row for row in Membership.objects.current(day).accepted().filter(pk__in=members - {None})}
    numbers = dict(DutyLine.objects.filter(pk__in=lines - {None}, is_active=True).values_list("pk", "number"))

    def entry(member: UUID | None, line: UUID | None, since: datetime | None, until: datetime | None) -> list[Entry]:
        person = known.get(member) if member else None
        number = (person.phone if person else numbers.get(line, "")) or ""
        if not number and person is None:
            return []
        is_callable = of_number("", number) is not None
        return [
            Entry(
                number if is_callable else "",
                person.email if person else "",
                person.pk if person else None,
                number_hash(tenant_id, number) if number else b"",
                since,
                until,
            )
        ]

    found = [one for row in shifts for one in entry(row.holder_id, row.line_id, row.starts_at, row.ends_at)]
    for row in seats:
        found += entry(row.holder_id, row.holder_line_id, None, None)
        found += entry(row.deputy_id, row.deputy_line_id, None, None)
    return found


def channels_of(entry: Entry) -> Collection[str]:
    """By which ways somebody is called: a landline by voice alone."""
    found = []
    if entry.number:
        is_fixed = is_landline(entry.number) or entry.number.startswith("400")
        found += [Channel.VOICE.value] if is_fixed else [Channel.SMS.value, Channel.VOICE.value]
    if entry.email:
        found.append(Channel.EMAIL.value)
    return found
