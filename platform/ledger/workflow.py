"""The only writers of the ledger. Every verb locks the account, looks, and moves, in one transaction.

Order of locks: take all accounts of an act with one ``lock_accounts`` before its first audit row (docs/ledger.md); the verbs
lock the same rows again, which costs nothing. A verb that refuses has moved nothing.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.identifiers import uuid7s_at
from kernel.money import MAX_FEN
from ledger.keys import DIRECTIONS, AccountKey, Balance, Book, Bucket, Kind, Unit
from ledger.models import MAX_REFERENCE, Account, Transfer
from ledger.selectors import balance_of, rows_of
from tenancy.messages import Part
from tenancy.procedures import call
from tenancy.scope import current_tenant_id

USED_UP: Final[Mapping[str, str]] = {Book.POOL: "pool_used_up", Book.QUOTA: "quota_used_up"}


@transaction.atomic
def grant(*, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str = "") -> Transfer:
    """Put ``amount`` at the disposal of ``account``. Needs ``pool.grant``; audited, unlike the steps of a booking."""
    require(actor, "pool.grant")
    granted, fresh = _move(actor, Kind.GRANT, {account: amount}, reference, reason, None)
    if fresh:
        facts = {"book": account.book, "period": account.period, f"amount_{account.unit}": amount}
        record(actor=actor, action="ledger.grant", obj=granted, facts=facts)
    return granted


def reserve(*, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str = "") -> Transfer:
    """Hold ``amount`` of what is available. Refused ``pool_used_up`` or ``quota_used_up`` when there is less."""
    return _move(actor, Kind.RESERVE, {account: amount}, reference, reason, None)[0]


def commit(
    *, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str = "", against: str | None = None
) -> Transfer:
    """Spend what was held. With ``against`` (the reservation's reference) never more than that reservation still holds."""
    return _move(actor, Kind.COMMIT, {account: amount}, reference, reason, against)[0]


def release(
    *, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str = "", against: str | None = None
) -> Transfer:
    """Give back what was held. With ``against`` never more than that reservation still holds."""
    return _move(actor, Kind.RELEASE, {account: amount}, reference, reason, against)[0]


def refund(
    *, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str = "", against: str | None = None
) -> Transfer:
    """Return what was spent to where it came from, never to the person (rules §1). Never more than was spent."""
    return _move(actor, Kind.REFUND, {account: amount}, reference, reason, against)[0]


def move(
    *,
    actor: Actor,
    kind: Kind,
    amounts: Mapping[AccountKey, int],
    reference: str,
    reason: str = "",
    against: str | None = None,
) -> Transfer:
    """Several accounts in one transfer, all or none: a booking's quota and pool together. Not for grants."""
    if kind is Kind.GRANT:
        raise Invalid("grant_stands_alone")
    return _move(actor, kind, amounts, reference, reason, against)[0]


@transaction.atomic
def lock_accounts(keys: Iterable[AccountKey]) -> dict[AccountKey, Balance]:
    """The accounts as they stand, held until the transaction ends; missing ones are opened at zero.

    Rows are opened in the order of their keys and then locked in the order of their primary keys, so two writers who
    want the same accounts never wait for each other crosswise.
    """
    wanted = sorted(set(keys))
    return {key: balance_of(buckets) for key, buckets in _locked(wanted).items()}


def _locked(wanted: list[AccountKey]) -> dict[AccountKey, dict[Bucket, Account]]:
    """Every bucket of every wanted account, locked. No row is locked before all exist."""
    tenant_id = current_tenant_id()
    if not _seen.has_all(tenant_id, wanted):
        _open(wanted)
    found = _lock(wanted)
    if len(found) < len(wanted):  # seen in a transaction that was rolled back since
        _open(wanted)
        found = _lock(wanted)
    _seen.add(tenant_id, wanted)
    return found


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
    """Accounts this process has met: they are never deleted, so looking for them once is enough. Only a hint."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keys: set[tuple[UUID, AccountKey]] = set()

    def has_all(self, tenant_id: UUID, keys: list[AccountKey]) -> bool:
        return all((tenant_id, key) in self._keys for key in keys)

    def add(self, tenant_id: UUID, keys: list[AccountKey]) -> None:
        if len(self._keys) + len(keys) > self._limit:
            self._keys.clear()
        self._keys.update((tenant_id, key) for key in keys)


_seen = _Seen(20_000)


def _grouped(rows: Iterable[Account]) -> dict[AccountKey, dict[Bucket, Account]]:
    found: dict[AccountKey, dict[Bucket, Account]] = {}
    for row in rows:
        found.setdefault(AccountKey(row.book, row.owner, row.period, row.unit), {})[Bucket(row.bucket)] = row
    return found


@dataclass(frozen=True, slots=True)
class Move:
    """A movement that is ready to be sent: by itself, or as a ``part`` of an act's message (``tenancy.messages``)."""

    transfer: Transfer
    places: list[AccountKey]
    source: Bucket
    act: Mapping[str, object]

    @property
    def part(self) -> Part:
        """Locks the accounts, looks and moves; the answer goes to ``read``."""
        return Part("SELECT ledger_move(%s::jsonb)", (json.dumps(self.act, default=str),))

    def read(self, said: object) -> tuple[Transfer, bool]:
        """The transfer and whether it is new. Conflict when its reference was used for another move; Refused, NotFound."""
        answer = json.loads(said) if isinstance(said, str) else cast("dict[str, Any]", said)
        key = self.places[answer.get("place", 0)]
        match answer["answer"]:
            case "moved":
                self.transfer._state.adding = False
                return self.transfer, True
            case "again":
                return Transfer.objects.get(pk=answer["transfer"]), False
            case "reused":
                raise Conflict("reference_reused")
            case "no_reservation":
                raise NotFound("reservation")
            case "beyond":
                raise Refused(_refusal(key, self.source), unit=key.unit)
            case _:  # short, or missing: an account that nobody has opened holds nothing
                raise Refused(_refusal(key, self.source), left=answer.get("left", 0), unit=key.unit)


def prepare_move(
    *,
    actor: Actor,
    kind: Kind,
    amounts: Mapping[AccountKey, int],
    reference: str,
    reason: str = "",
    against: str | None = None,
) -> Move:
    """What ``move`` would send, for an act that sends it with more."""
    _check(amounts, reference)
    source, target = DIRECTIONS[kind]
    transfer = Transfer(
        tenant_id=current_tenant_id(), kind=kind.value, reference=reference, reason=reason, by=actor.user_id
    )
    places = list(amounts)
    act = {
        "tenant": transfer.tenant_id,
        "transfer": transfer.pk,
        "kind": kind.value,
        "source": source.value,
        "target": target.value,
        "reference": reference,
        "reason": reason,
        "against": against,
        "by": actor.user_id,
        "at": transfer.created_at.isoformat(),
        "lines": [{"place": place, **asdict(key), "amount": amounts[key]} for place, key in enumerate(places)],
        "entries": uuid7s_at(transfer.created_at, 2 * len(amounts)),
    }
    return Move(transfer, places, source, act)


def _move(
    actor: Actor, kind: Kind, amounts: Mapping[AccountKey, int], reference: str, reason: str, against: str | None
) -> tuple[Transfer, bool]:
    """The transfer under ``reference`` and whether it is new. Conflict when the same reference was used for another move."""
    ready = prepare_move(actor=actor, kind=kind, amounts=amounts, reference=reference, reason=reason, against=against)
    answer = call("ledger_move", ready.act)
    if answer["answer"] == "missing" and ready.source is Bucket.GRANTED:
        _open(sorted(amounts))
        answer = call("ledger_move", ready.act)
    return ready.read(answer)


def _refusal(key: AccountKey, source: Bucket) -> str:
    if source is Bucket.AVAILABLE:
        return USED_UP[key.book]
    return "more_than_reserved" if source is Bucket.RESERVED else "more_than_spent"


def _check(amounts: Mapping[AccountKey, int], reference: str) -> None:
    """Whole, positive amounts and members of the enums only: nothing else reaches the database."""
    if not amounts or not reference or len(reference) > MAX_REFERENCE:
        raise Invalid("ledger_input")
    for key, amount in amounts.items():
        if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MAX_FEN:
            raise Invalid("amount", fields=(("amount", "amount", "a whole amount above zero"),))
        if key.book not in set(Book) or key.unit not in set(Unit) or not key.owner or not 2000 <= key.period <= 9999:
            raise Invalid("ledger_line")
