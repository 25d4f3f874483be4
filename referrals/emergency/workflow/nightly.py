"""Every night the plans in use and the rota are looked at again; what has gone wrong since is told once (chain §3)."""

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from notifications.colleagues import tell_who_may
from referrals.emergency.going_live import lacks
from referrals.emergency.models import Plan, chain_moment
from referrals.emergency.rules.plan_states import ChainState, PlanState
from referrals.emergency.workflow.holders import locked_chain, open_school


@transaction.atomic
def look_again_at_plans(*, actor: Actor) -> int:
    """Tell centre and administrator when something stops that did not stop the last time. Needs ``chain.mend``.

    What was mended and comes back is told again. Returns how many new faults there are. A school without a plan in use,
    whose chain is off, is left alone.
    """
    require(actor, "chain.mend")
    chain, now = locked_chain(), chain_moment()
    if chain.state == ChainState.OFF and not Plan.objects.filter(state=PlanState.IN_USE).exists():
        return 0
    keys = sorted({lack.key for lack in lacks(open_school(), now)})
    new = [key for key in keys if key not in chain.told_faults]
    if keys != chain.told_faults:
        chain.told_faults = keys
        chain.save(update_fields=["told_faults"])
    if new:
        record(actor=actor, action="chain.faults", obj=chain, facts={"count": len(new)})
        tell_who_may(
            "chain.mend",
            template="chain_faults",
            key=f"chain-faults/{chain.pk}/{now.isoformat()}",
            link="/centre/emergency/chain/",
            apart_from=None,
        )
    return len(new)
