"""What is told of drills by the calendar (14.10): once a month that a semester has none, each morning what is to be changed."""

from datetime import timedelta
from typing import Final

from django.db import transaction

from accounts.actor import Actor, require
from notifications.colleagues import tell_who_may
from notifications.outbox import enqueue
from referrals.emergency.drills import has_drill_in_semester
from referrals.emergency.models import Chain, DrillChange, chain_moment
from referrals.emergency.rules.drills import semester_of
from referrals.emergency.rules.plan_states import ChainState
from referrals.emergency.workflow.holders import open_school

AFTER_DAYS = 28
"""So long into a semester nobody is reminded."""
LEADERS_AFTER: Final = timedelta(days=2)


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


@transaction.atomic
def remind_of_changes(*, actor: Actor) -> int:
    """Whoever was to change something after a drill is told on its day, then daily until it is done; whoever leads drills too from
    the second day after it on, and at once where that colleague has left. May run twice a day. Needs ``chain.mend``; how many.
    """
    require(actor, "chain.mend")
    today = open_school().day_of(chain_moment())
    rows = DrillChange.objects.filter(done_at=None, until__lte=today).select_related("who", "drill")
    due = list(rows.order_by("until", "pk"))
    for row in due:
        link, key = f"/centre/emergency/drills/{row.drill_id}/", f"drill-change/{row.pk}/{today:%Y-%m-%d}"
        is_here = row.who.is_current(today) and not row.who.waits
        if is_here:
            enqueue(key=key, template="drill_change_due", to=row.who, link=link)
        if not is_here or today - row.until >= LEADERS_AFTER:
            tell_who_may(
                "drill.lead", template="drill_change_due", key=key, link=link,
                apart_from=row.who.user_id if is_here else None,
            )  # fmt: skip
    return len(due)
