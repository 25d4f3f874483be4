"""Somebody is called no longer, also in what is happening now (chain §2): withdrawn, barred, a wrong number, gone.

The resolver leaves them out of every step to come; here what is already queued for them dies, and a leg that waits for
nobody else goes on at once. A leg that is in the hands of whoever may no longer know of it is nobody's, and is called again.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.same_person import everywhere
from referrals.emergency.models import FirstWord, Incident, Leg, Recipient
from referrals.emergency.models.contacts import number_hashes
from referrals.emergency.resolving import left_out_of
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import LegEvent, LegState, Who
from referrals.emergency.rules.sending import NO_EPOCH
from referrals.emergency.workflow.companions import let_companions_go
from referrals.emergency.workflow.moving import Locked, fire, lock
from referrals.emergency.workflow.standing import is_left_out
from referrals.emergency.workflow.team import lost
from tenancy.scope import current_tenant_id

_HOLD: Final = """
    SELECT leg.id FROM emergency_incident AS incident
    JOIN emergency_leg AS leg ON leg.tenant_id = incident.tenant_id AND leg.incident_id = incident.id
    WHERE (incident.person_id = %(person)s OR incident.id = %(incident)s) AND incident.closed_at IS NULL
    ORDER BY incident.id, leg.id FOR NO KEY UPDATE"""
"""The engine looks who may be called and writes their pages under the lock of the legs: whoever is taken out between the two
waits until the pages are there, else these would leave.
"""

_DROP: Final = """
    UPDATE emergency_delivery AS page SET folded_into_id = NULL,
        state = CASE page.state WHEN 'queued' THEN 'dropped' ELSE page.state END,
        settled_at = CASE page.state WHEN 'queued' THEN chain_now() ELSE page.settled_at END,
        epoch = CASE page.state WHEN 'claimed' THEN %(no_epoch)s ELSE page.epoch END
    FROM emergency_recipient AS who
    JOIN emergency_leg AS leg ON leg.tenant_id = who.tenant_id AND leg.id = who.leg_id
    JOIN emergency_incident AS incident ON incident.tenant_id = leg.tenant_id AND incident.id = leg.incident_id
    WHERE page.recipient_id = who.id AND page.tenant_id = who.tenant_id AND page.state IN ('queued', 'claimed', 'folded')
      AND (incident.person_id = %(person)s OR incident.id = %(incident)s)
      AND (who.target_hash = ANY(%(numbers)s) OR who.member_id = ANY(%(members)s))"""

"""Also of one that has ended: what waits there tells that it is over, and so that there was one."""

_GO_ON: Final = """
    UPDATE emergency_leg AS leg SET next_at = chain_now()
    FROM emergency_incident AS incident
    WHERE incident.tenant_id = leg.tenant_id AND incident.id = leg.incident_id
      AND (incident.person_id = %(person)s OR incident.id = %(incident)s)
      AND leg.state = 'paging' AND leg.next_event = 'step_due' AND leg.next_at > chain_now()
      AND EXISTS (SELECT 1 FROM emergency_recipient AS who WHERE who.leg_id = leg.id AND who.answer = ''
        AND (who.target_hash = ANY(%(numbers)s) OR who.member_id = ANY(%(members)s)))
      AND NOT EXISTS (SELECT 1 FROM emergency_recipient AS other WHERE other.leg_id = leg.id AND other.answer = ''
        AND other.epoch = leg.epoch AND other.round = leg.round
        AND NOT (other.target_hash = ANY(%(numbers)s) OR coalesce(other.member_id = ANY(%(members)s), false)))"""


def no_page_leaves(
    person_id: UUID | None,
    *,
    numbers: Collection[bytes] = (),
    members: Collection[UUID] = (),
    incident_id: UUID | None = None,
) -> None:
    """What waits for these numbers and colleagues in incidents about ``person_id``, and in ``incident_id`` whoever it is
    about, dies in the caller's transaction.

    A page that a sender holds at this moment is under way and cannot be called back; it is not tried a second time.
    """
    people = everywhere(members)
    params: Mapping[str, Any] = {
        "person": person_id,
        "incident": incident_id,
        "numbers": list(number_hashes(current_tenant_id(), people.phones).union(numbers)),
        "members": list(people.members),
        "no_epoch": NO_EPOCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, params)
        cursor.execute(_DROP, params)
        cursor.execute(_GO_ON, params)


def let_go(person_id: UUID | None, *, numbers: Collection[bytes] = (), incident_id: UUID | None = None) -> None:
    """Legs of live incidents about ``person_id``, and of ``incident_id``, that somebody has who must not know of them any more are called again at
    once, and such a colleague is asked no longer to take one over: there is no such incident to them, so that nobody would
    ever hear from them. By person and by number. What they have said counts no more.

    Contacts are locked before; a leg that was passed on keeps its own clock and asks the centre.
    """
    about = Q(pk=incident_id) if person_id is None else Q(pk=incident_id) | Q(person_id=person_id)
    live = Incident.objects.filter(about, closed_at=None).order_by("pk")
    for pk in live.values_list("pk", flat=True):
        locked = lock(pk)
        for leg in locked.legs.values():
            if leg.asked_id is not None and is_left_out(locked.incident, leg.asked_id):
                fire(locked, leg, LegEvent.HAND_OVER_DECLINED, who=Who.RECEIVER, role="engine", asked_id=None)
            if leg.state in (LegState.ACKNOWLEDGED, LegState.ENGAGED) and _has(locked.incident, leg, numbers):
                fire(locked, leg, LegEvent.RELEASE, who=Who.OWNER, role="engine", owner_id=None, taken_by_id=None)
        _said_counts_no_more(locked)
        let_companions_go(locked)


def leave_out(incident: Incident) -> None:
    """Whoever must not know of ``incident`` is called no further, and has nothing of it in their hands: its person first.

    By the rows as they stand now, in the caller's transaction, which holds the incident.
    """
    out = left_out_of(incident)
    no_page_leaves(incident.person_id, numbers=out.numbers, members=out.members, incident_id=incident.pk)
    let_go(incident.person_id, numbers=out.numbers, incident_id=incident.pk)


def _said_counts_no_more(locked: Locked) -> None:
    """A first word waits for no second one, and what a word of a false alarm holds goes on at once; a team that was complete by
    such an answer is called again.
    """
    for word in FirstWord.objects.filter(incident=locked.incident, ended_at=None).order_by("pk"):
        if not is_left_out(locked.incident, word.by_id):
            continue
        word.ended_at = locked.moment
        word.save(update_fields=["ended_at"])
        for leg in locked.legs.values():
            if word.act == "false_alarm" and leg.next_event == LegEvent.FALSE_ALARM_LAPSED:
                leg.next_at = locked.moment
                leg.save(update_fields=["next_at"])
    team = locked.leg(LegKind.TEAM)
    if team.state in (LegState.ACKNOWLEDGED, LegState.ENGAGED) and lost(team):
        fire(locked, team, LegEvent.RELEASE, who=Who.OWNER, role="engine", owner_id=None, taken_by_id=None)


def _has(incident: Incident, leg: Leg, numbers: Collection[bytes]) -> bool:
    """Whether somebody left out has the leg: a colleague as its owner, anybody else as whoever answered."""
    if leg.owner_id is not None:
        return is_left_out(incident, leg.owner_id)
    taker = Recipient.objects.filter(pk=leg.taken_by_id).first() if leg.taken_by_id else None
    return taker is not None and bytes(taker.target_hash) in numbers
