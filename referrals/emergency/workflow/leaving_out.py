"""Who must not know of one incident is written, and bites at once (chain §2, §10 ``excluded[]``)."""

from collections.abc import Collection
from uuid import UUID

from referrals.emergency.models import Incident, LeftOut
from referrals.emergency.workflow.withdrawing import leave_out

Why = LeftOut.Why


def write_left_out(
    incident: Incident,
    *,
    members: Collection[UUID] = (),
    namesakes: Collection[UUID] = (),
    numbers: Collection[bytes] = (),
) -> None:
    """Nobody of these hears of ``incident`` any more, in the caller's transaction, which holds it or has just written it.

    ``namesakes`` end when somebody writes whom it is about; what was asked for stays until the incident is erased.
    """
    rows = [LeftOut(incident=incident, member_id=pk, why=Why.ASKED) for pk in sorted(members)]
    rows += [LeftOut(incident=incident, number_hash=number, why=Why.ASKED) for number in sorted(numbers)]
    rows += [LeftOut(incident=incident, member_id=pk, why=Why.NAMESAKE) for pk in sorted(set(namesakes) - set(members))]
    if not rows:
        return
    LeftOut.objects.filter(incident=incident, why=Why.NAMESAKE, member_id__in=members).update(why=Why.ASKED)
    LeftOut.objects.bulk_create(rows, ignore_conflicts=True)
    leave_out(incident)
