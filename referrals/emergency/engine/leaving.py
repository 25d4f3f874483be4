"""Whoever has left the school is called no more, and what they had is nobody's (chain §2: leaving bites at once).

A last day is over by itself, at the school's midnight: nobody writes anything then who could drop what waits. So it is asked of
the day, each time: of a page when it is taken, of a leg once a minute. What follows is written as for any other page or leg.
"""

import logging
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Membership
from notifications.providers.ports import Failed
from referrals.emergency.engine.held import is_held_up, take
from referrals.emergency.engine.known import KNOWN
from referrals.emergency.engine.queue import Tried, settle
from referrals.emergency.models import Delivery
from referrals.emergency.models.statements import released
from referrals.emergency.rules.leg_states import LegEvent, LegState, Who
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import Locked, drop_asked, fire, no_longer_asked
from tenancy.rounds import is_database_gone
from tenancy.scope import use_tenant

logger = logging.getLogger(__name__)

LEFT: Final = "left"
"""Why such a page did not leave, and such a leg was let go."""
EVERY_SECONDS: Final = 60.0
MOST: Final = 200
"""Incidents a look: with the next one come the others."""
_HAD: Final = (LegState.ACKNOWLEDGED.value, LegState.ENGAGED.value)

_GO_ON: Final = """
    UPDATE emergency_leg AS leg SET next_at = chain_now()
    WHERE leg.id = (SELECT id FROM emergency_leg WHERE id = %(leg)s FOR NO KEY UPDATE SKIP LOCKED)
      AND leg.epoch = %(epoch)s AND leg.state = 'paging' AND leg.next_event = 'step_due' AND leg.next_at > chain_now()
      AND EXISTS (SELECT 1 FROM emergency_recipient AS who WHERE who.leg_id = leg.id AND who.answer = ''
        AND who.epoch = leg.epoch AND who.round = leg.round AND who.member_id = %(member)s)
      AND NOT EXISTS (SELECT 1 FROM emergency_recipient AS other WHERE other.leg_id = leg.id AND other.answer = ''
        AND other.epoch = leg.epoch AND other.round = leg.round AND other.member_id IS DISTINCT FROM %(member)s)"""
"""Where nobody else is waited for. Who holds the leg is not waited for: it goes on by its own clock then."""

HAVE_LEFT: Final = f"""
    SELECT leg.tenant_id, leg.incident_id FROM emergency_leg AS leg
    JOIN tenancy_tenant AS school ON school.id = leg.tenant_id
    JOIN accounts_membership AS one ON one.tenant_id = leg.tenant_id AND one.id IN (leg.owner_id, leg.asked_id)
    WHERE leg.next_at IS NOT NULL AND leg.state = ANY(%s)
      AND one.left_on < ((SELECT chain_now()) AT TIME ZONE school.time_zone)::date
      AND emergency_known(leg, %s::jsonb) AND {released("leg.tenant_id", "leg.incident_id")}
    GROUP BY leg.tenant_id, leg.incident_id ORDER BY min(leg.since), leg.incident_id LIMIT %s"""  # noqa: S608  names of the schema
"""School and incident of legs that somebody has, or is asked to take over, who has left; of all schools, the longest had first."""


def give_up(school: UUID, pages: Sequence[Delivery]) -> None:
    """Pages to colleagues who have left, held by this sender, fail for good; where nobody else is waited for, the next step comes.

    One that cannot be written keeps no other from leaving: its lease runs out, and it is looked at again.
    """
    with use_tenant(school):
        for page in pages:
            try:
                settle(page, Tried(Failed(LEFT, is_final=True)))
                with connection.cursor() as cursor:
                    cursor.execute(
                        _GO_ON, {"leg": page.leg_id, "epoch": page.epoch, "member": page.recipient.member_id}
                    )
            except Exception as error:
                if is_database_gone(error):
                    raise
                logger.error("page %s of school %s could not be given up: %s", page.pk, school, type(error).__name__)


def had_by_leavers() -> list[Any]:
    """The parameters of ``HAVE_LEFT``."""
    return [list(_HAD), KNOWN, MOST]


def let_go(school: UUID, incident: UUID) -> int:
    """Legs of ``incident`` whose owner's last day is over are called again, and whoever has left is asked to take none over;
    returns of how many. Where it fails, or somebody holds it, it costs no other incident anything and comes again.
    """
    with use_tenant(school):
        try:
            with transaction.atomic():
                return _let_go(take(incident))
        except Exception as error:
            if is_held_up(error):
                return 0
            if is_database_gone(error):
                raise
            logger.error("what who has left had of incident %s stays theirs: %s", incident, type(error).__name__)
            return 0


def _let_go(locked: Locked) -> int:
    """By the day of the moment at which the incident was held: who came back meanwhile keeps it."""
    had = [leg for leg in locked.legs.values() if leg.state in _HAD]
    people = {pk for leg in had for pk in (leg.owner_id, leg.asked_id) if pk is not None}
    day = open_school().day_of(locked.moment)
    gone = set(Membership.objects.left(day).filter(pk__in=people).values_list("pk", flat=True))
    done = 0
    for leg in had:
        asked = leg.asked_id
        if leg.owner_id in gone:
            fire(
                locked, leg, LegEvent.RELEASE, who=Who.OWNER, role="engine", facts={"why": LEFT},
                owner_id=None, taken_by_id=None,
            )  # fmt: skip
            if asked is not None:
                no_longer_asked(locked, leg, asked)
        elif asked in gone:
            drop_asked(leg, locked.moment, asked)
            fire(locked, leg, LegEvent.HAND_OVER_DECLINED, who=Who.RECEIVER, role="engine", asked_id=None)
        else:
            continue
        done += 1
    return done
