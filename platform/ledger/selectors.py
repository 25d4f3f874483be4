"""Reads the ledger for finance, the union and a person. Nothing here locks or writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from kernel.clock import local_day
from ledger.keys import ALONE, AccountKey, Balance, Book, Bucket
from ledger.models import Account, Entry
from tenancy.messages import together

PAGE = 50


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """An account and its balance, for a table."""

    key: AccountKey
    balance: Balance

    @property
    def used_bp(self) -> int:
        """Share of the grant that is reserved or spent, in basis points (rules §1: no float)."""
        return (
            (self.balance.reserved + self.balance.spent) * 10_000 // self.balance.granted if self.balance.granted else 0
        )


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry as finance sees it: a neutral code, an amount, a moment; no person, no service."""

    id: UUID
    kind: str
    reference: str
    reason: str
    amount: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Newest first; ``next`` is the cursor of the following page or None."""

    results: list[Movement]
    next: UUID | None


def balance(key: AccountKey) -> Balance:
    """The account as last committed, without a lock: for screens, never for a decision."""
    return balance_of({Bucket(row.bucket): row for row in rows_of([key])})


def balances(keys: Iterable[AccountKey]) -> dict[AccountKey, Balance]:
    """Many accounts in one query; one without rows is all zero."""
    wanted = list(keys)
    found = {row.key: row.balance for row in _balances(rows_of(wanted))}
    return {key: found.get(key, Balance()) for key in wanted}


def pools(period: int) -> list[AccountBalance]:
    """Every pool of the year, in the order of its scheme."""
    return _balances(Account.objects.filter(book=Book.POOL.value, period=period).order_by("owner", "unit"))


def entries(account: Account | AccountKey, cursor: UUID | None = None, *, page: int = PAGE) -> EntryPage:
    """The entries of one account (or of the account's available bucket: everything passes through it), newest first."""
    if isinstance(account, AccountKey):
        rows = Entry.objects.filter(account__in=rows_of([account]).filter(bucket=Bucket.AVAILABLE.value))
    else:
        rows = Entry.objects.filter(account=account)
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor)
    found = list(rows.prefetch_related("transfer").order_by("-pk")[: page + 1])
    shown = found[:page]
    return EntryPage(
        results=[
            Movement(
                entry.pk,
                entry.transfer.kind,
                entry.transfer.reference,
                entry.transfer.reason,
                entry.amount,
                entry.transfer.created_at,
            )
            for entry in shown
        ],
        next=shown[-1].pk if len(found) > page else None,
    )


def difference() -> int:
    """How far the books are off, recomputed from the entries; 0 or something is very wrong (M2).

    Sum over all accounts of |balance − Σ entries|, plus |Σ entries| of every transfer, plus, of every line, how far what its
    live reservations still hold is from what the line has reserved (M6).
    """
    drifting = (
        Account.objects.order_by()
        .annotate(total=Coalesce(Sum("entries__amount"), Value(0, output_field=BigIntegerField())))
        .exclude(balance=F("total"))
        .values_list("balance", "total")
    )
    crooked = (
        Entry.objects.order_by().values("transfer", "account__unit").annotate(total=Sum("amount")).exclude(total=0)
    )
    held = (
        Entry.objects.filter(account__bucket=Bucket.RESERVED.value)
        .order_by()
        .values("account", "account__balance", reservation=Coalesce("transfer__against", "transfer"))
        .annotate(held=Sum("amount"))
    )
    together(drifting, crooked, held)
    return int(
        sum(abs(balance - total) for balance, total in drifting)
        + sum(abs(row["total"]) for row in crooked)
        + _off_reservations(held)
    )


def _off_reservations(rows: Iterable[Mapping[str, Any]]) -> int:
    """Σ over all lines of |Σ of what each reservation still holds, none below zero, − bucket ``reserved``|."""
    off: dict[UUID, int] = {}
    for row in rows:
        stands = off.setdefault(row["account"], row["account__balance"])
        off[row["account"]] = stands - max(row["held"], 0)
    return sum(map(abs, off.values()))


def returned(key: AccountKey) -> int:
    """What left the account again by returns and carries, in its unit: Σ granted = available + reserved + spent + returned."""
    rows = Entry.objects.filter(account__in=rows_of([key]).filter(bucket=Bucket.GRANTED.value), amount__gt=0)
    return rows.aggregate(total=Sum("amount"))["total"] or 0


def monthly(key: AccountKey) -> tuple[dict[int, int], dict[int, int]]:
    """``(granted, used)`` of the account's period, month → net, in its unit.

    ``granted`` less what was returned, ``used`` is reserved or spent less what came back. What was booked before the year counts
    in January, after it in December (the school's days).
    """
    entries = Entry.objects.filter(account__in=rows_of([key]).filter(bucket=Bucket.AVAILABLE.value))
    granted: dict[int, int] = {}
    used: dict[int, int] = {}
    for amount, kind, at in entries.values_list("amount", "transfer__kind", "transfer__created_at"):
        day = local_day(at)
        month = day.month if day.year == key.period else 1 if day.year < key.period else 12
        if kind in ALONE:
            granted[month] = granted.get(month, 0) + amount
        else:
            used[month] = used.get(month, 0) - amount
    return granted, used


def reserved_rows() -> QuerySet[Account, Any]:
    """``(book, owner, period, unit, amount)`` of every line that has something reserved, in its unit."""
    rows = Account.objects.filter(bucket=Bucket.RESERVED.value, balance__gt=0).order_by()
    return rows.values_list("book", "owner", "period", "unit", "balance")


def rows_of(keys: Iterable[AccountKey]) -> QuerySet[Account]:
    """The rows of these accounts, all buckets."""
    wanted = [Q(book=key.book, owner=key.owner, period=key.period, unit=key.unit) for key in keys]
    return Account.objects.filter(reduce(or_, wanted)) if wanted else Account.objects.none()


def balance_of(buckets: Mapping[Bucket, Account]) -> Balance:
    """An account's rows as a balance. The source runs negative; a grant is shown positive."""

    def of(bucket: Bucket) -> int:
        return int(buckets[bucket].balance) if bucket in buckets else 0

    return Balance(
        granted=-of(Bucket.GRANTED),
        available=of(Bucket.AVAILABLE),
        reserved=of(Bucket.RESERVED),
        spent=of(Bucket.SPENT),
    )


def _balances(rows: Iterable[Account]) -> list[AccountBalance]:
    grouped: dict[AccountKey, dict[Bucket, Account]] = {}
    for row in rows:
        grouped.setdefault(AccountKey(row.book, row.owner, row.period, row.unit), {})[Bucket(row.bucket)] = row
    return [AccountBalance(key, balance_of(buckets)) for key, buckets in grouped.items()]
