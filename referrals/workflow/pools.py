"""Money of pools, by two people: granted, returned, and the year closed (books §1)."""

from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.money import MAX_FEN
from ledger.keys import AccountKey, Book, Unit
from ledger.selectors import balance
from ledger.workflow import give_back, grant, lock_accounts
from notifications.colleagues import tell_one, tell_who_may
from referrals.access import as_uuid
from referrals.models import OrderKind, PoolOrder, Referral
from referrals.models import Unit as DecidedUnit
from referrals.models.pools import MAX_REASON
from referrals.policy import Scheme
from referrals.states import PoolOrderEvent, step
from referrals.subsidies.accounting import is_closed, units_of_pool
from referrals.who_signs import Act
from referrals.workflow.union_posts import check_second
from referrals.workflow.units import carry_units, lock_accounts_of
from tenancy.models import Tenant

CLOSING: Final = "close_year"
"""In the books, the reason of what a closing gives back."""


def closes_on(tenant: Tenant, year: int) -> date:
    """From which day on a pool's ``year`` can be closed: the last of ``closing_month`` of the next one (31 March unless set)."""
    month = tenant.settings.closing_month
    return date(year + 1, month, monthrange(year + 1, month)[1])


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing a pool's year would do: ``returned_fen`` goes out of the books, each of ``carried`` into the next year."""

    returned_fen: int
    carried: tuple[DecidedUnit, ...]

    @property
    def carried_fen(self) -> int:
        """Σ of what is carried."""
        return sum(unit.subsidy_fen for unit in self.carried)


def pool_key(scheme: str, year: int) -> AccountKey:
    """The account of a scheme's pool of one calendar year."""
    return AccountKey(Book.POOL, scheme, year, Unit.FEN)


def closing_of(scheme: str, year: int) -> Closing:
    """What closing would do now, without a lock: it is listed before and after."""
    return Closing(balance(pool_key(scheme, year)).available, tuple(units_of_pool(scheme, year)))


@transaction.atomic
def ask_pool_order(
    *,
    actor: Actor,
    tenant: Tenant,
    kind: str,
    scheme: str,
    year: int,
    amount_fen: int = 0,
    reason: str,
    key: UUID | None = None,
) -> PoolOrder:
    """Ask that a pool be given ``amount_fen``, be relieved of it, or that its year be closed. Nothing moves yet.

    Who may decide is told. ``key`` names the order: the same one sent twice is asked once. Raises Invalid with one row a fault, Refused ``year_closed`` for a year that is closed, ``year_runs`` when
    it cannot be closed yet, ``not_enough`` for a return of more than is available, Conflict
    ``asked_already`` when its closing is asked for.
    """
    require(actor, "pool.grant")
    if actor.user_id is None:  # money is moved by people, never by the machine
        raise Forbidden
    if key and (sent := PoolOrder.objects.filter(pk=key, asked_by=actor.user_id).first()):
        return sent
    if faults := _faults(kind, scheme, year, amount_fen, reason):
        raise Invalid("out_of_range", fields=tuple(faults))
    check_possible(tenant, kind, scheme, year, amount_fen)
    order = PoolOrder(
        kind=kind, scheme=scheme, year=year, amount_fen=amount_fen, reason=reason.strip(), asked_by_id=actor.user_id
    )
    order.pk = key or order.pk
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("asked_already") from error
    record(actor=actor, action="pool.ask", obj=order, facts={"kind": kind, "period": year, "amount_fen": amount_fen})
    tell_who_may(
        "pool.grant",
        template="pool_order_asked",
        key=f"pool/{order.pk}/asked",
        link=f"/finance/orders/{order.pk}/",
        apart_from=actor.user_id,
    )
    return order


def _faults(kind: str, scheme: str, year: int, amount_fen: int, reason: str) -> list[tuple[str, str, str]]:
    faults: list[tuple[str, str, str]] = []
    if kind not in OrderKind.values:
        faults.append(("kind", "out_of_range", ", ".join(OrderKind.values)))
    if scheme not in set(Scheme):
        faults.append(("scheme", "out_of_range", ""))
    if isinstance(year, bool) or not isinstance(year, int) or not 2000 <= year <= 9998:
        faults.append(("year", "out_of_range", "2000–9998"))
    whole = isinstance(amount_fen, int) and not isinstance(amount_fen, bool)
    if not whole or (amount_fen != 0 if kind == OrderKind.CLOSE_YEAR else not 0 < amount_fen <= MAX_FEN):
        faults.append(("amount_fen", "amount", ""))
    if not reason.strip() or len(reason.strip()) > MAX_REASON:
        faults.append(("reason", "out_of_range", f"1–{MAX_REASON}"))
    return faults


def check_possible(tenant: Tenant, kind: str, scheme: str, year: int, amount_fen: int) -> None:
    """Raises of a pool what ``ask_pool_order`` does, without a lock: a page says it before anybody confirms."""
    if is_closed(scheme, year):
        raise Refused("year_closed")
    if kind == OrderKind.CLOSE_YEAR and tenant.today() < (first := closes_on(tenant, year)):
        raise Refused("year_runs", first=first)
    if kind == OrderKind.RETURN and (left := balance(pool_key(scheme, year)).available) < amount_fen:
        raise Refused("not_enough", left=left)


def _locked(order_id: UUID | str) -> PoolOrder:
    order = PoolOrder.objects.select_for_update(no_key=True).filter(pk=as_uuid(order_id)).first()
    if order is None:
        raise NotFound
    return order


def _check_second(actor: Actor, order: PoolOrder) -> None:
    check_second(Act.POOL_ORDER, user_id=actor.user_id, first=order.asked_by_id, first_at=order.asked_at, moment=now())


@transaction.atomic
def approve_pool_order(*, actor: Actor, tenant: Tenant, order_id: UUID | str) -> PoolOrder:
    """A second person says yes, and the money moves in the same act; whoever may decide about pools is told (books §1).

    Raises Forbidden ``same_person`` for whoever asked, under another account too, IllegalMove when it is decided, and what
    ``ask_pool_order`` raises of the pool.
    """
    require(actor, "pool.grant")
    order = _locked(order_id)
    _check_second(actor, order)
    order.state = step(order.state, PoolOrderEvent.APPROVE)
    key, reference = pool_key(order.scheme, order.year), f"pool/{order.pk}"
    if order.kind != OrderKind.CLOSE_YEAR:
        lock_accounts([key])  # before it is asked whether the year is closed: a closing under way holds the same line
    check_possible(tenant, order.kind, order.scheme, order.year, order.amount_fen)
    if order.kind == OrderKind.CLOSE_YEAR:
        _close(actor, order, key)
    order.decided_by_id, order.decided_at = actor.user_id, now()
    order.save(update_fields=["state", "decided_by", "decided_at", "returned_fen", "carried_fen"])
    facts = {"kind": order.kind, "period": order.year, "amount_fen": order.amount_fen or order.returned_fen}
    record(actor=actor, action="pool.approve", obj=order, facts=facts)
    if order.kind == OrderKind.GRANT:
        grant(actor=actor, account=key, amount=order.amount_fen, reference=reference, reason="order")
    elif order.kind == OrderKind.RETURN:
        give_back(actor=actor, account=key, amount=order.amount_fen, reference=reference, reason="order")
    elif order.returned_fen:
        give_back(actor=actor, account=key, amount=order.returned_fen, reference=reference, reason=CLOSING)
    tell_who_may(
        "pool.grant",
        template="pool_order_done",
        key=f"pool/{order.pk}/done",
        link=f"/finance/orders/{order.pk}/",
        apart_from=actor.user_id,
    )
    return order


class _CameIn(Exception):
    """Something is held by the year that was not there when its requests were locked."""


def _close(actor: Actor, order: PoolOrder, key: AccountKey) -> None:
    """Carry line by line what is reserved, and note what is left to return."""
    held = _locked_units(order, key)
    order.carried_fen = sum(unit.subsidy_fen for _referral, unit in held)
    carry_units(actor=actor, units=held, year=order.year + 1)
    order.returned_fen = balance(key).available


def _locked_units(order: PoolOrder, key: AccountKey) -> list[tuple[Referral, DecidedUnit]]:
    """What the year holds, with its request: requests locked before any account.

    A use that is taken back before the accounts are had is seen behind them; then all is let go and locked once more with it.
    """
    while True:
        with suppress(_CameIn), transaction.atomic():
            keys = {unit.referral_id for unit in units_of_pool(order.scheme, order.year)}
            referrals = {
                row.pk: row
                for row in Referral.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
            }
            lock_accounts_of(*referrals.values(), also=[key, pool_key(order.scheme, order.year + 1)])
            held = units_of_pool(order.scheme, order.year)
            if not {unit.referral_id for unit in held} <= referrals.keys():
                raise _CameIn
            return [(referrals[unit.referral_id], unit) for unit in held]


@transaction.atomic
def decline_pool_order(*, actor: Actor, order_id: UUID | str) -> PoolOrder:
    """A second person says no; nothing moves, and whoever asked is told. Raises Forbidden ``same_person``, IllegalMove when it is decided."""
    require(actor, "pool.grant")
    order = _locked(order_id)
    _check_second(actor, order)
    declined = _ended(actor, order, PoolOrderEvent.DECLINE, "pool.decline")
    tell_one(
        order.asked_by_id,
        template="pool_order_declined",
        key=f"pool/{order.pk}/declined",
        link=f"/finance/orders/{order.pk}/",
    )
    return declined


@transaction.atomic
def withdraw_pool_order(*, actor: Actor, order_id: UUID | str) -> PoolOrder:
    """Whoever asked takes it back. Raises Forbidden ``not_yours`` for anybody else, IllegalMove when it is decided."""
    require(actor, "pool.grant")
    order = _locked(order_id)
    if order.asked_by_id != actor.user_id:
        raise Forbidden("not_yours")
    return _ended(actor, order, PoolOrderEvent.WITHDRAW, "pool.withdraw")


def _ended(actor: Actor, order: PoolOrder, event: PoolOrderEvent, action: str) -> PoolOrder:
    order.state = step(order.state, event)
    order.decided_by_id, order.decided_at = actor.user_id, now()
    order.save(update_fields=["state", "decided_by", "decided_at"])
    record(actor=actor, action=action, obj=order, facts={"kind": order.kind, "period": order.year})
    return order
