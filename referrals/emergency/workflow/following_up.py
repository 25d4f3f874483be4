"""The only writer of follow-ups: opened by the end of an incident, each talk kept, until the last one says recovered (chain §3).

A no of the person is respected: then nobody rings, and somebody keeps an eye on how they are.
"""

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from kernel.clock import months_after
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.fold import fold_lines
from notifications.outbox import enqueue
from referrals.emergency.models import FollowUp, FollowUpTalk, Incident, Outcome
from referrals.emergency.rules.follow_ups import (
    EXTENDED_BY,
    FollowUpEnd,
    FollowUpMode,
    Went,
    ends_by,
    next_due,
)
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.told import own_follow_ups
from referrals.emergency.workflow import tasks
from referrals.emergency.workflow.holders import ON_DUTY_ROLES, open_school
from referrals.emergency.workflow.moving import Locked, lock, note
from referrals.emergency.workflow.reasons import reason_of
from referrals.emergency.workflow.standing import is_left_out, must_know

MOST_TALK_WORDS: Final = 600


def begin(locked: Locked, by: Actor) -> FollowUp:
    """Open the weekly talks about the person of an incident that has just ended; the caller holds it and knows that they live.
    Those after an earlier one end: a person is not rung twice a week.

    They are kept by whoever has the school's leg, where that is a psychologist who may know; else by whoever closed it.
    """
    incident, school = locked.incident, open_school()
    day = school.day_of(locked.moment)
    _end_all(locked, FollowUpEnd.NEWER, by)
    mode = FollowUpMode.WATCH if incident.outcome == Outcome.REFUSED_WATCH else FollowUpMode.TALK
    assert by.membership_id is not None  # whoever must know of it has a place here
    owner = locked.school.owner_id
    keeper = owner if owner is not None and may_keep(incident, owner, day) else by.membership_id
    at = next_due(day, school.time_zone)
    found = FollowUp.objects.create(
        incident=incident,
        mode=mode.value,
        owner_id=keeper,
        began_on=day,
        until=months_after(day, school.settings.follow_up_months),
        due_at=at,
        next_at=at,
    )
    note(incident, "follow_up.opened", by=by)
    return found


def may_keep(incident: Incident, member_id: UUID, day: date) -> bool:
    """Whether a colleague may have the talks of ``incident``: a psychologist who belongs to the school and may know of it."""
    member = Membership.objects.filter(pk=member_id).first()
    return member is not None and is_keeper(member, day) and not is_left_out(incident, member_id)


def is_keeper(member: Membership, day: date) -> bool:
    """Whether somebody is a psychologist who belongs to the school on ``day`` and has taken the place."""
    return member.is_current(day) and not member.waits and bool(ON_DUTY_ROLES & set(member.roles))


@transaction.atomic
def record_talk(*, actor: Actor, follow_up_id: UUID | str, seen: int, went: str, words: str = "") -> FollowUp:
    """Keep how a talk went; the next is due in a week, or there is none. ``seen``: how many talks the writer has seen, so that
    a second press keeps none.

    Needs ``incident.follow`` and knows of the incident (NotFound). Conflict ``follow_up_over``, ``follow_up_moved_on``;
    Refused ``follow_up_person_left`` until it is said whether it goes on; Invalid ``not_in_list``, ``words_too_long``.
    """
    require(actor, "incident.follow")
    if went not in set(Went):
        raise _invalid("went", "not_in_list")
    said = fold_lines(words)
    if len(said) > MOST_TALK_WORDS:
        raise _invalid("words", "words_too_long")
    locked, row = _open(actor, follow_up_id)
    if row.talks != seen:
        raise Conflict("follow_up_moved_on")
    school = open_school()
    day = school.day_of(locked.moment)
    if has_left(locked.incident, day) and row.goes_on_since is None:
        raise Refused("follow_up_person_left")
    assert actor.membership_id is not None
    talk = FollowUpTalk(follow_up=row, number=seen + 1, by_id=actor.membership_id, went=went)
    if said:
        key = locked.incident.key
        assert key is not None, "what is open keeps the key"
        talk.seal(key, said)
    talk.save(force_insert=True)
    row.talks = seen + 1
    if went == Went.REFUSED:
        row.mode = FollowUpMode.WATCH.value
    note(locked.incident, "follow_up.talk", by=actor, facts={"went": went})
    record(actor=actor, action="incident.follow_up", obj=locked.incident)
    if ends_by(Went(went), day, row.began_on):
        _end(locked, row, FollowUpEnd.RECOVERED, actor)
        return row
    row.due_at = row.next_at = next_due(day, school.time_zone)
    row.save(update_fields=["talks", "mode", "due_at", "next_at"])
    return row


@transaction.atomic
def extend(*, actor: Actor, follow_up_id: UUID | str, seen: date | None) -> FollowUp:
    """Planned for a month longer, by one tap. ``seen``: the last day that the writer saw, so that two presses are one.

    Needs ``incident.follow``. NotFound; Conflict ``follow_up_over``, ``follow_up_moved_on``.
    """
    require(actor, "incident.follow")
    locked, row = _open(actor, follow_up_id)
    if row.until != seen:
        raise Conflict("follow_up_moved_on")
    row.until = months_after(max(row.until, open_school().day_of(locked.moment)), EXTENDED_BY)
    row.save(update_fields=["until"])
    note(locked.incident, "follow_up.extended", by=actor)
    record(actor=actor, action="incident.follow_up_extended", obj=locked.incident)
    return row


@transaction.atomic
def take(*, actor: Actor, follow_up_id: UUID | str) -> FollowUp:
    """From now on the talks are the actor's. Needs ``incident.follow``; NotFound; Conflict ``follow_up_over``. Twice is once."""
    require(actor, "incident.follow")
    locked, row = _open(actor, follow_up_id)
    assert actor.membership_id is not None
    if row.owner_id != actor.membership_id:
        row.owner_id = actor.membership_id
        row.save(update_fields=["owner"])
        note(locked.incident, "follow_up.taken", by=actor)
        record(actor=actor, action="incident.follow_up_taken", obj=locked.incident)
    return row


@transaction.atomic
def go_on(*, actor: Actor, follow_up_id: UUID | str) -> FollowUp:
    """The person has left the school and wants it to go on. Needs ``incident.follow``; NotFound; Conflict ``follow_up_over``,
    ``follow_up_person_here`` for who has not left. Twice is once.
    """
    require(actor, "incident.follow")
    locked, row = _open(actor, follow_up_id)
    if not has_left(locked.incident, open_school().day_of(locked.moment)):
        raise Conflict("follow_up_person_here")
    if row.goes_on_since is None:
        row.goes_on_since = locked.moment
        row.save(update_fields=["goes_on_since"])
        note(locked.incident, "follow_up.goes_on", by=actor)
        record(actor=actor, action="incident.follow_up_goes_on", obj=locked.incident)
    return row


@transaction.atomic
def stop(*, actor: Actor, follow_up_id: UUID | str, why: str, reason: str) -> FollowUp:
    """End it without a last talk: the person has left (``left``) or has died (``died``, then colleagues are cared for).

    Needs ``incident.follow``. Invalid for a reason under 20 characters and for another ``why``; NotFound; Conflict
    ``follow_up_over``, ``follow_up_person_here`` for *left* while the person belongs to the school.
    """
    require(actor, "incident.follow")
    words = reason_of(reason)
    if why not in (FollowUpEnd.LEFT, FollowUpEnd.DIED):
        raise _invalid("why", "not_in_list")
    locked, row = _open(actor, follow_up_id)
    if why == FollowUpEnd.LEFT and not has_left(locked.incident, open_school().day_of(locked.moment)):
        raise Conflict("follow_up_person_here")
    _end(locked, row, FollowUpEnd(why), actor, words=words)
    if why == FollowUpEnd.DIED:
        tasks.due(locked, TaskKind.COLLEAGUES, by=actor)
    record(actor=actor, action="incident.follow_up_ended", obj=locked.incident)
    return row


def reopened(locked: Locked, by: Actor) -> None:
    """The incident is open again, and somebody is called: what stood after its end is over. The caller holds it."""
    for row in FollowUp.objects.select_for_update(no_key=True).filter(incident=locked.incident, ended_at=None):
        _end(locked, row, FollowUpEnd.REOPENED, by)


def died(locked: Locked, by: Actor) -> None:
    """Nobody rings any more, whichever incident the talks are of. The caller holds the one that ended so."""
    _end_all(locked, FollowUpEnd.DIED, by)


@transaction.atomic
def choose_for_oneself(*, actor: Actor, follow_up_id: UUID | str, wants: bool) -> FollowUp:
    """The person's own word, without a reason: no talks any more, or talks again. Whoever keeps them is told.

    NotFound for everybody but the person, and while they have not been told of it; Conflict ``follow_up_over``.
    """
    found = own_follow_ups(actor).filter(pk=follow_up_id).values_list("incident_id", flat=True).first()
    if found is None:
        raise NotFound
    locked = lock(found)
    row = FollowUp.objects.select_for_update(no_key=True).get(pk=follow_up_id)
    if row.ended_at is not None:
        raise Conflict("follow_up_over")
    mode = FollowUpMode.TALK if wants else FollowUpMode.WATCH
    if row.mode == mode:
        return row
    row.mode = mode.value
    row.save(update_fields=["mode"])
    note(locked.incident, "follow_up.wanted" if wants else "follow_up.refused", role="person")
    if may_keep(locked.incident, row.owner_id, open_school().day_of(locked.moment)):
        enqueue(
            key=f"follow-up:{row.pk}:{mode}:{locked.moment.isoformat()}",
            template="emergency_follow_up_word",
            to=row.owner,
            link=follow_up_page(locked.incident.pk),
        )
    record(actor=actor, action="incident.follow_up_word", obj=locked.incident)
    return row


def has_left(incident: Incident, day: date) -> bool:
    """Whether the person belongs to the school no more on ``day``."""
    person = incident.person
    return person is not None and person.left_on is not None and person.left_on < day


def follow_up_page(incident_id: UUID) -> str:
    """Where whoever keeps it reads it."""
    return f"/centre/emergency/{incident_id}/follow-up/"


def _end_all(locked: Locked, why: FollowUpEnd, by: Actor) -> None:
    """Of the person, after whatever incident."""
    person_id = locked.incident.person_id
    if person_id is None:
        return
    rows = FollowUp.objects.select_for_update(no_key=True, of=("self",)).filter(
        incident__person_id=person_id, ended_at=None
    )
    for row in rows.order_by("pk"):
        _end(locked, row, why, by)


def _end(locked: Locked, row: FollowUp, why: FollowUpEnd, by: Actor, *, words: str = "") -> None:
    row.ended_at, row.ended_why, row.due_at, row.next_at = locked.moment, why.value, None, None
    row.save(update_fields=["talks", "mode", "ended_at", "ended_why", "due_at", "next_at"])
    note(row.incident, "follow_up.ended", by=by, facts={"why": why.value}, words=words)


def _open(actor: Actor, follow_up_id: UUID | str) -> tuple[Locked, FollowUp]:
    """The talks under their incident's lock. NotFound where the chain hides it; Conflict ``follow_up_over``."""
    incident_id = FollowUp.objects.filter(pk=follow_up_id).values_list("incident_id", flat=True).first()
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    row = FollowUp.objects.select_for_update(no_key=True).get(pk=follow_up_id)
    if row.ended_at is not None:
        raise Conflict("follow_up_over")
    return locked, row


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
