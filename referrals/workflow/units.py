"""What moves in the books for a request, unit by unit: held, spent, given back, released, re-keyed (books §1, docs/bookings.md).

The caller holds the referral's lock and takes ``lock_accounts_of`` before its first row of the record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.actor import Actor
from kernel.errors import Refused
from ledger.keys import AccountKey, Book, Kind
from ledger.selectors import balances
from ledger.workflow import Move, lock_accounts, prepare_move, send_all
from referrals.models import Referral, Unit
from referrals.rules import is_by_appointment
from referrals.states import UnitEvent, UnitState, step
from referrals.subsidies.accounting import (
    accounts_of,
    amounts_of,
    drawn,
    open_quota,
    quota_left,
    terms_of_referral,
)
from tenancy.messages import Part, Row, update


def lock_accounts_of(referral: Referral, *days: date) -> None:
    """Lock all accounts of the referral's units, and those of ``days``, before the first audit row of the act.

    (docs/architecture.md, order of locks.) The quota of a further year is opened by it.
    """
    stand = set(Unit.objects.filter(referral=referral).order_by().values_list("service_date", flat=True).distinct())
    keys: set[AccountKey] = set()
    further: set[AccountKey] = set()
    for day in {*stand, *days, *([] if stand else [referral.service_date])}:
        accounts = accounts_of(referral, day)
        keys |= {accounts.pool, *([accounts.quota] if accounts.quota else [])}
        if accounts.quota and day not in stand:
            further.add(accounts.quota)
    held = lock_accounts(keys)
    for quota in sorted(further):
        open_quota(terms_of_referral(referral), quota, held[quota])


def units_of(referral: Referral, *states: UnitState) -> list[Unit]:
    """Its units in the order in which they are served; all of them, or those in ``states``. The caller holds its lock."""
    found = Unit.objects.filter(referral=referral).order_by("index")
    return list(found.filter(state__in=states) if states else found)


def hold_units(*, actor: Actor, referral: Referral) -> list[Unit]:
    """Write the units of a request that was just priced under lock, each with a reservation of its own.

    Refused ``pool_used_up`` or ``quota_used_up`` when others have taken meanwhile what it was priced by.
    """
    terms = terms_of_referral(referral)
    units = [
        Unit(
            referral=referral,
            index=index,
            state=UnitState.HELD,
            service_date=referral.service_date,
            fee_fen=fee_fen,
            subsidy_fen=subsidy_fen,
            self_fen=self_fen,
            quota=drawn(terms, subsidy_fen),
        )
        for index, (fee_fen, subsidy_fen, self_fen) in enumerate(referral.decision["units"])
    ]
    for unit in units:
        unit.reservation = _reservation(unit)
    Unit.objects.bulk_create(units)
    send_all([_move(actor, Kind.RESERVE, referral, unit, unit.reservation) for unit in units if unit.is_in_books])
    return units


def hold_again(*, actor: Actor, referral: Referral, units: Sequence[Unit]) -> None:
    """Reserve what was released, at the same split, under a new attempt. Accounts locked by the caller.

    Refused ``pool_used_up`` or ``quota_used_up`` when others have taken meanwhile what they held: nothing moved.
    """
    send_all(_held_anew(actor, referral, units, UnitEvent.HOLD_AGAIN))
    _write(units)


def release_units(
    *, actor: Actor, referral: Referral, units: Sequence[Unit], why: str, voucher_id: UUID | None = None
) -> None:
    """Give back at once what these held units keep: each its own, against its own reservation.

    ``why`` is a word of the product and stands in the reference, under the voucher's key where a voucher ends, so that
    finance finds its number. What becomes free re-prices nothing (books §2).
    """
    for unit in units:
        unit.state = step(unit.state, UnitEvent.RELEASE)
    send_all(
        [
            _move(actor, Kind.RELEASE, referral, unit, _released(unit, why, voucher_id), against=unit.reservation)
            for unit in units
            if unit.is_in_books
        ]
    )
    _write(units)


@dataclass(frozen=True, slots=True)
class Spending:
    """Commits that are ready to be sent with the rest of an act, and the units they spend."""

    moves: tuple[Move, ...]
    units: tuple[Unit, ...]

    @property
    def parts(self) -> list[Part]:
        """The commits first, as many as ``moves``, then the rows of the units."""
        return [*(move.part for move in self.moves), *(update(unit, "state") for unit in self.units)]

    def read(self, answers: Sequence[list[Row]]) -> None:
        """What the parts were answered. Refused ``more_than_reserved`` when a unit held less than it spends."""
        for move, ((said,),) in zip(self.moves, answers, strict=False):
            move.read(said)


def prepare_spend(*, actor: Actor, referral: Referral, spent: Sequence[tuple[Unit, UUID]]) -> Spending:
    """Ready to spend held units, each with the key of its redemption; the referral is locked.

    More than one unit: the caller takes ``lock_accounts_of`` first, because each locks its own accounts.
    """
    for unit, _redemption in spent:
        unit.state = step(unit.state, UnitEvent.SPEND)
    moves = [
        _move(actor, Kind.COMMIT, referral, unit, f"redemption/{redemption}/commit", against=unit.reservation)
        for unit, redemption in spent
        if unit.is_in_books
    ]
    return Spending(tuple(moves), tuple(unit for unit, _redemption in spent))


def give_back(*, actor: Actor, referral: Referral, unit: Unit, redemption_id: UUID, hold_again: bool) -> None:
    """A spent unit's redemption is reversed: what was paid returns to its pool and quota, never to the person.

    With ``hold_again`` (the voucher lives) it is reserved once more, in the same act and for nobody else. Accounts locked
    by the caller.
    """
    moves: list[Move] = []
    if unit.is_in_books:
        reference = f"redemption/{redemption_id}/refund"
        moves.append(_move(actor, Kind.REFUND, referral, unit, reference, against=unit.reservation))
    if hold_again:
        moves += _held_anew(actor, referral, [unit], UnitEvent.HOLD_AGAIN)
    else:
        unit.state = step(unit.state, UnitEvent.GIVE_UP)
    send_all(moves)
    _write([unit])


def rekey(*, actor: Actor, referral: Referral, units: Mapping[Unit, date]) -> None:
    """Give held units the day of their appointment: released in the old lines and reserved in that day's, same split.

    A day of the same pool year and quota year changes the row alone. Accounts of all days locked by the caller
    (``lock_accounts_of(referral, *days)``). Refused ``new_year_not_funded`` before anything moves.
    """
    crossing = {unit: day for unit, day in units.items() if unit.is_in_books and _crosses(referral, unit, day)}
    if not _is_funded(referral, crossing):
        raise Refused("new_year_not_funded")
    released = [
        _move(actor, Kind.RELEASE, referral, unit, _released(unit, "rekey"), against=unit.reservation)
        for unit in crossing
    ]
    for unit, day in units.items():
        unit.service_date = day
    send_all([*released, *_held_anew(actor, referral, list(crossing), UnitEvent.REKEY)])
    _write(list(units))


def follow_day(*, actor: Actor, referral: Referral, day: date) -> None:
    """The appointment that stands is on ``day`` now: what pays it follows into that day's lines (books §1).

    Takes the locks of all accounts, old and new. Refused ``new_year_not_funded`` before anything moves.
    """
    lock_accounts_of(referral, day)
    moved = {unit: day for unit in _paying(referral) if unit.service_date != day}
    if moved:
        rekey(actor=actor, referral=referral, units=moved)


def check_funded(referral: Referral, day: date) -> None:
    """The same asked before the click, without a lock. Refused ``new_year_not_funded``."""
    if not would_fund(referral, dict.fromkeys(_paying(referral), day)):
        raise Refused("new_year_not_funded")


def _paying(referral: Referral) -> list[Unit]:
    """What pays the appointment that stands: the next unit that is served, or all where units are spent on any visit."""
    held = units_of(referral, UnitState.HELD)
    return held[:1] if is_by_appointment(referral.kind, referral.service.unit) else held


def would_fund(referral: Referral, units: Mapping[Unit, date]) -> bool:
    """Whether ``rekey`` would find the money, without a lock: for a screen, before the click."""
    return _is_funded(
        referral, {unit: day for unit, day in units.items() if unit.is_in_books and _crosses(referral, unit, day)}
    )


def _crosses(referral: Referral, unit: Unit, day: date) -> bool:
    return accounts_of(referral, unit.service_date) != accounts_of(referral, day)


def _is_funded(referral: Referral, crossing: Mapping[Unit, date]) -> bool:
    """Whether the lines that the units come into have what those do not bring along that stay in the same line."""
    needed: dict[AccountKey, int] = {}
    for unit, day in crossing.items():
        for account, amount in amounts_of(referral, unit, day).items():
            needed[account] = needed.get(account, 0) + amount
        for account, amount in amounts_of(referral, unit, unit.service_date).items():
            needed[account] = needed.get(account, 0) - amount
    terms = terms_of_referral(referral)
    stands = balances(needed)
    return all(
        amount <= (quota_left(terms, stands[account]) if account.book == Book.QUOTA else stands[account].available)
        for account, amount in needed.items()
        if amount > 0
    )


def _held_anew(actor: Actor, referral: Referral, units: Sequence[Unit], event: UnitEvent) -> list[Move]:
    """Each unit under its next attempt, and the reservations that are to be sent."""
    for unit in units:
        unit.state, unit.attempt = step(unit.state, event), unit.attempt + 1
        unit.reservation = _reservation(unit)
    return [_move(actor, Kind.RESERVE, referral, unit, unit.reservation) for unit in units if unit.is_in_books]


def _reservation(unit: Unit) -> str:
    """The reference of this attempt; a unit that is not subsidised has none."""
    return f"unit/{unit.referral_id}/{unit.index}/{unit.attempt}" if unit.is_in_books else ""


def _released(unit: Unit, why: str, voucher_id: UUID | None = None) -> str:
    of = f"voucher/{voucher_id}/{why}" if voucher_id else f"unit/{unit.referral_id}/{why}"
    return f"{of}/{unit.index}/{unit.attempt}"


def _move(
    actor: Actor, kind: Kind, referral: Referral, unit: Unit, reference: str, *, against: str | None = None
) -> Move:
    return prepare_move(
        actor=actor,
        kind=kind,
        amounts=amounts_of(referral, unit, unit.service_date),
        reference=reference,
        against=against,
        service_date=unit.service_date,
    )


def _write(units: Sequence[Unit]) -> None:
    if units:
        Unit.objects.bulk_update(units, ["state", "attempt", "service_date", "reservation"])
