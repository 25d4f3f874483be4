"""What moves in the books for a request, unit by unit: held, spent, given back, released, re-keyed (books §1, docs/bookings.md).

The caller holds the referral's lock and takes ``lock_accounts_of`` before its first row of the record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from accounts.actor import Actor, system_in
from kernel.clock import local_day, now, school_year
from kernel.errors import Refused
from ledger.keys import AccountKey, Book, Kind
from ledger.keys import Unit as CountedIn
from ledger.selectors import balances
from ledger.workflow import Move, carry, lock_accounts, prepare_move, send_all
from ledger.workflow import give_back as return_available
from referrals.models import Referral, Unit
from referrals.policy import PolicyTerms, UnitSplit
from referrals.states import UnitEvent, UnitState, step
from referrals.subsidies.accounting import (
    SPLIT,
    Accounts,
    accounts_of,
    amounts_of,
    check_quota,
    drawn,
    is_closed,
    open_quota,
    places_that_count,
    set_split,
    terms_of_referral,
)
from tenancy.messages import Part, Row, update
from tenancy.scope import current_tenant_id


def lock_accounts_of(
    *referrals: Referral, days: Iterable[date] = (), also: Iterable[AccountKey] = (), draws: bool = False
) -> None:
    """Lock all accounts of the units of ``referrals``, those of ``days`` and ``also``, before the first audit row of the act.

    (docs/architecture.md, order of locks.) The quota of a further year is opened by it. ``draws``: the act may draw more of a
    quota than its units hold, so that what the person used under other places is locked too.
    """
    stand: dict[UUID, set[tuple[date, int]]] = {referral.pk: set() for referral in referrals}
    for unit in Unit.objects.filter(referral__in=stand).order_by():
        stand[unit.referral_id].add((unit.service_date, unit.budget_year))
    keys, further, this_year = set(also), dict[AccountKey, tuple[PolicyTerms, Accounts]](), local_day(now()).year
    for referral in referrals:
        own = stand[referral.pk]
        asked = {(day, day.year) for day in (*days, *([] if own else [referral.service_date]))}
        further_years = {school_year(day) for day, _year in asked} - {school_year(day) for day, _year in own}
        places = places_that_count(referral) if draws or further_years else ()
        for day, year in own | asked:
            accounts = accounts_of(referral, day, places)
            years = {year, year + 1} if year < this_year else {year}  # what comes back into a closed year leaves it
            keys |= {replace(accounts.pool, period=each) for each in years}
            keys |= accounts.quotas
            if accounts.quota and school_year(day) in further_years:
                further[accounts.quota] = terms_of_referral(referral), accounts
    held = lock_accounts(keys)
    for quota in sorted(further):
        open_quota(*further[quota], held)


def units_of(referral: Referral, *states: UnitState) -> list[Unit]:
    """Its units in the order in which they are served; all of them, or those in ``states``. The caller holds its lock."""
    return list(rows_of_units(referral, *states))


def rows_of_units(referral: Referral, *states: UnitState) -> QuerySet[Unit]:
    """The same, to be read together with others."""
    found = Unit.objects.filter(referral=referral).order_by("index")
    return found.filter(state__in=states) if states else found


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
    check_quota(referral, units)
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


def charge_unit(*, actor: Actor, referral: Referral, unit: Unit, fen: int, redemption_id: UUID) -> None:
    """Spend ``fen`` of what a held unit keeps for an appointment that was missed and release the rest, in one act.

    Its quota is used: the whole session, or as many fen as are paid. Accounts locked by the caller.
    """
    unit.state = step(unit.state, UnitEvent.SPEND)
    held, paid = amounts_of(referral, unit), _fee_amounts(referral, unit, fen)
    rest = {account: amount - paid.get(account, 0) for account, amount in held.items()}
    reference = f"redemption/{redemption_id}"
    moves = [_move(actor, Kind.FEE, referral, unit, f"{reference}/fee", against=unit.reservation, amounts=paid)]
    if any(rest.values()):
        moves.append(
            _move(actor, Kind.RELEASE, referral, unit, f"{reference}/rest", against=unit.reservation, amounts=rest)
        )
    send_all(moves)
    _write([unit])


def waive_unit(*, actor: Actor, referral: Referral, unit: Unit, fen: int, redemption_id: UUID) -> None:
    """The agency waives a fee: what was paid returns to pool and quota, and the unit is given up. Accounts locked by the caller."""
    unit.state = step(unit.state, UnitEvent.GIVE_UP)
    paid, reference = _fee_amounts(referral, unit, fen), f"redemption/{redemption_id}/refund"
    send_all([_move(actor, Kind.REFUND, referral, unit, reference, against=unit.reservation, amounts=paid)])
    scheme, year = terms_of_referral(referral).scheme, unit.budget_year
    if is_closed(scheme, year):
        _out_of_closed(fen, unit, scheme, year, redemption_id, hold_again=False)
    _write([unit])


def _fee_amounts(referral: Referral, unit: Unit, fen: int) -> dict[AccountKey, int]:
    """What a fee of ``fen`` moves, and where."""
    return {
        account: min(amount, fen) if account.unit == CountedIn.FEN else amount
        for account, amount in amounts_of(referral, unit).items()
    }


def give_back(
    *, actor: Actor, referral: Referral, unit: Unit, redemption_id: UUID, hold_again: bool, first: UnitSplit
) -> None:
    """A spent unit's redemption is reversed: what was paid returns to its pool and quota, never to the person.

    With ``hold_again`` (the voucher lives) it is reserved once more in the same act, at its ``first`` split: that of before any
    correction (ADR 0067). Refused ``pool_used_up`` or ``quota_used_up`` where others have taken what a correction gave back.
    Accounts locked by the caller, who ``draws``.
    """
    moves: list[Move] = []
    if unit.is_in_books:
        reference = f"redemption/{redemption_id}/refund"
        moves.append(_move(actor, Kind.REFUND, referral, unit, reference, against=unit.reservation))
    scheme, year = terms_of_referral(referral).scheme, unit.budget_year
    if unit.is_in_books and is_closed(scheme, year):
        send_all(moves)
        _out_of_closed(unit.subsidy_fen, unit, scheme, year, redemption_id, hold_again=hold_again)
        moves = []
    if first != (unit.fee_fen, unit.subsidy_fen, unit.self_fen):
        send_all(moves)
        moves = []
        if hold_again and is_closed(scheme, year):  # a correction to nothing has moved nothing out of it
            unit.carried_to = year + 1
        set_split(referral, unit, first)
        if hold_again:
            check_quota(referral, [unit])
        Unit.objects.bulk_update([unit], SPLIT)
    if hold_again:
        moves += _held_anew(actor, referral, [unit], UnitEvent.HOLD_AGAIN)
    else:
        unit.state = step(unit.state, UnitEvent.GIVE_UP)
    send_all(moves)
    _write([unit])


def _out_of_closed(fen: int, unit: Unit, scheme: str, year: int, redemption_id: UUID, *, hold_again: bool) -> None:
    """What came back into a closed year leaves it in the same act: out of the books, or along with the unit into the next."""
    moving = carry if hold_again else return_available
    moving(
        actor=system_in(current_tenant_id()),
        account=AccountKey(Book.POOL, scheme, year, CountedIn.FEN),
        amount=fen,
        reference=f"redemption/{redemption_id}/{'carry' if hold_again else 'return'}",
        reason="closed",
    )
    if hold_again:
        unit.carried_to = year + 1


def carry_units(*, actor: Actor, units: Sequence[tuple[Referral, Unit]], year: int) -> None:
    """Held units of a year that closes are held by ``year`` instead, the next: released there, carried, reserved here.

    The quota is used as before. All accounts of both years locked by the caller.
    """
    for referral, unit in units:
        send_all([_move(actor, Kind.RELEASE, referral, unit, _released(unit, "close"), against=unit.reservation)])
        carry(
            actor=actor,
            account=AccountKey(Book.POOL, terms_of_referral(referral).scheme, year - 1, CountedIn.FEN),
            amount=unit.subsidy_fen,
            reference=f"{_released(unit, 'carry')}",
            reason="close_year",
        )
        unit.carried_to = year
        send_all(_held_anew(actor, referral, [unit], UnitEvent.REKEY))
    _write([unit for _referral, unit in units])


def rekey(*, actor: Actor, referral: Referral, units: Mapping[Unit, date]) -> None:
    """Give held units the day of their appointment: released in the old lines and reserved in that day's, same split.

    A day of the same pool year and quota year changes the row alone. Accounts of all days locked by the caller
    (``lock_accounts_of(referral, days=days)``). Refused ``new_year_not_funded`` before anything moves.
    """
    crossing = {unit: day for unit, day in units.items() if unit.is_in_books and _crosses(referral, unit, day)}
    if not _is_funded(referral, crossing):
        raise Refused("new_year_not_funded")
    released = [
        _move(actor, Kind.RELEASE, referral, unit, _released(unit, "rekey"), against=unit.reservation)
        for unit in crossing
    ]
    for unit, day in units.items():
        if unit in crossing:
            unit.carried_to = None
        unit.service_date = day
    send_all([*released, *_held_anew(actor, referral, list(crossing), UnitEvent.REKEY)])
    _write(list(units))


def reprice(*, actor: Actor, referral: Referral, units: Sequence[Unit], splits: Sequence[tuple[int, int, int]]) -> None:
    """Held units get the splits of the agency that won, in their order: what those need less is free in the same act.

    The request says the new decision already; its scheme, and so its lines, are those of before. Accounts locked by the
    caller. Refused ``pool_used_up`` or ``quota_used_up`` if a split needed more than stood reserved.
    """
    released = [
        _move(actor, Kind.RELEASE, referral, unit, _released(unit, "winner"), against=unit.reservation)
        for unit in units
        if unit.is_in_books
    ]
    for unit, split in zip(units, splits, strict=True):
        set_split(referral, unit, UnitSplit(*split))
    send_all([*released, *_held_anew(actor, referral, units, UnitEvent.REKEY)])
    _write(units)
    Unit.objects.bulk_update(units, SPLIT)


def would_fund(referral: Referral, units: Mapping[Unit, date]) -> bool:
    """Whether ``rekey`` would find the money, without a lock: for a screen, before the click."""
    return _is_funded(
        referral, {unit: day for unit, day in units.items() if unit.is_in_books and _crosses(referral, unit, day)}
    )


def funded_days(referral: Referral, days: Iterable[date]) -> set[date]:
    """Those of ``days`` on which the first appointment of a request can be confirmed: the others' year has not the money.

    One look for each calendar and school year, without a lock: for a screen, before the click.
    """
    first = units_of(referral, UnitState.HELD)[:1]
    years: dict[tuple[int, int], list[date]] = {}
    for day in days:
        years.setdefault((day.year, school_year(day)), []).append(day)
    return {day for same in years.values() if would_fund(referral, dict.fromkeys(first, same[0])) for day in same}


def _crosses(referral: Referral, unit: Unit, day: date) -> bool:
    """Whether its lines are others on ``day``. One that was carried stays where it is until its day lies in a later year."""
    before, after = amounts_of(referral, unit), amounts_of(referral, unit, day)
    return before != after and (unit.carried_to is None or day.year > unit.carried_to)


def _is_funded(referral: Referral, crossing: Mapping[Unit, date]) -> bool:
    """Whether the lines that the units come into have what those do not bring along that stay in the same line."""
    needed: dict[AccountKey, int] = {}
    for unit, day in crossing.items():
        for account, amount in amounts_of(referral, unit, day).items():
            needed[account] = needed.get(account, 0) + amount
        for account, amount in amounts_of(referral, unit).items():
            needed[account] = needed.get(account, 0) - amount
    more = {account: amount for account, amount in needed.items() if amount > 0}
    places = places_that_count(referral) if any(account.book == Book.QUOTA for account in more) else ()
    quotas = {found.quota: found for found in (accounts_of(referral, day, places) for day in crossing.values())}
    stands = balances({*more, *(key for account in more if account in quotas for key in quotas[account].quotas)})
    terms = terms_of_referral(referral)
    left = {key: quotas[key].quota_left(terms, stands) if key in quotas else stands[key].available for key in more}
    return all(amount <= (left[account] or 0) for account, amount in more.items())


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
    actor: Actor,
    kind: Kind,
    referral: Referral,
    unit: Unit,
    reference: str,
    *,
    against: str | None = None,
    amounts: Mapping[AccountKey, int] | None = None,
) -> Move:
    moved = amounts_of(referral, unit) if amounts is None else amounts
    return prepare_move(
        actor=actor,
        kind=kind,
        amounts={account: amount for account, amount in moved.items() if amount},
        reference=reference,
        against=against,
        service_date=unit.service_date,
    )


def _write(units: Sequence[Unit]) -> None:
    if units:
        Unit.objects.bulk_update(units, ["state", "attempt", "service_date", "carried_to", "reservation"])
