"""Crisis relief that one person of the union may not grant alone: a second one signs within three days (books §1, ADR 0049).

What has come to an end by its dates has ended, whether or not the sweep has been: a yes after that is a first word again.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from accounts.actor import Actor
from accounts.same_person import places_of_person, same_person
from audit import record
from kernel.clock import now
from referrals.kinds import KINDS, Scheme
from referrals.models import Referral, ReliefWord, Unit
from referrals.states import ReferralState, ReliefWordEvent, ReliefWordState, UnitState, step
from referrals.subsidies.accounting import in_crisis
from referrals.who_signs import Act, Signs
from referrals.workflow.notices import tell_deciders
from referrals.workflow.reviewing import lock_person
from referrals.workflow.union_posts import check_second, is_led, led_then, needed

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
        person__in=places_of_person(referral.person_id),
        policy__scheme=Scheme.CRISIS_RELIEF,
        submitted_at__gt=referral.submitted_at - CASE,
        submitted_at__lt=referral.submitted_at + CASE,
    ).exclude(state__in=_NOT_YET)
    standing = Unit.objects.filter(
        Q(referral__in=others) | Q(referral=referral), state__in=[UnitState.HELD, UnitState.SPENT]
    )
    return int(standing.aggregate(fen=Sum("subsidy_fen"))["fen"] or 0)


def still_needs(user_id: UUID | None, referral: Referral, moment: datetime) -> Signs:
    """What that account's yes alone would need at ``moment`` (UTC); nothing but itself where no crisis pays."""
    if not in_crisis(referral):
        return Signs(second=False, lead=False)
    return needed(Act.RELIEF, user_id, moment, amount_fen=case_fen(referral))


def leads_now(user_id: UUID | None, moment: datetime) -> bool:
    """Whether the account is of the union's chair or deputy at ``moment`` (UTC)."""
    return led_then(user_id, moment)


def needs_leader(word: ReliefWord, moment: datetime) -> bool:
    """Whether this first word can be seconded by the chair or the deputy alone."""
    return is_led(moment) and not led_then(word.given_by_id, word.given_at)


def gives_first(actor: Actor, referral: Referral, moment: datetime) -> bool:
    """True when this yes is the first of two: it is kept, and nothing else happens yet. The request is locked.

    Raises Forbidden ``same_person`` for whoever gave the first one, under another account too, ``chair_signs`` for a second
    word where neither of the two is the union's chair or deputy. Whoever became one of them may decide alone what they may
    decide alone, their own first word notwithstanding.
    """
    if not in_crisis(referral):
        return False
    word = ReliefWord.objects.select_for_update(no_key=True).filter(referral=referral, state="waiting").first()
    if word is not None and word.until <= moment:
        _answer(word, ReliefWordEvent.LAPSE, moment)
        word = None
    amount = case_fen(referral)
    alone = not needed(Act.RELIEF, actor.user_id, moment, amount_fen=amount).second
    if word is not None and alone and same_person(actor.user_id, word.given_by_id):
        _answer(word, ReliefWordEvent.END, moment)
        return False
    if word is not None:
        check_second(Act.RELIEF, user_id=actor.user_id, first=word.given_by_id, first_at=word.given_at, moment=moment)
        word.seconded_by_id = actor.user_id
        _answer(word, ReliefWordEvent.SECOND, moment)
        return False
    if alone:
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
