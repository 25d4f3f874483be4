"""Family mediation in two steps: the school's psychologist hears first; a mediator outside only after both sides' yes (16.6).

The person is locked before the row: sending a request to a mediation room holds the person too (``referrals.workflow``).
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from accounts.actor import Actor, require
from accounts.same_person import same_member
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.fold import fold_prose
from notifications.colleagues import tell_one, tell_who_may
from notifications.outbox import enqueue
from partners.kinds import ServiceKind
from partners.selectors import lines_open_on
from referrals.access import as_uuid
from referrals.liaison.mediation_states import (
    GOOD_FOR,
    OPEN,
    THINKING,
    CloseReason,
    MediationEvent,
    MediationState,
    Sides,
    TalkPlace,
    opens_the_second,
    stands_as,
    step,
)
from referrals.liaison.models import Mediation
from referrals.liaison.models.mediation import MAX_NOTE
from referrals.models import Referral
from referrals.states import ReferralState
from referrals.workflow.reviewing import lock_person
from referrals.workflow.times import office_answers_by
from tenancy.models import Tenant

FURTHEST_TALK: Final = timedelta(days=60)
PAGE: Final = "/my/mediation/"
ENDED: Final = (ReferralState.DECLINED, ReferralState.CANCELLED, ReferralState.EXPIRED)
"""A request in one of these came to nothing."""


@transaction.atomic
def ask_mediation(*, actor: Actor, tenant: Tenant, note: str = "") -> Mediation:
    """Ask the school's psychologist to sit between. The centre is told that somebody waits, not who.

    Raises Invalid for a note that is too long, Conflict ``mediation_open`` while one is under way.
    """
    require(actor, "mediation.own")
    if actor.membership_id is None:
        raise NotFound
    words = fold_prose(note).strip()
    if len(words) > MAX_NOTE:
        raise Invalid("out_of_range", fields=(("note", "words_long", str(MAX_NOTE)),))
    places, moment = lock_person(actor.membership_id), now()
    for former in Mediation.objects.select_for_update(no_key=True).filter(person__in=places).order_by("pk"):
        if stands_as(former.state, former.until, moment) == MediationState.LAPSED != former.state:
            _lapse(former, moment)  # its time is over, whether or not the sweep has been
        elif former.state in OPEN and former.person_id != actor.membership_id:  # under another account
            raise Conflict("mediation_open")
    asked = Mediation(
        person_id=actor.membership_id,
        asked_at=moment,
        changed_at=moment,
        deadline=office_answers_by(tenant, moment),
    )
    asked.note = words
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("mediation_open") from error
    record(actor=actor, action="mediation.ask", obj=asked, facts={})
    tell_who_may(
        "mediation.hear",
        template="mediation_asked",
        key=f"mediation/{asked.pk}/asked",
        link=f"/centre/mediation/{asked.pk}/",
        apart_from=actor.user_id,
    )
    return asked


def _locked(mediation_id: UUID | str) -> Mediation:
    seen = Mediation.objects.filter(pk=as_uuid(mediation_id)).only("person_id").first()
    if seen is None:
        raise NotFound
    lock_person(seen.person_id)
    return Mediation.objects.select_for_update(no_key=True).get(pk=seen.pk)


def _heard(actor: Actor, mediation_id: UUID | str) -> Mediation:
    """For the centre, never in a matter of one's own. Its writer has asked for the permission."""
    found = _locked(mediation_id)
    if same_member(found.person_id, actor.membership_id):
        raise Forbidden("same_person")
    return found


def _own(actor: Actor, mediation_id: UUID | str) -> Mediation:
    found = _locked(mediation_id)
    if actor.membership_id is None or found.person_id != actor.membership_id:
        raise NotFound
    return found


def _moved(row: Mediation, event: MediationEvent, moment: datetime) -> None:
    """The move, from how the dates have it."""
    row.state = step(stands_as(row.state, row.until, moment), event)
    row.changed_at = moment


def _tell_person(row: Mediation, template: str, *, suffix: str = "") -> None:
    enqueue(key=f"mediation/{row.pk}/{template}{suffix}", template=template, to=row.person, context={}, link=PAGE)


@transaction.atomic
def invite(*, actor: Actor, mediation_id: UUID | str, talk_at: datetime, place: str) -> Mediation:
    """The psychologist names when and where they talk; said again it is another time, and the person is told each time.

    Raises Invalid for a time that is over or more than sixty days ahead, Forbidden ``same_person``, IllegalMove.
    """
    require(actor, "mediation.hear")
    row, moment = _heard(actor, mediation_id), now()
    if place not in {each.value for each in TalkPlace}:
        raise Invalid("out_of_range", fields=(("place", "out_of_range", ""),))
    if not moment < talk_at <= moment + FURTHEST_TALK:
        raise Invalid("out_of_range", fields=(("talk_at", "talk_at", str(FURTHEST_TALK.days)),))
    if row.state == MediationState.INVITED and (row.talk_at, row.talk_place) == (talk_at, place):
        return row
    _moved(row, MediationEvent.INVITE, moment)
    row.talk_at, row.talk_place, row.talk_with_id = talk_at, place, actor.membership_id
    row.save(update_fields=["state", "changed_at", "talk_at", "talk_place", "talk_with"])
    record(actor=actor, action="mediation.invite", obj=row, facts={})
    _tell_person(row, "mediation_invited", suffix=f"/{talk_at:%Y%m%dT%H%M}")
    return row


@transaction.atomic
def settle(*, actor: Actor, mediation_id: UUID | str, sides: str) -> Mediation:
    """They have talked and nothing more is wanted. Refused ``not_talked`` before the time that was named."""
    require(actor, "mediation.hear")
    return _after_talk(actor, mediation_id, sides, MediationEvent.SETTLE)


@transaction.atomic
def suggest(*, actor: Actor, tenant: Tenant, mediation_id: UUID | str, sides: str) -> Mediation:
    """They have talked, and a mediator outside would help: the person answers within thirty days.

    Refused ``not_talked`` before the time that was named, ``no_mediation_room`` while the school has an agreement with none.
    """
    require(actor, "mediation.hear")
    if not lines_open_on(tenant.today()).filter(service__kind=ServiceKind.MEDIATION).exists():
        raise Refused("no_mediation_room")
    return _after_talk(actor, mediation_id, sides, MediationEvent.SUGGEST)


def _after_talk(actor: Actor, mediation_id: UUID | str, sides: str, event: MediationEvent) -> Mediation:
    row, moment = _heard(actor, mediation_id), now()
    state = step(row.state, event)
    if sides not in {each.value for each in Sides}:
        raise Invalid("out_of_range", fields=(("sides", "required", ""),))
    if row.talk_at is None or row.talk_at > moment:
        raise Refused("not_talked")
    row.state, row.sides, row.changed_at = state, sides, moment
    row.until = moment + THINKING if state == MediationState.SUGGESTED else None
    row.save(update_fields=["state", "sides", "changed_at", "until"])
    record(actor=actor, action=f"mediation.{event.value}", obj=row, facts={})
    _tell_person(row, "mediation_answer")
    return row


@transaction.atomic
def close(*, actor: Actor, mediation_id: UUID | str, reason: str) -> Mediation:
    """The psychologist ends the first step with a reason: mediation is not safe here, other help fits, they never met."""
    require(actor, "mediation.hear")
    row, moment = _heard(actor, mediation_id), now()
    if reason not in {each.value for each in CloseReason}:
        raise Invalid("out_of_range", fields=(("reason", "required", ""),))
    _moved(row, MediationEvent.CLOSE, moment)
    row.close_reason = reason
    row.save(update_fields=["state", "changed_at", "close_reason"])
    record(actor=actor, action="mediation.close", obj=row, facts={})
    _tell_person(row, "mediation_answer")
    return row


@transaction.atomic
def agree(*, actor: Actor, mediation_id: UUID | str, own: bool, other: bool) -> Mediation:
    """The person wants a mediator outside and says that the other side comes of their own will: both, or nothing.

    Invalid ``consent_missing`` names the yes that is missing; IllegalMove when the suggestion's time is over.
    """
    require(actor, "mediation.own")
    row, moment = _own(actor, mediation_id), now()
    if missing := [name for name, said in (("own", own), ("other", other)) if not said]:
        raise Invalid("consent_missing", fields=tuple((name, "required", "") for name in missing))
    if row.state == MediationState.AGREED and stands_as(row.state, row.until, moment) == row.state:
        return row
    _moved(row, MediationEvent.AGREE, moment)
    row.both_agreed_at, row.until = moment, moment + GOOD_FOR
    row.save(update_fields=["state", "changed_at", "both_agreed_at", "until"])
    record(actor=actor, action="mediation.agree", obj=row, facts={})
    return row


@transaction.atomic
def stay(*, actor: Actor, mediation_id: UUID | str) -> Mediation:
    """The person wants nobody from outside; nothing is sent, and the psychologist is told."""
    require(actor, "mediation.own")
    row = _own(actor, mediation_id)
    if row.state == MediationState.SETTLED:
        return row
    return _ended(actor, row, MediationEvent.STAY, "mediation.stay")


@transaction.atomic
def withdraw(*, actor: Actor, mediation_id: UUID | str) -> Mediation:
    """The person takes it back, without a reason, until a mediation room is asked. What they wrote is gone."""
    require(actor, "mediation.own")
    row = _own(actor, mediation_id)
    if row.state == MediationState.WITHDRAWN:
        return row
    row.note = ""
    return _ended(actor, row, MediationEvent.WITHDRAW, "mediation.withdraw")


def _ended(actor: Actor, row: Mediation, event: MediationEvent, action: str) -> Mediation:
    _moved(row, event, now())
    row.until = None
    row.save(update_fields=["state", "changed_at", "until", "note_sealed"])
    record(actor=actor, action=action, obj=row, facts={})
    if row.talk_with is not None:
        tell_one(
            row.talk_with.user_id,
            template="mediation_ended",
            key=f"mediation/{row.pk}/{event.value}",
            link=f"/centre/mediation/{row.pk}/",
        )
    return row


def second_step(person_id: UUID, moment: datetime, *, beside: UUID | None = None) -> Mediation | None:
    """What lets ``person_id`` ask a mediation room at ``moment``; None while the first step is not done. One query.

    ``beside``: the request that is being sent and does not count against itself.
    """
    under_way = Referral.objects.filter(
        person_id=OuterRef("person_id"), kind=ServiceKind.MEDIATION, submitted_at__gte=OuterRef("both_agreed_at")
    ).exclude(Q(state__in=ENDED) | Q(pk=beside))  # an agency that was asked in another's place counts as well
    rows = Mediation.objects.filter(
        person_id=person_id, state__in=[MediationState.AGREED, MediationState.LINKED], until__gt=moment
    ).annotate(is_asked=Exists(under_way))
    found = (row for row in rows if opens_the_second(row.state, row.until, moment, is_ended=not row.is_asked))
    return next(found, None)


def is_open_to(person_id: UUID, moment: datetime) -> bool:
    """What ``settings.FIRST_STEP`` answers: whether the first step is done."""
    return second_step(person_id, moment) is not None


def take(person_id: UUID, referral: Referral, moment: datetime) -> bool:
    """The request to a mediation room uses the yes. False when there is none. The caller holds the person."""
    row = second_step(person_id, moment, beside=referral.pk)
    if row is None:
        return False
    row.state = step(row.state, MediationEvent.LINK)
    row.referral, row.changed_at = referral, moment
    row.save(update_fields=["state", "changed_at", "referral"])
    return True


@transaction.atomic
def lapse(*, mediation_id: UUID) -> bool:
    """Nobody answered, or no room was asked, in time: it ends by itself and the person is told. False when it had not run out."""
    row, moment = _locked(mediation_id), now()
    if stands_as(row.state, row.until, moment) != MediationState.LAPSED or row.state == MediationState.LAPSED:
        return False
    _lapse(row, moment)
    _tell_person(row, "mediation_lapsed")
    return True


def _lapse(row: Mediation, moment: datetime) -> None:
    row.state, row.changed_at = step(row.state, MediationEvent.LAPSE), moment
    row.save(update_fields=["state", "changed_at"])
