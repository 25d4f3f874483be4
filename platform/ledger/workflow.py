"""The only writers of the books. Every verb: lock the line, look, move, in one transaction.

Order of locks: take all lines of an act with one ``lock_accounts`` before its first audit row (docs/ledger.md); the verbs
lock the same rows again, which costs nothing. A verb that refuses has moved nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.money import MAX_FEN
from ledger.keys import DIRECTIONS, AccountKey, Balance, Book, Bucket, Kind, Unit
from ledger.models import MAX_REFERENCE, Account, Entry, Transfer
from ledger.selectors import balance_of, rows_of
from tenancy.scope import current_tenant_id

USED_UP: Final[Mapping[str, str]] = {Book.POOL: "pool_used_up", Book.QUOTA: "quota_used_up"}


@transaction.atomic
def grant(*, actor: Actor, line: AccountKey, amount: int, reference: str, reason: str = "") -> Transfer:
    """Put ``amount`` at the disposal of ``line``. Needs the word ``pool.grant``; audited, unlike the steps of a booking."""
    require(actor, "pool.grant")
    granted, fresh = _move(actor, Kind.GRANT, {line: amount}, reference, reason, None)
    if fresh:
        facts = {"book": line.book, "period": line.period, f"amount_{line.unit}": amount}
        record(actor=actor, action="ledger.grant", obj=granted, facts=facts)
    return granted


@transaction.atomic
def reserve(*, actor: Actor, line: AccountKey, amount: int, reference: str, reason: str = "") -> Transfer:
    """Hold ``amount`` of what is available. Refused ``pool_used_up`` or ``quota_used_up`` when there is less."""
    return _move(actor, Kind.RESERVE, {line: amount}, reference, reason, None)[0]


@transaction.atomic
def commit(
    *, actor: Actor, line: AccountKey, amount: int, reference: str, reason: str = "", against: str | None = None
) -> Transfer:
    """Spend what was held. With ``against`` (the reservation's reference) never more than that reservation still holds."""
    return _move(actor, Kind.COMMIT, {line: amount}, reference, reason, against)[0]


@transaction.atomic
def release(
    *, actor: Actor, line: AccountKey, amount: int, reference: str, reason: str = "", against: str | None = None
) -> Transfer:
    """Give back what was held. With ``against`` never more than that reservation still holds."""
    return _move(actor, Kind.RELEASE, {line: amount}, reference, reason, against)[0]


@transaction.atomic
def refund(
    *, actor: Actor, line: AccountKey, amount: int, reference: str, reason: str = "", against: str | None = None
) -> Transfer:
    """Return what was spent to where it came from, never to the person (rules §1). Never more than was spent."""
    return _move(actor, Kind.REFUND, {line: amount}, reference, reason, against)[0]


@transaction.atomic
def move(
    *,
    actor: Actor,
    kind: Kind,
    lines: Mapping[AccountKey, int],
    reference: str,
    reason: str = "",
    against: str | None = None,
) -> Transfer:
    """Several lines in one transfer, all or none: a booking's quota and pool together. Not for grants."""
    if kind is Kind.GRANT:
        raise Invalid("grant_stands_alone")
    return _move(actor, kind, lines, reference, reason, against)[0]


@transaction.atomic
def lock_accounts(keys: Iterable[AccountKey]) -> dict[AccountKey, Balance]:
    """The lines as they stand, held until the transaction ends; missing ones are opened at zero.

    Rows are opened in the order of their keys and then locked in the order of their primary keys, so two writers who
    want the same lines never wait for each other crosswise.
    """
    wanted = sorted(set(keys))
    return {key: balance_of(buckets) for key, buckets in _locked(wanted).items()}


def _locked(wanted: list[AccountKey]) -> dict[AccountKey, dict[Bucket, Account]]:
    """Every bucket of every wanted line, locked. No row is locked before all exist."""
    tenant_id = current_tenant_id()
    if not _seen.has_all(tenant_id, wanted):
        _open(wanted)
    lines = _lock(wanted)
    if len(lines) < len(wanted):  # seen in a transaction that was rolled back since
        _open(wanted)
        lines = _lock(wanted)
    _seen.add(tenant_id, wanted)
    return lines


def _lock(wanted: list[AccountKey]) -> dict[AccountKey, dict[Bucket, Account]]:
    return _grouped(rows_of(wanted).order_by("pk").select_for_update(no_key=True))


def _open(wanted: list[AccountKey]) -> None:
    """Open what is missing, at zero, in the order of the keys."""
    present = {key for key, buckets in _grouped(rows_of(wanted)).items() if len(buckets) == len(Bucket)}
    Account.objects.bulk_create(
        [
            Account(book=key.book, owner=key.owner, period=key.period, unit=key.unit, bucket=bucket.value)
            for key in wanted
            if key not in present
            for bucket in Bucket
        ],
        ignore_conflicts=True,
    )


class _Seen:
    """Lines this process has met: accounts are never deleted, so looking for them once is enough. Only a hint."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lines: set[tuple[UUID, AccountKey]] = set()

    def has_all(self, tenant_id: UUID, keys: list[AccountKey]) -> bool:
        return all((tenant_id, key) in self._lines for key in keys)

    def add(self, tenant_id: UUID, keys: list[AccountKey]) -> None:
        if len(self._lines) + len(keys) > self._limit:
            self._lines.clear()
        self._lines.update((tenant_id, key) for key in keys)


_seen = _Seen(20_000)


def _grouped(rows: Iterable[Account]) -> dict[AccountKey, dict[Bucket, Account]]:
    lines: dict[AccountKey, dict[Bucket, Account]] = {}
    for row in rows:
        lines.setdefault(AccountKey(row.book, row.owner, row.period, row.unit), {})[Bucket(row.bucket)] = row
    return lines


def _move(
    actor: Actor, kind: Kind, lines: Mapping[AccountKey, int], reference: str, reason: str, against: str | None
) -> tuple[Transfer, bool]:
    """The transfer under ``reference`` and whether it is new. Conflict when the same reference was used for another move."""
    _check(lines, reference)
    locked = _locked(sorted(lines))
    source, target = DIRECTIONS[kind]
    sides = [
        (buckets[bucket], sign * lines[key])
        for key, buckets in locked.items()
        for bucket, sign in ((source, -1), (target, 1))
    ]
    done = Transfer.objects.filter(reference=reference).first()
    if done is not None:
        _same_or_conflict(done, kind, sides)
        return done, False
    origin = _origin(against) if against is not None else None
    for key, amount in lines.items():
        if source is not Bucket.GRANTED and locked[key][source].balance < amount:
            raise Refused(_refusal(key, source), left=locked[key][source].balance, unit=key.unit)
        if origin is not None and _left_of(origin, locked[key][source]) < amount:
            raise Refused("more_than_reserved" if source is Bucket.RESERVED else "more_than_spent", unit=key.unit)
    tenant_id = current_tenant_id()
    transfer = Transfer.objects.create(
        tenant_id=tenant_id, kind=kind.value, reference=reference, reason=reason, against=origin, by=actor.user_id
    )
    Entry.objects.bulk_create(
        Entry(tenant_id=tenant_id, transfer=transfer, account=account, amount=amount) for account, amount in sides
    )
    return transfer, True


def _refusal(key: AccountKey, source: Bucket) -> str:
    if source is Bucket.AVAILABLE:
        return USED_UP[key.book]
    return "more_than_reserved" if source is Bucket.RESERVED else "more_than_spent"


def _check(lines: Mapping[AccountKey, int], reference: str) -> None:
    """Whole, positive amounts and known words only: nothing else reaches the database."""
    if not lines or not reference or len(reference) > MAX_REFERENCE:
        raise Invalid("ledger_input")
    for key, amount in lines.items():
        if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MAX_FEN:
            raise Invalid("amount", fields=(("amount", "amount", "a whole amount above zero"),))
        if key.book not in set(Book) or key.unit not in set(Unit) or not key.owner or not 2000 <= key.period <= 9999:
            raise Invalid("ledger_line")


def _same_or_conflict(done: Transfer, kind: Kind, sides: list[tuple[Account, int]]) -> None:
    """A retry is the same kind over the same accounts by the same amounts; anything else is a mistake of the caller."""
    before: dict[UUID, int] = dict(Entry.objects.filter(transfer=done).values_list("account_id", "amount"))
    if done.kind != kind.value or before != {account.pk: amount for account, amount in sides}:
        raise Conflict("reference_reused")


def _origin(against: str) -> Transfer:
    origin: Transfer | None = Transfer.objects.filter(reference=against, kind=Kind.RESERVE.value).first()
    if origin is None:
        raise NotFound("reservation")
    return origin


def _left_of(origin: Transfer, account: Account) -> int:
    """What the reservation ``origin`` and all that followed it left in ``account``, in its unit. Right under the line's lock."""
    family = Q(transfer=origin) | Q(transfer__against=origin)
    return int(Entry.objects.filter(family, account=account).aggregate(total=Sum("amount"))["total"] or 0)
