"""Was it solved? Asked once after the last session that was used; the answer closes the request, or time does (rules §2).

The dates decide (``Referral.deadline`` of a completed request): the page asks from the last session on, the sweep only sends
the message and writes down what is over.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Invalid, Refused
from referrals.access import access_own_referral
from referrals.after import ASKED_FOR, Answer
from referrals.models import Outcome, Redemption, Referral
from referrals.states import RedemptionKind, RedemptionState, ReferralEvent, ReferralState, step
from referrals.workflow.completing import is_objected_to, is_past
from referrals.workflow.notices import tell_person


def was_used(referral: Referral) -> bool:
    """Whether a session of it was had: a use that stands."""
    return _uses(referral).exists()


def _uses(referral: Referral | OuterRef) -> QuerySet[Redemption]:
    used = Redemption.objects.filter(voucher__referral=referral, kind=RedemptionKind.SERVICE)
    return used.exclude(state=RedemptionState.REVERSED)


def is_open(referral: Referral, moment: datetime) -> bool:
    """Whether an answer would be taken: completed, in time, nothing of it objected to."""
    in_time = referral.deadline is not None and moment < referral.deadline
    return referral.state == ReferralState.COMPLETED and in_time and not is_objected_to(referral)


def is_asked(referral: Referral, moment: datetime) -> bool:
    """Whether the person is asked now: it is open and was used, and no answer was given yet."""
    if not is_open(referral, moment):
        return False
    answered = Outcome.objects.filter(referral=referral).exclude(answer="").exists()
    return not answered and was_used(referral)


@transaction.atomic
def answer_if_solved(*, actor: Actor, referral_id: UUID | str, answer: str) -> Outcome:
    """The person's word; it closes the request. Said twice it counts once.

    Raises NotFound for anybody else's, Invalid for a word of no list, Refused ``answered_before`` for another word than the
    first, ``not_asked`` while it is under way, after its time, and while an objection waits.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    if answer not in set(Answer):
        raise Invalid("out_of_range", fields=(("answer", "unknown_answer", ", ".join(Answer)),))
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    moment = now()
    outcome = Outcome.objects.filter(referral=referral).first() or Outcome(referral=referral)
    if outcome.answer == answer:
        return outcome
    if outcome.answer:
        raise Refused("answered_before")
    if not is_asked(referral, moment):
        raise Refused("not_asked")
    outcome.answer, outcome.answered_at = answer, moment
    outcome.save()
    _close(referral)
    record(actor=actor, action="referral.answer", obj=referral, facts={})
    return outcome


def _close(referral: Referral) -> None:
    referral.state, referral.deadline = step(referral.state, ReferralEvent.CLOSE), None
    referral.save(update_fields=["state", "deadline", "changed_at"])


def over_and_unasked() -> QuerySet[Referral]:
    """Completed requests whose question is due and was not sent, and those of which nothing was used: they only close.

    What is objected to waits.
    """
    asked = Outcome.objects.filter(referral=OuterRef("pk"))
    due = _waiting().filter(deadline__lte=now() + ASKED_FOR, deadline__gt=now())
    return due.exclude(Exists(asked), Exists(_uses(OuterRef("pk"))))


def over_and_unclosed() -> QuerySet[Referral]:
    """Completed requests whose time to answer is over."""
    return _waiting().filter(deadline__lte=now())


def _waiting() -> QuerySet[Referral]:
    objected = Redemption.objects.filter(voucher__referral=OuterRef("pk"), state=RedemptionState.DISPUTED)
    return Referral.objects.filter(state=ReferralState.COMPLETED).exclude(Exists(objected))


@transaction.atomic
def ask_if_solved(*, actor: Actor, referral_id: UUID) -> bool:
    """Write the message, once; a request of which nothing is used any more has nothing to ask and is closed. False when not due."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    moment = now()
    if referral.state != ReferralState.COMPLETED or referral.deadline is None or is_objected_to(referral):
        return False
    if not referral.deadline - ASKED_FOR <= moment < referral.deadline:
        return False
    if not was_used(referral):
        _end(actor, referral)
        return True
    if Outcome.objects.filter(referral=referral).exists():
        return False
    Outcome.objects.create(referral=referral, asked_at=moment)
    tell_person(referral, "was_it_solved")
    return True


@transaction.atomic
def close_unanswered(*, actor: Actor, referral_id: UUID) -> bool:
    """Nobody answered in time: closed without a word, and nobody is told. False when not due."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    if referral.state != ReferralState.COMPLETED or not is_past(referral, now()):
        return False
    _end(actor, referral)
    return True


def _end(actor: Actor, referral: Referral) -> None:
    _close(referral)
    record(actor=actor, action="referral.close", obj=referral, facts={})
