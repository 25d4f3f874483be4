"""What a person paid at the counter for a use that was taken back: owed by the agency until the person has it (books §3)."""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import NotFound, Refused
from referrals.access import as_uuid
from referrals.models import Redemption


@transaction.atomic
def confirm_own_share(*, actor: Actor, redemption_id: UUID | str) -> Redemption:
    """The person says that the agency has given back what it collected. Said twice, it counts once.

    Raises NotFound for anybody else's, Refused ``nothing_due`` where nothing is or was owed.
    """
    require(actor, "voucher.own")
    redemption = (
        Redemption.objects.select_for_update(no_key=True)
        .filter(pk=as_uuid(redemption_id), voucher__person_id=actor.membership_id)
        .first()
    )
    if redemption is None or actor.membership_id is None:
        raise NotFound
    if redemption.own_share_back_at is not None:
        return redemption
    if not redemption.own_share_due:
        raise Refused("nothing_due")
    redemption.own_share_due, redemption.own_share_back_at = False, now()
    redemption.save(update_fields=["own_share_due", "own_share_back_at"])
    record(actor=actor, action="voucher.own_share_back", obj=redemption, facts={"self_fen": redemption.self_now_fen})
    return redemption
