"""Who goes on with an objection that nobody of its office has decided for ten working days (books §9)."""

from datetime import datetime

from django.db.models import Count

from accounts.models import Membership
from accounts.same_person import same_member
from audit.models import AuditEntry, object_of
from referrals.kinds import KINDS
from referrals.models import PassedOn, Referral
from referrals.states import RedemptionState
from referrals.workflow.notices import deciders_today


def second_decider(referral: Referral, since: datetime) -> Membership | None:
    """The next of the office that decides the kind: never the person themself, and first whoever has not opened it ``since``.

    Among those the one who goes on with the fewest others. None where the office has nobody else: who alone is there has had
    it for ten days, and another office must not read it.
    """
    members = list(deciders_today(KINDS[referral.kind].decider).order_by("pk"))
    able = [member for member in members if not same_member(member.pk, referral.person_id)]
    object_type, object_id = object_of(referral)
    opened = AuditEntry.objects.filter(
        object_type=object_type, object_id=object_id, action="referral.read", at__gte=since
    )
    looked = set(opened.values_list("actor_id", flat=True))
    fresh = [member for member in able if member.user_id not in looked]
    if len(able) < 2:
        return None
    waiting = PassedOn.objects.filter(redemption__state=RedemptionState.DISPUTED, member__in=able)
    load = dict(waiting.values_list("member_id").annotate(many=Count("pk")))
    return min(fresh or able, key=lambda member: (load.get(member.pk, 0), str(member.pk)))
