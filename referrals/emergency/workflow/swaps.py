"""The only writers of swaps: whoever holds a shift asks one colleague; both may undo until it begins (chain §2 On duty at t).

The shift itself bears who is on duty: a swap that is accepted writes it, so that page, engine and readiness go on asking one
function. Whether it has begun the database says, at the moment of the write. Lock order: the school's chain, swap, shift, record.
"""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.once import once
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from notifications.outbox import enqueue
from referrals.emergency.models import DutyShift, DutySwap, chain_moment
from referrals.emergency.models.swaps import ASKED_ONCE
from referrals.emergency.rota import away_between
from referrals.emergency.rules.swaps import LIVING, SwapEvent, SwapState, swap_step
from referrals.emergency.workflow.holders import ON_DUTY_ROLES, colleague, locked_chain, open_school, unless_begun

_TAKEN: Final = {ASKED_ONCE: lambda: Conflict("swap_asked_already")}


@transaction.atomic
def ask_swap(*, actor: Actor, shift_id: UUID, colleague_id: UUID) -> DutySwap:
    """Ask a colleague to take a shift of one's own, whole. Until they accept it stays with the actor.

    Needs ``duty.take``; NotFound; Refused ``swap_not_yours``, ``duty_needs_role``; Invalid ``swap_with_oneself``,
    ``holder_unknown``; Conflict ``swap_begun``, ``swap_on_duty_then``, ``swap_away_then``, ``swap_asked_already``.
    """
    require(actor, "duty.take")
    locked_chain()
    shift = _shift(shift_id)
    if shift.holder_id is None or shift.holder_id != actor.membership_id:
        raise Refused("swap_not_yours")
    if shift.starts_at <= chain_moment():
        raise Conflict("swap_begun")
    if colleague_id == actor.membership_id:
        raise Invalid("swap_with_oneself", fields=(("colleague", "swap_with_oneself", ""),))
    asked = _can_take(shift, colleague_id)
    _must_be_there(shift, colleague_id)
    swap = DutySwap(
        shift=shift,
        asker_id=shift.holder_id,
        asked=asked,
        layer=shift.layer,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
    )
    with once(_TAKEN):
        swap.save(force_insert=True)
    _tell(swap, "duty_swap_asked", asked)
    record(actor=actor, action="duty_swap.ask", obj=swap, facts=_facts(swap))
    return swap


@transaction.atomic
def accept_swap(*, actor: Actor, swap_id: UUID) -> DutySwap:
    """From here on the shift is the actor's, who was asked.

    Needs ``duty.take``; NotFound for everybody else; IllegalMove when it is answered, withdrawn or void; Refused
    ``duty_needs_role``; Invalid ``holder_unknown``; Conflict ``swap_on_duty_then``, ``swap_away_then``, ``swap_begun``.
    """
    require(actor, "duty.take")
    swap, shift = _locked(swap_id, actor, asked=True)
    state = swap_step(swap.state, SwapEvent.ACCEPT)
    assert shift is not None  # what is asked has a shift, by the database
    member = _can_take(shift, swap.asked_id)
    _must_be_there(shift, swap.asked_id)
    for former in DutySwap.objects.filter(shift=shift, state=SwapState.ACCEPTED):
        _end(former, SwapEvent.HAND_ON, actor)
    swap.state, swap.accepted_at = state, chain_moment()
    swap.save(update_fields=["state", "accepted_at"])
    _tell(swap, "duty_swap_accepted", swap.asker)
    record(actor=actor, action="duty_swap.accept", obj=swap, facts=_facts(swap))
    _hold(shift, member)
    return swap


@transaction.atomic
def decline_swap(*, actor: Actor, swap_id: UUID) -> DutySwap:
    """The shift stays with who asked; no reason is asked. Needs ``duty.take``; errors as ``accept_swap``."""
    require(actor, "duty.take")
    swap, _shift_of = _locked(swap_id, actor, asked=True)
    _still_to_come(swap)
    _end(swap, SwapEvent.DECLINE, actor)
    _tell(swap, "duty_swap_declined", swap.asker)
    record(actor=actor, action="duty_swap.decline", obj=swap, facts=_facts(swap))
    return swap


@transaction.atomic
def withdraw_swap(*, actor: Actor, swap_id: UUID) -> DutySwap:
    """Whoever asked asks no more, before the colleague has accepted. Needs ``duty.take``; errors as ``accept_swap``."""
    require(actor, "duty.take")
    swap, _shift_of = _locked(swap_id, actor, asked=False)
    _still_to_come(swap)
    _end(swap, SwapEvent.WITHDRAW, actor)
    _tell(swap, "duty_swap_over", swap.asked)
    record(actor=actor, action="duty_swap.withdraw", obj=swap, facts=_facts(swap))
    return swap


@transaction.atomic
def undo_swap(*, actor: Actor, swap_id: UUID) -> DutySwap:
    """Either of the two takes an accepted swap back: the shift is again that of who asked. Whom the new holder has asked
    meanwhile is asked no more.

    Needs ``duty.take``; NotFound for everybody else; IllegalMove unless it stands; Invalid ``holder_unknown``, Refused
    ``duty_needs_role`` when who asked can no longer be on duty; Conflict ``swap_on_duty_then``, ``swap_begun``.
    """
    require(actor, "duty.take")
    swap, shift = _locked(swap_id, actor, asked=None)
    swap_step(swap.state, SwapEvent.UNDO)
    assert shift is not None  # what is accepted has a shift, by the database
    member = _can_take(shift, swap.asker_id)
    _end(swap, SwapEvent.UNDO, actor)
    for asked in DutySwap.objects.filter(shift=shift, state=SwapState.ASKED):
        _end(asked, SwapEvent.DROP, actor)
        _tell(asked, "duty_swap_over", asked.asked)
    _tell(swap, "duty_swap_over", swap.asked if actor.membership_id == swap.asker_id else swap.asker)
    record(actor=actor, action="duty_swap.undo", obj=swap, facts=_facts(swap))
    _hold(shift, member)
    return swap


def drop_swaps(shift: DutyShift, *, by: Actor) -> None:
    """A shift is being taken out: what was asked or agreed about it is void, the two are told, and rows that stay let go of
    it. Inside the writer that takes it out, under its lock.
    """
    for swap in DutySwap.objects.select_for_update(no_key=True).filter(shift=shift):
        if swap.state in LIVING:
            _end(swap, SwapEvent.DROP, by)
            for member in (swap.asker, swap.asked):
                _tell(swap, "duty_swap_over", member)
    DutySwap.objects.filter(shift=shift).update(shift=None)


def _shift(shift_id: UUID) -> DutyShift:
    row = DutyShift.objects.select_for_update(no_key=True).filter(pk=shift_id).first()
    if row is None:
        raise NotFound
    return row


def _locked(swap_id: UUID, actor: Actor, *, asked: bool | None) -> tuple[DutySwap, DutyShift | None]:
    """The swap and its shift, held. NotFound unless the actor is who was asked (True), who asked (False), either (None)."""
    locked_chain()
    swap = DutySwap.objects.select_for_update(no_key=True).filter(pk=swap_id).first()
    parties = {True: "asked_id", False: "asker_id"}
    sides = [parties[asked]] if asked is not None else list(parties.values())
    if swap is None or actor.membership_id not in {getattr(swap, side) for side in sides}:
        raise NotFound
    return swap, _shift(swap.shift_id) if swap.shift_id else None


def _can_take(shift: DutyShift, member_id: UUID) -> Membership:
    """Who belongs to the school, may be on duty, and is not called in the other layer at that time."""
    member = colleague(member_id, "colleague")
    if not ON_DUTY_ROLES & set(member.roles):
        raise Refused("duty_needs_role", fields=(("colleague", "duty_needs_role", ""),))
    beside = DutyShift.objects.filter(holder=member, starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at)
    if beside.exclude(pk=shift.pk).exists():
        raise Conflict("swap_on_duty_then", fields=(("colleague", "swap_on_duty_then", ""),))
    return member


def _must_be_there(shift: DutyShift, member_id: UUID) -> None:
    """Nobody takes a shift for days on which they have said that they are away; whose it was may have it back all the same."""
    if member_id in away_between(open_school(), shift.starts_at, shift.ends_at):
        raise Conflict("swap_away_then", fields=(("colleague", "swap_away_then", ""),))


def _still_to_come(swap: DutySwap) -> None:
    if swap.starts_at <= chain_moment():
        raise Conflict("swap_begun")


def _hold(shift: DutyShift, member: Membership) -> None:
    """The last write of all, so that nothing waits between the database's look at the clock and the end of the transaction."""
    shift.holder, shift.told_day, shift.told_soon = member, False, False
    with unless_begun("swap_begun"):
        shift.save(update_fields=["holder", "told_day", "told_soon"])


def _end(swap: DutySwap, event: SwapEvent, by: Actor) -> None:
    swap.state = swap_step(swap.state, event)
    swap.ended_at, swap.ended_by_id = chain_moment(), by.membership_id
    swap.save(update_fields=["state", "ended_at", "ended_by"])


def _tell(swap: DutySwap, template: str, to: Membership) -> None:
    """A word that names nobody and no hour."""
    enqueue(
        key=f"duty_swap:{swap.pk}:{template}:{to.pk}",
        template=template,
        to=to,
        link=f"/centre/emergency/duty/swaps/{swap.pk}/",
    )


def _facts(swap: DutySwap) -> dict[str, object]:
    return {"starts_at": swap.starts_at, "ends_at": swap.ends_at, "layer": swap.layer}
