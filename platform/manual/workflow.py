"""The only writer of quiz results. Locks: the person's row."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from kernel.errors import Invalid, NotFound
from manual.models import QuizBest
from manual.quiz import PASS, asked_of, right_of, unanswered

TAKE: Final = "quiz.take"


@transaction.atomic
def take_quiz(*, actor: Actor, answers: Mapping[str, str], today: date) -> int:
    """Judge the answers, keep the result if none was better; how many are right. May be taken as often as one likes.

    ``today``: a day of the school's zone. As many right as before moves the day forward. Needs ``quiz.take``; Invalid
    ``quiz_unanswered`` names each question without an answer of its own; NotFound for who is no member.
    """
    require(actor, TAKE)
    person = Membership.objects.select_for_update(no_key=True).filter(pk=actor.membership_id).first()
    if person is None:
        raise NotFound
    asked = asked_of(person.pk)
    if missing := unanswered(asked, answers):
        raise Invalid("quiz_unanswered", fields=tuple((key, "quiz_unanswered", "") for key in missing))
    right = right_of(asked, answers)
    best = QuizBest.objects.filter(person=person).first() or QuizBest(person=person, right=0)
    if right < best.right:
        return right
    best.right, best.asked, best.reached_on = right, len(asked), today
    best.save()
    record(actor=actor, action="quiz.take", obj=best, facts={"right": right, "passed": right >= PASS})
    return right
