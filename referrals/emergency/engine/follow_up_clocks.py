"""What follows an incident is due (chain §3, §10): whoever keeps it is told in the morning, and the head of the centre later.

A weekly talk is one row and one clock: weeks that nobody looked are one talk that is due, however many there were. What a review
changes is told to whoever does it.
"""

from datetime import date, datetime
from uuid import UUID

from accounts.models import Membership
from notifications.outbox import enqueue
from referrals.emergency.engine.row_clocks import each_due
from referrals.emergency.engine.task_clocks import heads_of
from referrals.emergency.models import FollowUp, ReviewChange
from referrals.emergency.rules.follow_ups import AGAIN, HEAD_AFTER, morning_of
from referrals.emergency.workflow.following_up import follow_up_page, may_keep
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import Locked, note
from referrals.emergency.workflow.reviewing import REVIEWS, may_do


def decide_follow_ups(limit: int = 20) -> int:
    """Say so of the talks and the changes of the open school that are due, ``limit`` at most; returns how many."""
    talks = each_due(FollowUp, _talk, limit)
    return talks + each_due(ReviewChange, _change, limit - talks)


def _talk(locked: Locked, row: FollowUp) -> None:
    assert row.due_at is not None, "what is open is due once"
    school = open_school()
    day = school.day_of(locked.moment)
    row.next_at = morning_of(day + AGAIN, school.time_zone)
    row.save(update_fields=["next_at"])
    note(locked.incident, "follow_up.due", role="engine")
    kept = row.owner if may_keep(locked.incident, row.owner_id, day) else None
    _tell(
        locked, row.pk, "emergency_follow_up_due", follow_up_page(locked.incident.pk), kept, since=row.due_at, day=day
    )


def _change(locked: Locked, row: ReviewChange) -> None:
    school = open_school()
    day = school.day_of(locked.moment)
    row.next_at = morning_of(day + AGAIN, school.time_zone)
    row.save(update_fields=["next_at"])
    who = row.who if may_do(locked.incident, row.who_id, day) else None
    _tell(locked, row.pk, "emergency_change_due", REVIEWS, who, since=morning_of(row.until, school.time_zone), day=day)


def _tell(
    locked: Locked, pk: UUID, template: str, link: str, keeper: Membership | None, *, since: datetime, day: date
) -> None:
    """Whoever keeps it; the head of the centre too when it stays overdue, and instead of who cannot any more."""
    told = {keeper.pk: keeper} if keeper is not None else {}
    if keeper is None or locked.moment - since >= HEAD_AFTER:
        told |= {head.pk: head for head in heads_of(locked)}
    for member in told.values():
        enqueue(key=f"after:{pk}:{day.isoformat()}:{member.pk}", template=template, to=member, link=link)
