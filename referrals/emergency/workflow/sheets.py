"""The only writer of printed contact sheets."""

from django.db import transaction
from django.db.models import Max

from accounts.actor import Actor, require
from audit import record
from kernel.errors import NotFound
from referrals.emergency.models import SheetCopy
from referrals.emergency.workflow.holders import locked_chain


@transaction.atomic
def number_copy(*, actor: Actor) -> SheetCopy:
    """The next number, kept with who prints it and when. Needs ``chain.sheet``."""
    require(actor, "chain.sheet")
    if actor.membership_id is None:
        raise NotFound
    locked_chain()  # one after the other, so that no number is drawn twice or left out
    last = SheetCopy.objects.aggregate(last=Max("number"))["last"] or 0
    copy = SheetCopy(number=last + 1, by_id=actor.membership_id)
    copy.save(force_insert=True)
    record(actor=actor, action="chain.sheet", obj=copy, facts={"number": copy.number})
    return copy
