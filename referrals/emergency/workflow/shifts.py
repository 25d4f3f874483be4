"""The only writers of the rota. Moments are those of the chain's clock; what has begun can only be ended (chain §2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from referrals.emergency.models import DutyShift, Layer, chain_moment
from referrals.emergency.rota import rows_between
from referrals.emergency.rules.on_duty import PREVIEW_DAYS, cells, rota_day
from referrals.emergency.workflow.holders import ON_DUTY_ROLES, locked_chain, one_of, open_school, unless_begun
from referrals.emergency.workflow.swaps import drop_swaps

FARTHEST: Final = timedelta(days=400)
LONGEST_ROW: Final = timedelta(days=31)
"""Of one row; a longer one is a slip of the pen."""

JUST_TAKEN: Final = timedelta(minutes=1)
"""In this time after somebody took over nobody takes it from them: two who press at once are one who has it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A shift as it is entered: a colleague or a line, ``[starts_at, ends_at)``, UTC."""

    starts_at: datetime
    ends_at: datetime
    holder_id: UUID | None = None
    line_id: UUID | None = None
    layer: int = Layer.FIRST.value


@transaction.atomic
def enter_shifts(*, actor: Actor, shifts: Sequence[Draft]) -> list[DutyShift]:
    """All of them or none. One that has begun counts from now on.

    Needs ``chain.rota``. Invalid ``shift_times``, ``shift_past``, ``shift_too_long``, ``shift_too_far``, ``holder_missing``,
    ``holder_twice``, ``holder_unknown``, ``line_unknown``; Refused ``duty_needs_role``; Conflict ``shift_overlaps`` with
    what is entered already or with each other. ``fields`` name the number of the shift.
    """
    require(actor, "chain.rota")
    locked_chain()
    now = chain_moment()
    found = [_row(number, draft, now) for number, draft in enumerate(shifts)]
    for number, row in enumerate(found):
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict("shift_overlaps", fields=((str(number), "shift_overlaps", ""),)) from error
    for row in found:
        record(actor=actor, action="duty.enter", obj=row, facts=_facts(row))
    return found


@transaction.atomic
def remove_shift(*, actor: Actor, shift_id: UUID) -> None:
    """Take out one that has not begun. Needs ``chain.rota``; NotFound; Conflict ``shift_begun``."""
    require(actor, "chain.rota")
    locked_chain()
    row = _shift(shift_id)
    drop_swaps(row, by=actor)
    record(actor=actor, action="duty.remove", obj=row, facts=_facts(row))
    with unless_begun("shift_begun"):
        row.delete()


@transaction.atomic
def end_shift(*, actor: Actor, shift_id: UUID) -> DutyShift:
    """One that runs ends now: from here on nobody is on duty in its layer. Needs ``chain.rota``; NotFound; Conflict ``shift_not_running``."""
    require(actor, "chain.rota")
    locked_chain()
    row, now = _shift(shift_id), chain_moment()
    if not row.starts_at < now < row.ends_at:
        raise Conflict("shift_not_running")
    _end(row, now, "shift_not_running")
    record(actor=actor, action="duty.end", obj=row, facts=_facts(row))
    return row


@transaction.atomic
def take_duty(*, actor: Actor, instead_of: UUID | None, layer: int = Layer.FIRST.value) -> DutyShift:
    """The actor is on duty from now on, until the shift that runs would have ended, else until the next one or the end of
    the cell. ``instead_of``: the shift that the actor saw running; None for a gap.

    Needs ``duty.take``. Invalid ``shift_times`` for an unknown layer; Conflict ``duty_is_yours``, ``duty_just_taken`` when
    somebody took over a moment ago, ``duty_moved_on`` when another shift runs than the one that was seen.
    """
    require(actor, "duty.take")
    if layer not in Layer.values:
        raise Invalid("shift_times", fields=(("layer", "shift_times", ""),))
    locked_chain()
    school, now = open_school(), chain_moment()
    holder, _line = one_of(actor.membership_id, None, "holder")
    running = DutyShift.objects.select_for_update(no_key=True)
    row = running.filter(layer=layer, starts_at__lte=now, ends_at__gt=now).first()
    if row is not None and row.holder_id == actor.membership_id:
        raise Conflict("duty_is_yours")
    if (row.pk if row else None) != instead_of:
        raise Conflict("duty_just_taken" if row and now - row.starts_at < JUST_TAKEN else "duty_moved_on")
    if row is not None:
        ends_at = row.ends_at
        _end(row, now, "duty_moved_on")
    else:
        cell = next(cell for cell in cells(rota_day(now, school.time_zone), 1, school.time_zone) if cell.covers(now))
        coming = rows_between(now, now + timedelta(days=PREVIEW_DAYS)).filter(layer=layer).first()
        ends_at = min(cell.ends_at, coming.starts_at) if coming else cell.ends_at
    taken = DutyShift(layer=layer, holder=holder, starts_at=now, ends_at=ends_at)
    taken.save(force_insert=True)
    record(actor=actor, action="duty.take", obj=taken, facts=_facts(taken))
    return taken


def _row(number: int, draft: Draft, now: datetime) -> DutyShift:
    at = str(number)

    def slip(code: str) -> Invalid:
        return Invalid(code, fields=((at, code, ""),))

    if draft.ends_at <= draft.starts_at or draft.layer not in Layer.values:
        raise slip("shift_times")
    if draft.ends_at <= now:
        raise slip("shift_past")
    if draft.ends_at - draft.starts_at > LONGEST_ROW:
        raise slip("shift_too_long")
    if draft.ends_at > now + FARTHEST:
        raise slip("shift_too_far")
    holder, line = one_of(draft.holder_id, draft.line_id, at)
    if holder is not None and not ON_DUTY_ROLES & set(holder.roles):
        raise Refused("duty_needs_role", fields=((at, "duty_needs_role", ""),))
    starts_at = max(draft.starts_at, now)
    return DutyShift(layer=draft.layer, holder=holder, line=line, starts_at=starts_at, ends_at=draft.ends_at)


def _shift(shift_id: UUID) -> DutyShift:
    row = DutyShift.objects.select_for_update(no_key=True).filter(pk=shift_id).first()
    if row is None:
        raise NotFound
    return row


def _end(row: DutyShift, now: datetime, over: str) -> None:
    """Conflict ``over`` when it has run out meanwhile."""
    row.ends_at = now
    with unless_begun(over):
        row.save(update_fields=["ends_at"])


def _facts(row: DutyShift) -> dict[str, object]:
    return {"starts_at": row.starts_at, "ends_at": row.ends_at, "layer": row.layer}
