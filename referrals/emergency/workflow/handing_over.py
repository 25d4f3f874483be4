"""A leg goes from one colleague to another: asked, taken or not; until then it is the old owner's (chain §9).

Whoever must never know of the incident can never be asked: to them there is none, however somebody names them.
"""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.actor import Actor
from accounts.models import Membership
from accounts.roles import Role
from accounts.same_person import with_accounts
from audit import record
from kernel.errors import Forbidden, IllegalMove, NotFound
from notifications.outbox import enqueue
from referrals.emergency import resolving, rota
from referrals.emergency.engine.advancing import Act, alarming
from referrals.emergency.leg_facts import facts_of
from referrals.emergency.messages import in_drill
from referrals.emergency.models import Answer, Incident, Leg, LegStep, chain_moment
from referrals.emergency.resolving import Resolver
from referrals.emergency.rules.leg_states import LegEvent, LegState, Who
from referrals.emergency.rules.sending import ASK_TO_TAKE_OVER
from referrals.emergency.rules.step_rules import TEAM
from referrals.emergency.workflow.in_drill import tell_in_house
from referrals.emergency.workflow.moving import ASKED, Locked, drop_asked, fire, no_longer_asked, own_recipient
from referrals.emergency.workflow.standing import opened, who_is
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

_HELPERS: Final = (Role.DUTY, Role.CENTRE)


def askable(incident: Incident, leg: Leg) -> list[Membership]:
    """Who can be asked to take ``leg`` over, by name: psychologists and the team, without its owner and without whoever
    must never know of this incident.
    """
    moment = chain_moment()
    day = Tenant.objects.only("time_zone").get(pk=current_tenant_id()).day_of(moment)
    seats = rota.seats_on(day).filter(kind__in=[kind.value for kind in TEAM])
    held = {pk for row in seats for pk in (row.holder_id, row.deputy_id) if pk}
    rows = with_accounts(Membership.objects.current(day).accepted().exclude(pk=leg.owner_id))
    found = list(rows.filter(Q(roles__overlap=list(_HELPERS)) | Q(pk__in=held)).order_by("sort_key", "pk"))
    resolver = Resolver(facts_of([incident.pk], moment, colleagues=found), {incident.pk: incident.person_id})
    return [member for member in found if resolver.reach_colleague(leg, ASKED, member.pk) is not None]


@transaction.atomic
def ask_to_take_over(*, actor: Actor, incident_id: UUID | str, kind: str, colleague_id: UUID | str) -> Leg:
    """Whoever has the leg asks a colleague, who is paged and has ten minutes. Another one asked replaces the first.

    Forbidden for everybody else, also for the school's owner on an outside party's leg: that one is not theirs to give.
    NotFound for who cannot be asked. IllegalMove unless the owner is there.
    """
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    if leg.owner_id is None or leg.owner_id != actor.membership_id:
        raise Forbidden(permission="leg.hand_over")
    asked = next((row for row in askable(locked.incident, leg) if str(row.pk) == str(colleague_id)), None)
    if asked is None:
        raise NotFound
    before = leg.asked_id
    fire(
        locked, leg, LegEvent.HAND_OVER, who=who_is(actor, locked, leg), by=actor, asked_id=asked.pk, ticks=leg.ticks + 1
    )  # fmt: skip
    if before is not None and before != asked.pk:
        no_longer_asked(locked, leg, before)
    _page(locked, leg, asked)
    record(actor=actor, action="incident.hand_over", obj=locked.incident, facts={"leg": kind})
    return leg


@transaction.atomic
def accept(*, actor: Actor, incident_id: UUID | str, kind: str) -> Leg:
    """The colleague who was asked takes it over, also after the ten minutes while nobody else has it.

    IllegalMove for whoever is not asked any more.
    """
    locked, leg = _asked(actor, incident_id, kind, LegEvent.HAND_OVER_ACCEPTED)
    before, page = leg.owner_id, own_recipient(leg, actor.membership_id)
    drop_asked(leg, locked.moment, actor.membership_id)
    if page is not None:
        page.answer, page.answered_at = Answer.ACKNOWLEDGED, locked.moment
        page.save(update_fields=["answer", "answered_at"])
    fire(
        locked, leg, LegEvent.HAND_OVER_ACCEPTED, who=Who.RECEIVER, by=actor,
        asked_id=None, owner_id=actor.membership_id, taken_by_id=page.pk if page else None,
        at_latest=resolving.shift_ends(actor.membership_id, locked.moment),
    )  # fmt: skip
    _tell_old_owner(locked, leg, before)
    record(actor=actor, action="incident.hand_over_accept", obj=locked.incident, facts={"leg": kind})
    return leg


@transaction.atomic
def decline(*, actor: Actor, incident_id: UUID | str, kind: str) -> Leg:
    """ "Not me" of the colleague who was asked: no reason, it stays the owner's, who is asked at once."""
    locked, leg = _asked(actor, incident_id, kind, LegEvent.HAND_OVER_DECLINED)
    drop_asked(leg, locked.moment, actor.membership_id)
    fire(locked, leg, LegEvent.HAND_OVER_DECLINED, who=Who.RECEIVER, by=actor, asked_id=None)
    record(actor=actor, action="incident.hand_over_decline", obj=locked.incident, facts={"leg": kind})
    return leg


@transaction.atomic
def undo(*, actor: Actor, incident_id: UUID | str, kind: str) -> Leg:
    """The owner keeps it after all: whoever was asked is told that nothing is needed. IllegalMove when nobody is asked."""
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    if leg.owner_id is None or leg.owner_id != actor.membership_id:
        raise Forbidden(permission="leg.hand_over")
    if leg.asked_id is None:
        raise IllegalMove(state=leg.state, event=LegEvent.HAND_OVER_UNDONE.value)
    before = leg.asked_id
    fire(
        locked, leg, LegEvent.HAND_OVER_UNDONE, who=who_is(actor, locked, leg), by=actor, asked_id=None,
        at_latest=resolving.shift_ends(leg.owner_id, locked.moment),
    )  # fmt: skip
    no_longer_asked(locked, leg, before)
    record(actor=actor, action="incident.hand_over_undo", obj=locked.incident, facts={"leg": kind})
    return leg


def _asked(actor: Actor, incident_id: UUID | str, kind: str, event: LegEvent) -> tuple[Locked, Leg]:
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    if leg.asked_id is None or leg.asked_id != actor.membership_id or leg.state != LegState.ENGAGED:
        raise IllegalMove(state=leg.state, event=event.value)
    return locked, leg


def _page(locked: Locked, leg: Leg, asked: Membership) -> None:
    incident = locked.incident
    resolver = Resolver(facts_of([incident.pk], locked.moment, colleagues=[asked]), {incident.pk: incident.person_id})
    reached = resolver.reach_colleague(leg, ASKED, asked.pk)
    step = LegStep.objects.filter(leg=leg, purpose=LegStep.Purpose.WATCH).order_by("position").first()
    if reached is None or step is None:  # every leg is written with its watch steps
        raise NotFound
    act = Act(current_tenant_id(), locked.moment)
    act.page(leg, step, leg.ticks, [reached], ASK_TO_TAKE_OVER, alarming(leg, resolver.facts.voice_after))
    act.write()


def _tell_old_owner(locked: Locked, leg: Leg, member_id: UUID | None) -> None:
    key, link = f"emergency:{leg.pk}:taken-over:{locked.moment.isoformat()}", f"/centre/emergency/{locked.incident.pk}/"
    if leg.is_drill:
        tell_in_house([member_id], in_drill("emergency_taken_over"), key=key, link=link)
        return
    member = Membership.objects.filter(pk=member_id).first()
    if member is not None:
        enqueue(key=key, template="emergency_taken_over", to=member, link=link)
