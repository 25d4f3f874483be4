"""What the people who were paged say: I have it, not me, there now, still with it, done (chain §3, §4, §9).

Opening or reading a message says nothing; only what comes through here counts. No answer on one leg stops another.
"""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from audit import record
from kernel.errors import Conflict, Forbidden, Invalid
from kernel.fold import fold_prose
from referrals.emergency import resolving
from referrals.emergency.models import Answer, Incident, Leg, Recipient
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.clocks import ETAS, MOST_EXTENSIONS
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.incident_moves import IncidentClock, IncidentState
from referrals.emergency.rules.leg_states import PAGED, TAKEN, LegEvent, LegState, Who
from referrals.emergency.rules.moves import move
from referrals.emergency.rules.outside import is_by_hand
from referrals.emergency.rules.sending import ASKS_OF_INCIDENT, PUT_OFF
from referrals.emergency.workflow import cards, contacts, own_times
from referrals.emergency.workflow.asking_owner import tell_team
from referrals.emergency.workflow.moving import (
    Locked,
    drop_asks,
    drop_for_number,
    fire,
    no_longer_asked,
    note,
    own_recipient,
    speaker,
    speaks,
)
from referrals.emergency.workflow.standing import must_speak_for, opened, who_is
from referrals.emergency.workflow.team import is_complete

NOT_STATED: Final = 30
"""Minutes, where whoever takes it names no time."""
_ANSWERS: Final = frozenset({Who.RECIPIENT, Who.OWNER, Who.ON_DUTY})


@transaction.atomic
def acknowledge(
    *, actor: Actor, incident_id: UUID | str, kind: str, eta: int = NOT_STATED, on_behalf_of: str = ""
) -> Leg:
    """A colleague takes a leg, or says that its outside party has taken it (``on_behalf_of``: who said so, which number).

    Twice is once. After somebody else it is kept as "answered too" and changes nothing. Forbidden for whoever was
    neither paged nor owns the school's leg nor is on duty now (the school's leg alone), however the leg stands; Invalid for an ETA that is none of 15, 30, 60, and for
    an outside party's leg without who of them said so (``behalf_missing``); IllegalMove for a leg that nobody is called on.
    """
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    who = who_is(actor, locked, leg)
    told = fold_prose(on_behalf_of).strip()
    recipient = None if told else speaker(leg, actor.membership_id)
    takes = leg.state in (LegState.EXHAUSTED, *TAKEN) and bool(who & {Who.TEAM, Who.CENTRE})
    if not who & _ANSWERS and not takes:
        raise Forbidden(permission="leg.acknowledge")
    if not takes:
        must_speak_for(leg, who, recipient, actor, told)
    if recipient is None and LegState(leg.state) not in (*PAGED, *TAKEN, LegState.HELD):
        move(LegState(leg.state), LegEvent.ACKNOWLEDGE)
    if leg.state == LegState.EXHAUSTED and not who & _ANSWERS:
        check_eta(eta)
        _says_yes(own_recipient(leg, actor.membership_id), locked)  # by the alarm's page: they may still arrive later
        fire(locked, leg, LegEvent.TAKE, who=who, by=actor, owner_id=actor.membership_id)
    else:
        take(locked, leg, recipient, who=who, by=actor, eta=eta, on_behalf_of=told)
    record(actor=actor, action="incident.acknowledge", obj=locked.incident, facts={"leg": kind, "behalf": bool(told)})
    return leg


def take(
    locked: Locked,
    leg: Leg,
    recipient: Recipient | None,
    *,
    who: frozenset[Who],
    by: Actor | None,
    eta: int = NOT_STATED,
    on_behalf_of: str = "",
    said: str = "",
) -> bool:
    """The act behind every road of taking a leg: button, link, typed code, pressed key. False: somebody had it already.

    The caller holds the incident and knows who answers; ``said`` is who an outside party says they are. A leg of several
    answers (the team) goes on until they are there. An outside recipient gets the card of the leg.
    """
    check_eta(eta)
    state = LegState(leg.state)
    if recipient is not None and not speaks(leg, recipient):
        return late(locked, leg, recipient, by)
    if state not in (*PAGED, LegState.HELD):
        return late(locked, leg, recipient, by)
    words = on_behalf_of or said
    _says_yes(recipient, locked)
    role = recipient.role if recipient else ""
    facts = {"eta": eta, **({"behalf": True} if on_behalf_of else {})}
    if leg.kind == LegKind.TEAM and state in PAGED and not is_complete(leg):
        fire(locked, leg, LegEvent.ACKNOWLEDGE_IN_PART, who=Who.TEAM, by=by, role=role, words=words)
        _give_card(locked, leg, recipient)
        return True
    owner = by.membership_id if by and not on_behalf_of else None
    if state is LegState.HELD:
        fire(locked, leg, LegEvent.ACKNOWLEDGE, who=who, by=by, role=role, facts=facts, words=words)
        return True
    fire(
        locked,
        leg,
        LegEvent.ACKNOWLEDGE,
        who=who,
        by=by,
        role=role,
        facts=facts,
        words=words,
        eta_minutes=eta,
        owner_id=owner,
        taken_by_id=recipient.pk if recipient else None,
        ticks=0,
        extensions=0,
    )
    _give_card(locked, leg, recipient)
    if leg.kind == LegKind.SCHOOL:
        _grade_now(locked)
    return True


def _says_yes(recipient: Recipient | None, locked: Locked) -> None:
    if recipient is not None:
        recipient.answer, recipient.answered_at = Answer.ACKNOWLEDGED, locked.moment
        recipient.save(update_fields=["answer", "answered_at"])


def _give_card(locked: Locked, leg: Leg, recipient: Recipient | None) -> None:
    if recipient is not None:
        cards.give(locked.incident, leg, recipient)


def late(locked: Locked, leg: Leg, recipient: Recipient | None, by: Actor | None) -> bool:
    """A late or repeated answer: kept, and changes nothing. False, as ``take`` says it."""
    if recipient is not None and recipient.answer == Answer.NONE:
        recipient.answer, recipient.answered_at = Answer.ALSO, locked.moment
        recipient.save(update_fields=["answer", "answered_at"])
        fire(locked, leg, LegEvent.LATE_ANSWER, who=Who.ANYBODY, by=by, role=recipient.role)
    return False


def _grade_now(locked: Locked) -> None:
    """Somebody has the school's leg: a reported incident is graded within fifteen minutes of that (chain §1)."""
    incident = locked.incident
    if incident.state == IncidentState.REPORTED:
        incident.next_event = incident_moves.FIRES[IncidentClock.GRADE].value
        incident.next_at = locked.moment + own_times.incident_clock(IncidentClock.GRADE)
        incident.save(update_fields=["next_event", "next_at"])


@transaction.atomic
def decline(*, actor: Actor, incident_id: UUID | str, kind: str) -> Leg:
    """ "Not me" of a colleague who was paged, to take it or to dial: no reason is asked, and the next step comes at once."""
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    recipient = own_recipient(leg, actor.membership_id)
    if recipient is None or not (speaks(leg, recipient) or is_by_hand(recipient.role)):
        raise Forbidden(permission="leg.decline")
    refuse(locked, leg, recipient, is_wrong_number=False, by=actor)
    record(actor=actor, action="incident.decline", obj=locked.incident, facts={"leg": kind})
    return leg


def refuse(
    locked: Locked, leg: Leg, recipient: Recipient, *, is_wrong_number: bool, by: Actor | None, said: str = ""
) -> None:
    """A recipient says no. Who has it may not refuse but release it; after the paging it moves no leg.

    A wrong number is learnt at any time: it is called no more in this incident (``tell_wrong_number`` marks the contact).
    """
    if LegState(leg.state) not in PAGED:
        late(locked, leg, recipient, by)
        if is_wrong_number and recipient.answer == Answer.ALSO:
            recipient.answer = Answer.WRONG_NUMBER
            recipient.save(update_fields=["answer"])
        if is_wrong_number:
            drop_for_number(locked.incident, bytes(recipient.target_hash), locked.moment)
        return
    recipient.answer = Answer.WRONG_NUMBER if is_wrong_number else Answer.DECLINED
    recipient.answered_at = locked.moment
    recipient.save(update_fields=["answer", "answered_at"])
    drop_for_number(locked.incident, bytes(recipient.target_hash), locked.moment)
    event = LegEvent.WRONG_NUMBER if is_wrong_number else LegEvent.DECLINE
    fire(locked, leg, event, who=Who.RECIPIENT, by=by, role=recipient.role, words=said)


def tell_wrong_number(incident: Incident, recipient: Recipient) -> bool:
    """Somebody else answers at a contact's number: the contact is marked, and the person told. False: no contact's.

    After the answer's own transaction: contacts are locked before incidents, never behind them.
    """
    if incident.person_id is None or recipient.member_id is not None:
        return False
    with transaction.atomic():
        return contacts.mark_wrong(incident.person_id, bytes(recipient.target_hash))


@transaction.atomic
def engage(*, actor: Actor, incident_id: UUID | str, kind: str, on_behalf_of: str = "") -> Leg:
    """Has spoken with the person, or is there.

    Conflict ``not_yours_now`` for whoever was called, did not say that they come, and somebody else has it by now.
    """
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    who = who_is(actor, locked, leg)
    told = fold_prose(on_behalf_of).strip()
    recipient = None if told else speaker(leg, actor.membership_id)
    if not who & {Who.RECIPIENT, Who.OWNER}:
        raise Forbidden(permission="leg.engage")
    must_speak_for(leg, who, recipient, actor, told)
    if (
        recipient is not None
        and recipient.answer != Answer.ACKNOWLEDGED
        and leg.owner_id != actor.membership_id
        and LegState(leg.state) not in PAGED
    ):
        raise Conflict("not_yours_now")
    owner = leg.owner_id if told else actor.membership_id
    arrive(locked, leg, who=who, by=actor, owner_id=owner, recipient=recipient, on_behalf_of=told)
    record(actor=actor, action="incident.engage", obj=locked.incident, facts={"leg": kind, "behalf": bool(told)})
    return leg


def arrive(
    locked: Locked,
    leg: Leg,
    *,
    who: frozenset[Who],
    by: Actor | None,
    owner_id: UUID | None,
    recipient: Recipient | None,
    on_behalf_of: str = "",
) -> None:
    """The act behind "there now". Its clock ends with its owner's shift at the latest: somebody must take over then."""
    if recipient is None or recipient.answer != Answer.ACKNOWLEDGED:
        _says_yes(recipient, locked)
    fire(
        locked,
        leg,
        LegEvent.ENGAGE,
        who=who,
        by=by,
        role=recipient.role if recipient else "",
        words=on_behalf_of,
        owner_id=owner_id,
        taken_by_id=recipient.pk if recipient else leg.taken_by_id,
        at_latest=resolving.shift_ends(owner_id, locked.moment),
    )
    _give_card(locked, leg, recipient)
    if leg.kind == LegKind.SCHOOL:
        _contacted(locked, by)


def _contacted(locked: Locked, by: Actor | None) -> None:
    """The first contact is made: the assessment is due within 24 hours, or with the grade where none is written yet."""
    incident = locked.incident
    is_due = incident.next_event == incident_moves.IncidentEvent.CONTACT_DUE
    if is_due:
        found = incident_moves.move(IncidentState(incident.state), incident_moves.IncidentEvent.CONTACTED)
        incident.state = found.to.value
        incident.next_event = incident_moves.FIRES[found.clock].value
        incident.next_at = locked.moment + own_times.incident_clock(found.clock)
        incident.save(update_fields=["state", "next_event", "next_at"])
        drop_asks(locked.school, locked.moment, [ASKS_OF_INCIDENT[incident_moves.IncidentEvent.CONTACT_DUE]])
    if is_due or incident.state == IncidentState.REPORTED:
        note(incident, "contacted", by=by)


@transaction.atomic
def extend(*, actor: Actor, incident_id: UUID | str, kind: str, eta: int) -> Leg:
    """Another time, twice at most without a word to the team: from the third on the team is told."""
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    name_other_time(locked, leg, who=who_is(actor, locked, leg), by=actor, eta=eta)
    record(actor=actor, action="incident.extend", obj=locked.incident, facts={"leg": kind, "times": leg.extensions})
    return leg


def name_other_time(
    locked: Locked, leg: Leg, *, who: frozenset[Who], by: Actor | None, eta: int, role: str = ""
) -> None:
    """The act behind "another time", of a colleague and of an outside party."""
    check_eta(eta)
    fire(
        locked,
        leg,
        LegEvent.EXTEND,
        who=who,
        by=by,
        role=role,
        facts={"eta": eta, "times": leg.extensions + 1},
        eta_minutes=eta,
        extensions=leg.extensions + 1,
    )
    if leg.extensions >= MOST_EXTENSIONS:
        note(locked.incident, "team.told_of_extensions", leg=leg, by=by, role=role, facts={"times": leg.extensions})
        tell_team(locked, leg, PUT_OFF)


@transaction.atomic
def release(*, actor: Actor, incident_id: UUID | str, kind: str) -> Leg:
    """Whoever has it cannot go on: the next step is called at once."""
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    asked = leg.asked_id
    fire(locked, leg, LegEvent.RELEASE, who=who_is(actor, locked, leg), by=actor, owner_id=None, taken_by_id=None)
    if asked is not None:
        no_longer_asked(locked, leg, asked)
    record(actor=actor, action="incident.release", obj=locked.incident, facts={"leg": kind})
    return leg


@transaction.atomic
def sign_of_life(*, actor: Actor, incident_id: UUID | str, kind: str) -> Leg:
    """ "Still with it": the clock begins anew."""
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    fire(
        locked,
        leg,
        LegEvent.SIGN_OF_LIFE,
        who=who_is(actor, locked, leg),
        by=actor,
        at_latest=resolving.shift_ends(leg.owner_id, locked.moment),
    )
    record(actor=actor, action="incident.sign_of_life", obj=locked.incident, facts={"leg": kind})
    return leg


@transaction.atomic
def pass_on(*, actor: Actor, incident_id: UUID | str, kind: str, receiver: str) -> Leg:
    """Admitted, or gone home with the family: ``receiver`` says who has the person now. It never closes by itself."""
    told = fold_prose(receiver).strip()
    if not told:
        raise Invalid("receiver_missing", fields=(("receiver", "receiver_missing", "receiver missing"),))
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    fire(locked, leg, LegEvent.PASS_ON, who=who_is(actor, locked, leg), by=actor, words=told)
    record(actor=actor, action="incident.pass_on", obj=locked.incident, facts={"leg": kind})
    return leg


@transaction.atomic
def report_done(*, actor: Actor, incident_id: UUID | str, kind: str, on_behalf_of: str = "") -> Leg:
    """What was asked of the party is done, in the words of whoever has the leg, or of the owner of the school's for an outside
    party. It waits for word of the person and never closes by itself. Forbidden for everybody else.
    """
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    who = who_is(actor, locked, leg)
    told = fold_prose(on_behalf_of).strip()
    if Who.OWNER not in who:
        raise Forbidden(permission="leg.report_done")
    must_speak_for(leg, who, None, actor, told)
    fire(locked, leg, LegEvent.REPORT_DONE, who=who, by=actor, words=told)
    record(actor=actor, action="incident.done", obj=locked.incident, facts={"leg": kind, "behalf": bool(told)})
    return leg


@transaction.atomic
def received(*, actor: Actor, incident_id: UUID | str, kind: str, came: bool) -> Leg:
    """Whether the person arrived where they were passed on to; if not, the leg is called again."""
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    event = LegEvent.RECEIVED if came else LegEvent.BOUNCED
    fire(locked, leg, event, who=who_is(actor, locked, leg), by=actor)
    record(actor=actor, action="incident.received", obj=locked.incident, facts={"leg": kind, "came": came})
    return leg


@transaction.atomic
def dialled(*, actor: Actor, incident_id: UUID | str, kind: str, dial: str) -> None:
    """已拨: a person has called the service number that a machine never dials. The minute is the database's."""
    locked = opened(actor, incident_id)
    leg = locked.leg(kind)
    pages = (own_recipient(at, actor.membership_id) for at in (leg, locked.school))
    if not who_is(actor, locked, leg) and not any(pages):
        raise Forbidden(permission="leg.dialled")
    if dial not in resolving.SERVICE_NUMBERS:
        raise Invalid("not_in_list", fields=(("dial", "not_in_list", "not in list"),))
    note(locked.incident, "dialled", leg=leg, by=actor, facts={"dial": dial})
    record(actor=actor, action="incident.dialled", obj=locked.incident, facts={"leg": kind, "dial": dial})


def check_eta(eta: int) -> None:
    """Invalid ``eta_unknown`` for a time that nobody may name."""
    if eta not in ETAS:
        raise Invalid("eta_unknown", fields=(("eta", "eta_unknown", "one of 15, 30, 60"),))
