"""The pools as the union and the principal see them: whole weeks in which enough people's requests moved something."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from disclosure.blocks import Move, points
from kernel.clock import local_day, start_of_day
from ledger.keys import Bucket, Kind
from ledger.models import Account, Entry, Transfer
from ledger.selectors import pools, rows_of
from referrals.models import Correction, Redemption, Referral, Voucher
from referrals.offices.selectors import BY_ORDER
from referrals.workflow.pools import CLOSING

_SETTLED: Final = timedelta(hours=1)
"""A week is looked at when it is this long over: what was booked in its last second has been committed by then."""


@dataclass(frozen=True, slots=True)
class PublishedPool:
    """What two people gave a pool and took out of it again, in fen, and what was reserved or spent of it at ``at`` (UTC).
    None: not shown so far.

    The end of a year changes neither: what its closing gives back is what nobody used, and would tell the rest to the fen.
    """

    scheme: str
    granted_fen: int
    used_fen: int | None
    at: datetime | None

    @property
    def last_day(self) -> date | None:
        """The Sunday up to which everything counts."""
        return local_day(self.at - timedelta(seconds=1)) if self.at else None

    @property
    def left_fen(self) -> int | None:
        """What is left of the grant, as far as is shown."""
        return None if self.used_fen is None else self.granted_fen - self.used_fen

    @property
    def used_bp(self) -> int:
        """Share of the grant that is reserved or spent, in basis points."""
        used, granted = self.used_fen or 0, self.granted_fen
        return used * 10_000 // granted if used > 0 and granted > 0 else 0


def published_pools(year: int, *, moment: datetime, fewest: int) -> list[PublishedPool]:
    """Every pool of ``year`` without anything that fewer than ``fewest`` people moved. ``moment``: now, UTC.

    Six queries, however many pools.
    """
    found = pools(year)
    granted, moves = _moves(rows_of([pool.key for pool in found]).filter(bucket=Bucket.AVAILABLE.value))
    return [
        _published(pool.key.owner, granted[pool.key.owner], moves[pool.key.owner], moment, fewest) for pool in found
    ]


def _published(scheme: str, granted: int, moves: Sequence[Move], moment: datetime, fewest: int) -> PublishedPool:
    shown = points(moves, _week_ends(moves, moment), fewest)
    if not shown:
        return PublishedPool(scheme, granted, None, None)
    return PublishedPool(scheme, granted, shown[-1].total, shown[-1].at)


def _week_ends(moves: Sequence[Move], moment: datetime) -> list[datetime]:
    """Every Monday's first instant after the first movement, up to now."""
    if not moves:
        return []
    first = local_day(min(move.at for move in moves))
    monday = first + timedelta(days=7 - first.weekday())
    ends = []
    while (end := start_of_day(monday)) + _SETTLED <= moment:
        ends.append(end)
        monday += timedelta(days=7)
    return ends


def _moves(accounts: Iterable[Account]) -> tuple[dict[str, int], dict[str, list[Move]]]:
    """``(granted, moves)`` by scheme: what was given by order, and what went out of the available money and came back, by whose
    request it was. Orders are nobody's; what a closed year carries on or gives back for a request is that person's.

    KeyError for a movement of which nobody can say whose it is: it would count as a person, and is none.
    """
    schemes = {account.pk: account.owner for account in accounts}
    entries = list(Entry.objects.filter(account__in=schemes).values_list("account_id", "transfer_id", "amount"))
    rows = Transfer.objects.filter(pk__in={transfer for _account, transfer, _amount in entries})
    transfers = {
        pk: (kind, reason, reference, at)
        for pk, kind, reason, reference, at in rows.values_list("pk", "kind", "reason", "reference", "created_at")
    }
    whose = _whose(
        [reference for kind, _reason, reference, _at in transfers.values() if not _by_order(kind, reference)]
    )
    granted = dict.fromkeys(schemes.values(), 0)
    found: dict[str, list[Move]] = {scheme: [] for scheme in granted}
    for account, transfer, amount in entries:
        kind, reason, reference, at = transfers[transfer]
        if not _by_order(kind, reference):
            found[schemes[account]].append(Move(at, whose[_source(reference)], -amount))
        elif reason != CLOSING:
            granted[schemes[account]] += amount
    return granted, found


def _by_order(kind: str, reference: str) -> bool:
    """Whether two people have moved it, for nobody's request."""
    return kind == Kind.GRANT or (kind == Kind.RETURN and reference.startswith(BY_ORDER))


def _source(reference: str) -> str:
    """``redemption/<id>`` of ``redemption/<id>/commit``."""
    return "/".join(reference.split("/")[:2])


def _whose(references: Sequence[str]) -> dict[str, UUID]:
    """Source → the person whose request it belongs to."""
    wanted: dict[str, set[str]] = {noun: set() for noun in ("referral", "unit", "voucher", "redemption", "correction")}
    for reference in references:
        noun, _slash, rest = reference.partition("/")
        if noun in wanted:
            wanted[noun].add(rest.partition("/")[0])
    put_right = dict(Correction.objects.filter(pk__in=wanted["correction"]).values_list("pk", "redemption_id"))
    used = {*wanted["redemption"], *map(str, put_right.values())}
    spent = dict(Redemption.objects.filter(pk__in=used).values_list("pk", "voucher_id"))
    vouchers = dict(
        Voucher.objects.filter(pk__in={*wanted["voucher"], *map(str, spent.values())}).values_list("pk", "person_id")
    )
    asked = list(Referral.objects.filter(pk__in=wanted["referral"] | wanted["unit"]).values_list("pk", "person_id"))
    came = {pk: vouchers[voucher] for pk, voucher in spent.items() if voucher in vouchers}
    return {
        **{f"{noun}/{pk}": person for noun in ("referral", "unit") for pk, person in asked},
        **{f"voucher/{pk}": person for pk, person in vouchers.items()},
        **{f"redemption/{pk}": person for pk, person in came.items()},
        **{f"correction/{pk}": came[line] for pk, line in put_right.items() if line in came},
    }
