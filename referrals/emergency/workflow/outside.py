"""What people outside say by link, code, key and reply (chain §4). Their secret is their right to speak; nobody signs in.

Bound to leg, recipient and epoch: a link never speaks for another leg, and none of an older epoch for a newer one. What
needs the card needs a card that still counts, so nothing is done by a link that a hold has killed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Membership
from audit import record
from kernel.clock import local_day
from kernel.errors import Conflict, Invalid, NotFound
from kernel.fold import fold_prose
from referrals.emergency.models import Answer, Leg, Recipient
from referrals.emergency.rules.clocks import MOST_EXTENSIONS
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import PAGED, LegEvent, LegState, Who
from referrals.emergency.rules.outside import MOST_NAME
from referrals.emergency.workflow import answering, cards
from referrals.emergency.workflow.moving import Locked, drop_for_number, fire, lock, no_longer_asked, note
from referrals.emergency.workflow.standing import must_be_meant
from referrals.emergency.workflow.team import is_complete
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

MOST_WORDS: Final = 500
"""Characters of what somebody outside writes that are kept."""

_RECIPIENT: Final = frozenset({Who.RECIPIENT})
_OUTSIDE: Final = frozenset({Who.OUTSIDE})


@dataclass(frozen=True, slots=True)
class OutsideVoice:
    """Somebody outside who answers by secret: no account, so the record says the leg and no person."""

    user_id: None = None
    kind: str = "outside"


OUTSIDE: Final = OutsideVoice()


class Said(StrEnum):
    """An answer."""

    TAKE = "take"
    DECLINE = "decline"
    WRONG_NUMBER = "wrong_number"


@dataclass(slots=True)
class Party:
    """A recipient and their leg, held. ``by`` is the colleague whom a key was pressed for; None for anybody outside."""

    locked: Locked
    leg: Leg
    recipient: Recipient
    by: Actor | None

    @property
    def voice(self) -> Actor | OutsideVoice:
        """Who stands in the record."""
        return self.by or OUTSIDE

    @property
    def state(self) -> LegState:
        """How the leg stands."""
        return LegState(self.leg.state)


def answer(
    *, recipient_id: UUID, said: Said, eta: int = answering.NOT_STATED, name: str = "", may_give_up: bool = False
) -> bool:
    """Yes, no, or wrong number, of whoever was paged. True: they have it now. Twice is once, late is kept.

    ``name``: who they say they are, sealed. ``may_give_up``: a no after a yes gives the leg up, so that the next one is called;
    without it nothing moves, for a link that was passed on gives up nothing. Invalid for an ETA that nobody may name; NotFound
    for who is never to be told.
    """
    answering.check_eta(eta)
    with transaction.atomic():
        party = _held(recipient_id)
        if said is Said.TAKE:
            is_theirs = _yes(party, eta, clean(name))
        else:
            is_theirs = False
            _no(party, clean(name), is_wrong=said is Said.WRONG_NUMBER, may_give_up=may_give_up)
    if party.recipient.answer == Answer.WRONG_NUMBER:
        answering.tell_wrong_number(party.locked.incident, party.recipient)
    return is_theirs


def _yes(party: Party, eta: int, name: str) -> bool:
    locked, leg, recipient = party.locked, party.leg, party.recipient
    is_outdated = party.state in PAGED and recipient.epoch != leg.epoch
    if is_outdated or recipient.answer in (Answer.DECLINED, Answer.WRONG_NUMBER):
        return answering.late(locked, leg, recipient, party.by)
    if party.state is LegState.HELD and recipient.answer != Answer.NONE:
        return False
    is_theirs = answering.take(locked, leg, recipient, who=_RECIPIENT, by=party.by, eta=eta, said=name)
    if is_theirs:
        record(actor=party.voice, action="incident.acknowledge", obj=locked.incident, facts={"leg": leg.kind})
    return is_theirs and party.state is not LegState.HELD


def _no(party: Party, name: str, *, is_wrong: bool, may_give_up: bool) -> None:
    """Not me, or a wrong number: that number leaves the incident, by whichever of its pages it is said (chain §3)."""
    leg, recipient = party.leg, party.recipient
    if recipient.answer == Answer.ACKNOWLEDGED or (may_give_up and _has_it(party)):
        if may_give_up:
            _give_up(party, name, is_wrong=is_wrong)
        return
    if recipient.answer not in (Answer.NONE, Answer.ALSO):
        return
    is_outdated = party.state in PAGED and recipient.epoch != leg.epoch
    if is_outdated and party.by is None:
        _leave(party, name, is_wrong=is_wrong)
    elif is_outdated:
        answering.late(party.locked, leg, recipient, party.by)
    else:
        answering.refuse(party.locked, leg, recipient, is_wrong_number=is_wrong, by=party.by, said=name)
    _record(party, "incident.decline")


def _leave(party: Party, name: str, *, is_wrong: bool) -> None:
    """A no to a page of before the leg was begun anew. It moves the leg only where that number is being waited for now."""
    locked, leg, recipient = party.locked, party.leg, party.recipient
    same = Recipient.objects.filter(leg=leg, target_hash=recipient.target_hash, epoch=leg.epoch, answer=Answer.NONE)
    waited_for = same.order_by("-paged_at", "-pk").first()
    answering.late(locked, leg, recipient, party.by)
    _say_no([recipient], party, is_wrong=is_wrong)
    if waited_for is not None:
        answering.refuse(locked, leg, waited_for, is_wrong_number=is_wrong, by=party.by, said=name)


def _give_up(party: Party, name: str, *, is_wrong: bool) -> None:
    """A no after a yes: whoever has the leg has it no more, and the next one is called at once. Nobody must wait until the
    time is over that somebody named who will not come, or who was never meant.
    """
    locked, leg, recipient = party.locked, party.leg, party.recipient
    has_it, taker, asked = _has_it(party), leg.taken_by, leg.asked_id
    if party.state in PAGED:
        answering.refuse(locked, leg, recipient, is_wrong_number=is_wrong, by=party.by, said=name)
        cards.revoke(recipient, locked.moment)
    else:
        _say_no([recipient, *([taker] if has_it and taker else [])], party, is_wrong=is_wrong)
        is_lost = leg.kind == LegKind.TEAM and not is_complete(leg)
        if party.state in (LegState.ACKNOWLEDGED, LegState.ENGAGED) and (has_it or is_lost):
            fire(
                locked, leg, LegEvent.RELEASE, who=(Who.OUTSIDE, Who.OWNER), by=party.by, role=recipient.role, words=name,
                owner_id=None, taken_by_id=None,
            )  # fmt: skip
            if asked is not None:
                no_longer_asked(locked, leg, asked)
    _record(party, "incident.release")


def _say_no(pages: Iterable[Recipient], party: Party, *, is_wrong: bool) -> None:
    """Their pages say so, and what waits for that number dies."""
    for page in pages:
        page.answer = Answer.WRONG_NUMBER if is_wrong else Answer.DECLINED
        page.answered_at = party.locked.moment
        page.save(update_fields=["answer", "answered_at"])
    drop_for_number(party.locked.incident, bytes(party.recipient.target_hash), party.locked.moment)


def _has_it(party: Party) -> bool:
    """Whether the leg is in the hands of whoever speaks, by whichever of their pages they took it."""
    leg, taker = party.leg, party.leg.taken_by
    if leg.owner_id is not None:
        return party.by is not None and leg.owner_id == party.by.membership_id
    return taker is not None and bytes(taker.target_hash) == bytes(party.recipient.target_hash)


@transaction.atomic
def say(*, recipient_id: UUID, words: str) -> None:
    """A reply that is no answer: kept for who is on duty to read, and acknowledges nothing."""
    party = _held(recipient_id)
    note(
        party.locked.incident, "outside.said", leg=party.leg, role=party.recipient.role, words=clean(words, MOST_WORDS)
    )


@transaction.atomic
def heard(*, recipient_id: UUID) -> None:
    """A line outside says that it has heard the alarm. Kept, with the minute; it has no account and so takes nothing: team and
    operator are called until a person does (chain §3). Twice is once.
    """
    party = _held(recipient_id)
    recipient = party.recipient
    if recipient.answered_at is not None:
        return
    recipient.answered_at = party.locked.moment  # and no answer: whoever has answered is called no more
    recipient.save(update_fields=["answered_at"])
    note(party.locked.incident, "alarm.heard", leg=party.leg, role=recipient.role)
    _record(party, "incident.alarm_heard")


@transaction.atomic
def arrived(*, recipient_id: UUID) -> None:
    """There now, or has spoken with the person. Twice is once."""
    party = with_card(recipient_id)
    if party.state in (LegState.ENGAGED, LegState.HANDED_OVER):
        return
    _arrive(party)
    _record(party, "incident.engage")


@transaction.atomic
def other_time(*, recipient_id: UUID, eta: int) -> None:
    """Another time, twice; Conflict ``extended_twice`` then. After the time has run out it is taken anew with the new one."""
    party = with_card(recipient_id)
    if party.state in PAGED:
        answering.take(party.locked, party.leg, party.recipient, who=_RECIPIENT, by=None, eta=eta)
    elif party.leg.extensions >= MOST_EXTENSIONS:
        raise Conflict("extended_twice")
    else:
        answering.name_other_time(party.locked, party.leg, who=_OUTSIDE, by=None, eta=eta, role=party.recipient.role)
    _record(party, "incident.extend")


@transaction.atomic
def still_there(*, recipient_id: UUID) -> None:
    """ "Still with it": the clock begins anew."""
    party = with_card(recipient_id)
    fire(party.locked, party.leg, LegEvent.SIGN_OF_LIFE, who=_OUTSIDE, role=party.recipient.role)
    _record(party, "incident.sign_of_life")


@transaction.atomic
def cannot_come(*, recipient_id: UUID, words: str = "") -> None:
    """Whoever has it cannot go on: the next one is called at once, and this number no more in this incident."""
    party = with_card(recipient_id)
    recipient, leg, said = party.recipient, party.leg, clean(words, MOST_WORDS)
    if party.state in PAGED:
        answering.refuse(party.locked, leg, recipient, is_wrong_number=False, by=None, said=said)
        cards.revoke(recipient, party.locked.moment)
    else:
        _say_no([recipient], party, is_wrong=False)
        fire(
            party.locked, leg, LegEvent.RELEASE, who=_OUTSIDE, role=recipient.role, words=said,
            owner_id=None, taken_by_id=None,
        )  # fmt: skip
    _record(party, "incident.release")


@transaction.atomic
def done(*, recipient_id: UUID, words: str = "") -> None:
    """办完了: what was asked for is done; it waits for the school to look and never closes by itself. Twice is once."""
    party = with_card(recipient_id)
    if party.state is LegState.HANDED_OVER:
        return
    if party.state is not LegState.ENGAGED:
        _arrive(party)
    fire(
        party.locked, party.leg, LegEvent.REPORT_DONE, who=_OUTSIDE, role=party.recipient.role,
        words=clean(words, MOST_WORDS),
    )  # fmt: skip
    _record(party, "incident.report_done")


@transaction.atomic
def colleague_has_it(*, recipient_id: UUID, name: str) -> None:
    """Who of the party has it now. It stays with the party; the board shows whom to ask for. Invalid without a name."""
    said = clean(name)
    if not said:
        raise Invalid("name_missing", fields=(("name", "name_missing", "name missing"),))
    party = with_card(recipient_id)
    note(party.locked.incident, "outside.colleague", leg=party.leg, role=party.recipient.role, words=said)
    _record(party, "incident.outside_colleague")


def clean(words: str, most: int = MOST_NAME) -> str:
    """Somebody's own words as they are kept: folded, without what no database takes, cut rather than refused."""
    return fold_prose(words.replace("\0", ""))[:most].strip()


def _arrive(party: Party) -> None:
    answering.arrive(
        party.locked, party.leg, who=_RECIPIENT, by=None, owner_id=party.leg.owner_id, recipient=party.recipient
    )


def _record(party: Party, action: str) -> None:
    record(actor=party.voice, action=action, obj=party.locked.incident, facts={"leg": party.leg.kind})


def _held(recipient_id: UUID) -> Party:
    """Incident, legs, recipient, in the order of locks. NotFound for who is not, or no longer, to be told."""
    incident_id = Recipient.objects.filter(pk=recipient_id).values_list("leg__incident_id", flat=True).first()
    if incident_id is None:
        raise NotFound
    locked = lock(incident_id)
    recipient = Recipient.objects.select_for_update(no_key=True).get(pk=recipient_id)
    leg = next(leg for leg in locked.legs.values() if leg.pk == recipient.leg_id)
    must_be_meant(locked.incident, leg, recipient, locked.moment)
    return Party(locked, leg, recipient, _colleague(recipient, locked) if recipient.member_id else None)


def with_card(recipient_id: UUID) -> Party:
    """Whoever has a card that counts, held. Conflict ``not_yours_now``; NotFound as for an answer."""
    party = _held(recipient_id)
    if cards.card_of(party.recipient, party.locked.moment) is None:
        raise Conflict("not_yours_now")
    return party


def _colleague(recipient: Recipient, locked: Locked) -> Actor:
    """The colleague who was called; NotFound once they have left."""
    day = local_day(locked.moment, Tenant.objects.only("time_zone").get(pk=current_tenant_id()).time_zone)
    member = Membership.objects.current(day).accepted().filter(pk=recipient.member_id).first()
    if member is None:
        raise NotFound
    return Actor(
        user_id=member.user_id,
        tenant_id=member.tenant_id,
        membership_id=member.pk,
        roles=frozenset(member.roles),
    )
