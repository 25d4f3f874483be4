"""The only writer of hand-overs: whoever begins a shift says that they have read what is open."""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.once import once
from audit import record
from kernel.errors import Conflict, NotFound
from referrals.emergency.hand_over import open_numbers
from referrals.emergency.models import DutyHandOver, DutyShift, chain_moment
from referrals.emergency.models.hand_overs import ONE_A_SHIFT

_TAKEN = {ONE_A_SHIFT: lambda: Conflict("hand_over_done")}


@transaction.atomic
def accept_hand_over(*, actor: Actor, shift_id: UUID) -> DutyHandOver:
    """Keeps the numbers that stand on the card now, as far as the actor may know of them.

    Needs ``duty.take``. NotFound unless the shift runs and is the actor's; Conflict ``hand_over_done``.
    """
    require(actor, "duty.take")
    now = chain_moment()
    shift = DutyShift.objects.filter(
        pk=shift_id, holder_id=actor.membership_id, starts_at__lte=now, ends_at__gt=now
    ).first()
    if shift is None or actor.membership_id is None:
        raise NotFound
    numbers = [row.number for row in open_numbers(actor.membership_id)]
    row = DutyHandOver(shift=shift, by_id=actor.membership_id, numbers=numbers)
    with once(_TAKEN):
        row.save(force_insert=True)
    record(actor=actor, action="duty.hand_over", obj=row, facts={"count": len(numbers)})
    return row
