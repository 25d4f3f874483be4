"""The centre is told when a semester has no drill, planned or played (14.10): once a month from its second month on."""

from django.db import transaction

from accounts.actor import Actor, require
from notifications.colleagues import tell_who_may
from referrals.emergency.drills import has_drill_in_semester
from referrals.emergency.models import Chain, chain_moment
from referrals.emergency.rules.drills import semester_of
from referrals.emergency.rules.plan_states import ChainState
from referrals.emergency.workflow.holders import open_school

AFTER_DAYS = 28
"""So long into a semester nobody is reminded."""


@transaction.atomic
def tell_when_wanted(*, actor: Actor) -> bool:
    """Whether one is wanted. May run twice: a month is told of once. Needs ``chain.mend``."""
    require(actor, "chain.mend")
    school = open_school()
    today = school.day_of(chain_moment())
    first, _last = semester_of(today)
    state = Chain.objects.values_list("state", flat=True).first() or ChainState.OFF
    if state == ChainState.OFF or (today - first).days < AFTER_DAYS or has_drill_in_semester(school, today):
        return False
    # One key a month: the same message is written once, however often this runs.
    tell_who_may(
        "drill.lead", template="drill_wanted", key=f"drill-wanted/{today:%Y-%m}", link="/centre/emergency/drills/",
        apart_from=None,
    )  # fmt: skip
    return True
