"""Holds a leg and lets it go again (chain §2, §9): where calling somebody could hurt, nobody is called."""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.actor import Actor
from audit import record
from kernel.errors import Conflict, Forbidden, Invalid, Refused
from kernel.fold import fold_prose
from referrals.emergency import replacing
from referrals.emergency.models import FirstWord, Leg, LegStep, Timeline
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.leg_states import LegEvent, LegState, Who
from referrals.emergency.rules.moves import may, move
from referrals.emergency.rules.outside import MEETS_THE_PERSON, PURPOSE_OF
from referrals.emergency.workflow import cards
from referrals.emergency.workflow.moving import fire, lock, note, second_word
from referrals.emergency.workflow.reasons import reason_of
from referrals.emergency.workflow.standing import must_know, opened, who_is

MOST_CARD_WORDS: Final = 500


@transaction.atomic
def hold(*, actor: Actor, incident_id: UUID | str, kind: str, reason: str) -> Leg:
    """Stop calling on a leg: its queue dies, its links are dead. By who is on duty or heads the centre.

    It is never quiet: after 30 minutes (extreme, else 4 hours) both are asked again. Invalid for a reason under 20
    characters.
    """
    words = reason_of(reason)
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    leg = locked.leg(kind)
    FirstWord.objects.filter(incident=locked.incident, leg=leg, act="lift", ended_at=None).update(
        ended_at=locked.moment
    )
    fire(locked, leg, LegEvent.HOLD, who=who_is(actor, locked, leg), by=actor, words=words)
    record(actor=actor, action="incident.hold", obj=locked.incident, facts={"leg": kind})
    return leg


@transaction.atomic
def lift(*, actor: Actor, incident_id: UUID | str, kind: str) -> bool:
    """Let a held leg be called again: two people must say so. False: the first word is kept."""
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    leg = locked.leg(kind)
    who = who_is(actor, locked, leg)
    if not any(role in who for role in ("duty", "centre", "centre_head")):
        raise Forbidden(permission="leg.lift")
    if leg.state == LegState.HELD and not second_word(locked, "lift", actor, leg=leg):
        record(actor=actor, action="incident.lift_asked", obj=locked.incident, facts={"leg": kind})
        return False
    fire(locked, leg, LegEvent.LIFT, who=who, by=actor)
    record(actor=actor, action="incident.lift", obj=locked.incident, facts={"leg": kind})
    return True


@transaction.atomic
def replace(*, actor: Actor, incident_id: UUID | str, kind: str, choice: str, agreed_how: str = "") -> Leg:
    """Call somebody else on a held leg, and those who stood on it no more. By who is on duty alone: the second word that a
    lift takes is for calling the very same people again.

    ``choice`` is the value of one of ``replacing.choices``. Refused ``replacement_unreached`` for one that reaches nobody now,
    ``agreement_missing`` for the family below extreme without the person's own yes; IllegalMove unless it is held.
    """
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    who = who_is(actor, locked, leg)
    if not may(LegState(leg.state), LegEvent.REPLACE, who) and LegState(leg.state) is LegState.HELD:
        raise Forbidden(permission="leg.replace")
    rule = replacing.chosen(locked.incident, leg, choice) if LegState(leg.state) is LegState.HELD else None
    if rule is None:
        move(LegState(leg.state), LegEvent.REPLACE)
        raise Refused("replacement_unreached", fields=(("choice", "replacement_unreached", ""),))
    told = fold_prose(agreed_how).strip()
    if kind == LegKind.FAMILY and locked.incident.grade != Grade.EXTREME and not (told or _has_agreed(leg)):
        raise Refused("agreement_missing", fields=(("agreed_how", "agreement_missing", ""),))
    position = (
        LegStep.objects.filter(leg=leg, purpose=LegStep.Purpose.STEP).aggregate(m=Max("position"))["m"] or 0
    ) + 1
    fire(
        locked, leg, LegEvent.REPLACE, who=who, by=actor, words=told, facts={"role": rule.role},
        round=1, position=position - 1, first_position=position, is_required=True,
    )  # fmt: skip
    LegStep.objects.create(leg=leg, position=position, rule=rule.to_json(), channels=[])
    FirstWord.objects.filter(incident=locked.incident, leg=leg, act="lift", ended_at=None).update(
        ended_at=locked.moment
    )
    record(actor=actor, action="incident.replace", obj=locked.incident, facts={"leg": kind})
    return leg


def _has_agreed(leg: Leg) -> bool:
    """Whether the person has said yes to this leg before, and not no since."""
    said = Timeline.objects.filter(leg=leg, code__in=["leg.person_agrees", "leg.person_refuses"])
    return said.order_by("-at", "-pk").values_list("code", flat=True).first() == "leg.person_agrees"


@transaction.atomic
def write_meeting_place(*, actor: Actor, incident_id: UUID | str, words: str) -> None:
    """Where the family is asked to come: written after speaking to the contact, never the person's own place by itself."""
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    leg = locked.leg("family")
    if not who_is(actor, locked, leg) & {"duty", "centre", "owner"}:
        raise Forbidden(permission="incident.meeting_place")
    locked.incident.write_words("meeting_place", fold_prose(words).strip())
    locked.incident.save(update_fields=["meeting_place_sealed"])
    cards.refresh(locked.incident, leg)
    note(locked.incident, "meeting_place", leg=leg, by=actor)
    record(actor=actor, action="incident.meeting_place", obj=locked.incident)


@transaction.atomic
def write_card_words(*, actor: Actor, incident_id: UUID | str, kind: str, words: str) -> None:
    """What the hospital or the community should know, in the words of who is on duty; read on the leg's card and nowhere
    else outside. The newest words count. Invalid for none and for more than ``MOST_CARD_WORDS``.
    """
    told = fold_prose(words).strip()
    if not told or len(told) > MOST_CARD_WORDS:
        code = "words_too_long" if told else "words_missing"
        raise Invalid(code, fields=(("words", code, code.replace("_", " ")),))
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    leg = locked.leg(kind)
    if not who_is(actor, locked, leg) & {Who.DUTY, Who.CENTRE, Who.OWNER}:
        raise Forbidden(permission="incident.card_words")
    if locked.incident.closed_at is not None:
        raise Conflict("incident_ended")
    if PURPOSE_OF[LegKind(kind)] not in MEETS_THE_PERSON:
        raise Invalid("not_in_list", fields=(("kind", "not_in_list", "not in list"),))
    note(locked.incident, cards.WORDS_CODE, leg=leg, by=actor, words=told)
    cards.refresh(locked.incident, leg)
    record(actor=actor, action="incident.card_words", obj=locked.incident, facts={"leg": kind})
