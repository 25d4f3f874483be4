"""Crisis relief that one person of the union may not grant alone: a second one signs within three days (books §1).

What has come to an end by its dates has ended, whether or not the sweep has been: a yes after that is a first word again.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum

from accounts.actor import Actor
from accounts.same_person import require_second
from audit import record
from kernel.clock import now
from referrals.kinds import KINDS, Scheme
from referrals.models import Referral, ReliefWord, Unit
from referrals.states import ReferralState, ReliefWordEvent, ReliefWordState, UnitState, step
from referrals.subsidies.accounting import in_crisis
from referrals.workflow.notices import tell_deciders
from referrals.workflow.reviewing import lock_person

ONE_CASE_FEN: Final = 200_000
"""What one case of crisis relief may come to at the word of one person (books §1)."""
TO_SECOND: Final = timedelta(hours=72)
CASE: Final = timedelta(days=366)
"""Requests of a person that were sent within a year of each other are one case: who splits it gains nothing."""
_NOT_YET: Final = (ReferralState.SUBMITTED, ReferralState.DRAFT)


def lock_case(referral: Referral) -> None:
    """Two requests of one case are decided one after the other. Before the request itself is locked."""
    if in_crisis(referral):
        lock_person(referral.person_id)


def case_fen(referral: Referral) -> int:
    """What the case comes to with this request: the subsidy of units that are held or spent, of requests that were approved."""
    others = Referral.objects.filter(
        person_id=referral.person_id,
        policy__scheme=Scheme.CRISIS_RELIEF,
        submitted_at__gt=referral.submitted_at - CASE,
        submitted_at__lt=referral.submitted_at + CASE,
    ).exclude(state__in=_NOT_YET)
    ids = [*others.exclude(pk=referral.pk).values_list("pk", flat=True), referral.pk]
    standing = Unit.objects.filter(referral__in=ids, state__in=[UnitState.HELD, UnitState.SPENT])
    return int(standing.aggregate(fen=Sum("subsidy_fen"))["fen"] or 0)


def needs_second(referral: Referral) -> bool:
    """Whether one person's yes is not enough."""
    return in_crisis(referral) and case_fen(referral) > ONE_CASE_FEN


def gives_first(actor: Actor, referral: Referral, moment: datetime) -> bool:
    """True when this yes is the first of two: it is kept, and nothing else happens yet. The request is locked.

    Raises Forbidden ``same_person`` for whoever gave the first one, under another account too.
    """
    if not in_crisis(referral):
        return False
    word = ReliefWord.objects.select_for_update(no_key=True).filter(referral=referral, state="waiting").first()
    if word is not None and word.until <= moment:
        _answer(word, ReliefWordEvent.LAPSE, moment)
        word = None
    if word is not None:
        require_second(actor.user_id, word.given_by_id)
        word.seconded_by_id = actor.user_id
        _answer(word, ReliefWordEvent.SECOND, moment)
        return False
    amount = case_fen(referral)
    if amount <= ONE_CASE_FEN:
        return False
    assert actor.user_id is not None
    word = ReliefWord.objects.create(
        referral=referral, case_fen=amount, given_by_id=actor.user_id, given_at=moment, until=moment + TO_SECOND
    )
    referral.deadline = word.until
    referral.save(update_fields=["deadline", "changed_at"])
    record(actor=actor, action="referral.relief_first", obj=referral, facts={"subsidy_fen": amount})
    tell_deciders(referral, KINDS[referral.kind].decider, suffix=f"/second/{word.pk}")
    return True


def end_word(referral: Referral, moment: datetime) -> None:
    """The request came to an end: nobody is to second it any more. The request is locked."""
    for word in ReliefWord.objects.select_for_update(no_key=True).filter(referral=referral, state="waiting"):
        _answer(word, ReliefWordEvent.END, moment)


def _answer(word: ReliefWord, event: ReliefWordEvent, moment: datetime) -> None:
    word.state, word.answered_at = step(word.state, event), moment
    word.save(update_fields=["state", "seconded_by", "answered_at"])


def unseconded() -> QuerySet[ReliefWord]:
    """First words whose three days are over, oldest first."""
    return ReliefWord.objects.filter(state=ReliefWordState.WAITING, until__lte=now()).order_by("until", "pk")


@transaction.atomic
def pass_word(*, actor: Actor, word_id: UUID) -> bool:
    """Nobody seconded in time: the request waits for the union as before, its money held, and the union is told again.

    False when it has been answered. A request that ended meanwhile takes its word with it, and nobody is told.
    """
    seen = ReliefWord.objects.get(pk=word_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    word = ReliefWord.objects.select_for_update(no_key=True).get(pk=word_id)
    moment = now()
    if word.state != ReliefWordState.WAITING or word.until > moment:
        return False
    if referral.state != ReferralState.SUBMITTED:
        _answer(word, ReliefWordEvent.END, moment)
        return True
    _answer(word, ReliefWordEvent.LAPSE, moment)
    record(actor=actor, action="referral.relief_unseconded", obj=referral, facts={})
    tell_deciders(referral, KINDS[referral.kind].decider, suffix=f"/unseconded/{word.pk}")
    return True
