"""The only writer of absences from the rota: everybody says their own, and nobody is asked why (chain §2)."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid, NotFound
from notifications.colleagues import tell_who_may
from referrals.emergency.models import DutyAway, chain_moment
from referrals.emergency.workflow.holders import colleague, locked_chain, open_school

LONGEST_AWAY: Final = timedelta(days=92)
FARTHEST_AWAY: Final = timedelta(days=400)
KEPT_AFTER: Final = timedelta(days=90)
"""So long after its end it can still be told who was away; then nobody needs it."""
PAGE: Final = "/centre/emergency/duty/away/"


@transaction.atomic
def enter_away(*, actor: Actor, first_day: date, last_day: date) -> DutyAway:
    """The actor is away on ``first_day`` … ``last_day`` of the school, both included. Who keeps the rota is told that it has
    to be filled; shifts stay theirs until somebody has them.

    Needs ``duty.take``. Invalid ``away_days``, ``away_past`` for one that begins before today, ``away_too_long``,
    ``away_too_far``, ``holder_unknown``; Conflict ``away_twice`` with days entered already.
    """
    require(actor, "duty.take")
    if actor.membership_id is None:
        raise NotFound
    locked_chain()
    today = open_school().day_of(chain_moment())
    member = colleague(actor.membership_id, "first_day")
    if last_day < first_day:
        raise Invalid("away_days", fields=(("last_day", "away_days", ""),))
    if first_day < today:
        raise Invalid("away_past", fields=(("first_day", "away_past", ""),))
    if last_day - first_day >= LONGEST_AWAY:
        raise Invalid("away_too_long", fields=(("last_day", "away_too_long", ""),))
    if last_day - today > FARTHEST_AWAY:
        raise Invalid("away_too_far", fields=(("last_day", "away_too_far", ""),))
    row = DutyAway(member=member, first_day=first_day, last_day=last_day)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("away_twice", fields=(("first_day", "away_twice", ""),)) from error
    record(actor=actor, action="duty_away.enter", obj=row)
    tell_who_may("chain.rota", template="duty_away", key=f"duty-away/{row.pk}", link=PAGE, apart_from=actor.user_id)
    return row


@transaction.atomic
def take_back_away(*, actor: Actor, away_id: UUID) -> None:
    """The actor is there after all: from today on, if it has begun. Needs ``duty.take``; NotFound for another's, or one that is over."""
    require(actor, "duty.take")
    locked_chain()
    today = open_school().day_of(chain_moment())
    rows = DutyAway.objects.select_for_update(no_key=True)
    row = rows.filter(pk=away_id, member_id=actor.membership_id, last_day__gte=today).first()
    if row is None:
        raise NotFound
    record(actor=actor, action="duty_away.back", obj=row)
    if row.first_day >= today:
        row.delete()
        return
    row.last_day = today - timedelta(days=1)
    row.save(update_fields=["last_day"])


@transaction.atomic
def forget_away(*, actor: Actor) -> int:
    """Absences that ended ``KEPT_AFTER`` ago go. Needs ``chain.mend``; returns how many."""
    require(actor, "chain.mend")
    today = open_school().day_of(chain_moment())
    gone, _by_model = DutyAway.objects.filter(last_day__lt=today - KEPT_AFTER).delete()
    return gone
