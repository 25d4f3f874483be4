"""The only writers of the ledger. Every verb locks the account, looks, and moves, in one transaction.

Order of locks: take all accounts of an act with one ``lock_accounts`` before its first audit row (docs/ledger.md); the verbs
lock the same rows again, which costs nothing. A verb that refuses has moved nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, DomainError, Invalid, NotFound, Refused
from kernel.identifiers import uuid7s_at
from kernel.money import MAX_FEN
from ledger.keys import AGAINST, ALONE, DIRECTIONS, AccountKey, Balance, Book, Bucket, Kind, Unit
from ledger.models import MAX_REFERENCE, Account, Transfer
from ledger.selectors import balance_of, rows_of
from tenancy.messages import Part, send
from tenancy.procedures import call
from tenancy.scope import current_tenant_id

USED_UP: Final[Mapping[str, str]] = {Book.POOL: "pool_used_up", Book.QUOTA: "quota_used_up"}


@transaction.atomic
def grant(*, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str = "") -> Transfer:
    """Put ``amount`` at the disposal of ``account``. Needs ``pool.grant``; audited, unlike the steps of a booking."""
    require(actor, "pool.grant")
    granted, fresh = _move(actor, Kind.GRANT, {account: amount}, reference, reason, None)
    if fresh:
        record(actor=actor, action="ledger.grant", obj=granted, facts=_facts(account, amount))
    return granted


def reserve(*, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str = "") -> Transfer:
    """Hold ``amount`` of what is available. Refused ``pool_used_up`` or ``quota_used_up`` when there is less."""
    return _move(actor, Kind.RESERVE, {account: amount}, reference, reason, None)[0]


def commit(
    *, actor: Actor, account: AccountKey, amount: int, reference: str, against: str, reason: str = ""
) -> Transfer:
    """Spend what was held under ``against`` (the reservation's reference): never more than that reservation still holds."""
    return _move(actor, Kind.COMMIT, {account: amount}, reference, reason, against)[0]


def fee(*, actor: Actor, account: AccountKey, amount: int, reference: str, against: str, reason: str = "") -> Transfer:
    """Spend a part of what was held under ``against`` for a missed appointment (books §3); the rest is released apart."""
    return _move(actor, Kind.FEE, {account: amount}, reference, reason, against)[0]


def release(
    *, actor: Actor, account: AccountKey, amount: int, reference: str, against: str, reason: str = ""
) -> Transfer:
    """Give back what was held under ``against``: never more than that reservation still holds."""
    return _move(actor, Kind.RELEASE, {account: amount}, reference, reason, against)[0]


def refund(
    *, actor: Actor, account: AccountKey, amount: int, reference: str, against: str, reason: str = ""
) -> Transfer:
    """Return what was spent to where it came from, never to the person (rules §1). Never more than was spent under ``against``."""
    return _move(actor, Kind.REFUND, {account: amount}, reference, reason, against)[0]


def correct(
    *, actor: Actor, account: AccountKey, amount: int, reference: str, against: str, reason: str = ""
) -> Transfer:
    """Spend what is available for a unit that was spent with too little under ``against`` (books §2). Less is a refund.

    Refused ``pool_used_up`` or ``quota_used_up`` when less is available, ``more_than_spent`` where nothing was spent.
    """
    return _move(actor, Kind.CORRECT, {account: amount}, reference, reason, against)[0]


@transaction.atomic
def give_back(*, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str) -> Transfer:
    """Take out of ``account`` what nobody has asked for: a return (books §1). Needs ``pool.grant``; audited like a grant.

    Refused ``pool_used_up`` when less is available.
    """
    require(actor, "pool.grant")
    returned, fresh = _move(actor, Kind.RETURN, {account: amount}, reference, reason, None)
    if fresh:
        record(actor=actor, action="ledger.return", obj=returned, facts=_facts(account, amount))
    return returned


@transaction.atomic
def carry(*, actor: Actor, account: AccountKey, amount: int, reference: str, reason: str) -> Transfer:
    """Return in the account's year and grant in the next, in one transfer (books §1). Needs ``pool.grant``; audited.

    Refused ``pool_used_up`` when less is available.
    """
    require(actor, "pool.grant")
    lines = [
        Line(account, *DIRECTIONS[Kind.RETURN], amount),
        Line(replace(account, period=account.period + 1), *DIRECTIONS[Kind.GRANT], amount),
    ]
    carried, fresh = _send(_prepare(actor, Kind.CARRY, lines, reference, reason))
    if fresh:
        record(actor=actor, action="ledger.carry", obj=carried, facts=_facts(account, amount))
    return carried


def move(
    *,
    actor: Actor,
    kind: Kind,
    amounts: Mapping[AccountKey, int],
    reference: str,
    reason: str = "",
    against: str | None = None,
    service_date: date | None = None,
) -> Transfer:
    """Several accounts in one transfer, all or none: a booking's quota and pool together.

    Not for grants, returns and carries, which are acts of their own. ``against``: the reference of the reservation, needed
    for a commit, a release and a refund. ``service_date``: the day of the service, in the school's zone.
    """
    if kind in ALONE:
        raise Invalid("grant_stands_alone")
    return _move(actor, kind, amounts, reference, reason, against, service_date)[0]


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
class Line:
    """``amount`` of one account, in its unit, from one bucket into another."""

    key: AccountKey
    source: Bucket
    target: Bucket
    amount: int


@dataclass(frozen=True, slots=True)
class Move:
    """A movement that is ready to be sent: by itself, or as a ``part`` of an act's message (``tenancy.messages``)."""

    transfer: Transfer
    lines: Sequence[Line]
    act: Mapping[str, object]

    @property
    def places(self) -> list[AccountKey]:
        """The accounts, in the order given."""
        return [line.key for line in self.lines]

    @property
    def part(self) -> Part:
        """Locks the accounts, looks and moves; the answer goes to ``read``."""
        return Part("SELECT ledger_move(%s::jsonb)", (json.dumps(self.act, default=str),))

    def read(self, said: object) -> tuple[Transfer, bool]:
        """The transfer and whether it is new. Conflict when its reference was used for another move; Refused, NotFound."""
        answer = json.loads(said) if isinstance(said, str) else cast("dict[str, Any]", said)
        line = self.lines[answer.get("place", 0)]
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
            case "beyond" if line.target is Bucket.SPENT and line.source is Bucket.AVAILABLE:
                raise Refused("more_than_spent", unit=line.key.unit)
            case "beyond":
                raise Refused(_refusal(line), unit=line.key.unit)
            case _:  # short, or missing: an account that nobody has opened holds nothing
                raise Refused(_refusal(line), left=answer.get("left", 0), unit=line.key.unit)


def prepare_move(
    *,
    actor: Actor,
    kind: Kind,
    amounts: Mapping[AccountKey, int],
    reference: str,
    reason: str = "",
    against: str | None = None,
    service_date: date | None = None,
) -> Move:
    """What ``move`` would send, for an act that sends it with more."""
    source, target = DIRECTIONS[kind]
    lines = [Line(key, source, target, amount) for key, amount in amounts.items()]
    return _prepare(actor, kind, lines, reference, reason, against, service_date)


def send_all(moves: Sequence[Move]) -> None:
    """Several movements in one message, all or none: one that is refused takes back those before it, and is raised.

    The caller holds all their accounts (``lock_accounts``) as soon as there is more than one.
    """
    if not moves:
        return
    if len(moves) == 1:
        [[(said,)]] = send(moves[0].part)
        moves[0].read(said)
        return
    answers = send(Part("SAVEPOINT moves"), *(move.part for move in moves))
    try:
        for each, ((said,),) in zip(moves, answers[1:], strict=True):
            each.read(said)
    except DomainError:
        send(Part("ROLLBACK TO SAVEPOINT moves"))
        raise


def _prepare(
    actor: Actor,
    kind: Kind,
    lines: Sequence[Line],
    reference: str,
    reason: str,
    against: str | None = None,
    service_date: date | None = None,
) -> Move:
    _check(lines, reference)
    if (kind in AGAINST) != (against is not None):
        raise Invalid("ledger_input")
    pools = [line.key.period for line in lines if line.key.book == Book.POOL]
    transfer = Transfer(
        tenant_id=current_tenant_id(),
        kind=kind.value,
        reference=reference,
        reason=reason,
        by=actor.user_id,
        service_date=service_date,
        budget_year=pools[0] if pools else service_date.year if service_date else None,
    )
    act = {
        "tenant": transfer.tenant_id,
        "transfer": transfer.pk,
        "kind": kind.value,
        "reference": reference,
        "reason": reason,
        "against": against,
        "by": actor.user_id,
        "service_date": service_date,
        "budget_year": transfer.budget_year,
        "at": transfer.created_at.isoformat(),
        "lines": [
            {
                "place": place,
                **asdict(line.key),
                "source": line.source.value,
                "target": line.target.value,
                "amount": line.amount,
            }
            for place, line in enumerate(lines)
        ],
        "entries": uuid7s_at(transfer.created_at, 2 * len(lines)),
    }
    return Move(transfer, tuple(lines), act)


def _move(
    actor: Actor,
    kind: Kind,
    amounts: Mapping[AccountKey, int],
    reference: str,
    reason: str,
    against: str | None,
    service_date: date | None = None,
) -> tuple[Transfer, bool]:
    return _send(
        prepare_move(
            actor=actor,
            kind=kind,
            amounts=amounts,
            reference=reference,
            reason=reason,
            against=against,
            service_date=service_date,
        )
    )


def _send(ready: Move) -> tuple[Transfer, bool]:
    """The transfer under its reference and whether it is new. What a grant puts money into is opened by it."""
    answer = call("ledger_move", ready.act)
    given = [line.key for line in ready.lines if line.source is Bucket.GRANTED]
    if answer["answer"] == "missing" and given:
        _open(sorted(given))
        answer = call("ledger_move", ready.act)
    return ready.read(answer)


def _facts(account: AccountKey, amount: int) -> dict[str, str | int]:
    return {"book": account.book, "period": account.period, f"amount_{account.unit}": amount}


def _refusal(line: Line) -> str:
    if line.source is Bucket.AVAILABLE:
        return USED_UP[line.key.book]
    return "more_than_reserved" if line.source is Bucket.RESERVED else "more_than_spent"


def _check(lines: Sequence[Line], reference: str) -> None:
    """Whole, positive amounts and members of the enums only: nothing else reaches the database."""
    if not lines or not reference or len(reference) > MAX_REFERENCE:
        raise Invalid("ledger_input")
    for line in lines:
        key, amount = line.key, line.amount
        if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MAX_FEN:
            raise Invalid("amount", fields=(("amount", "amount", "a whole amount above zero"),))
        if key.book not in set(Book) or key.unit not in set(Unit) or not key.owner or not 2000 <= key.period <= 9999:
            raise Invalid("ledger_line")
