"""The only writers of surveys: opened, answered, closed. Lock: survey. Who may open and close one, the app that asks decides.

``answer_survey`` is written so that nothing joins an answer to its sender: it takes no actor, leaves no row in the record,
no message and no task, writes every row of the survey anew, and knows no moment (rules §6).
"""

from collections.abc import Mapping
from datetime import datetime
from random import SystemRandom
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from kernel.clock import now
from kernel.errors import Conflict, Invalid
from kernel.fold import fold_prose, has_private_use
from kernel.identifiers import new_secret
from surveys import links
from surveys.models import Counter, Spent, Survey, Words
from surveys.questionnaires import questionnaires
from surveys.rules import LONGEST

_chance = SystemRandom()


@transaction.atomic
def open_survey(
    *, questionnaire: str, subject: UUID, opens_at: datetime, closes_at: datetime, fewest: int, most: int
) -> Survey:
    """The survey about ``subject``, with a link of its own; asked again it is the same one. Caller holds permission and record.

    KeyError for a questionnaire that no app brings.
    """
    asked = questionnaires()[questionnaire]
    there = Survey.objects.filter(questionnaire=questionnaire, subject=subject).first()
    if there is not None:
        return there
    token = new_secret()
    survey = Survey(
        questionnaire=questionnaire,
        subject=subject,
        token_hash=links.hashed(token),
        opens_at=opens_at,
        closes_at=closes_at,
        fewest=fewest,
        most=most,
    )
    survey.token = token
    survey.save(force_insert=True)
    Counter.objects.bulk_create(
        Counter(survey=survey, question=rating.code, value=value) for rating in asked.ratings for value in rating.values
    )
    return survey


@transaction.atomic
def move_survey(*, survey_id: UUID, opens_at: datetime, closes_at: datetime) -> Survey:
    """Other hours, before it has begun; one that has begun or is over stays as it is. Caller holds permission and record."""
    survey = Survey.objects.select_for_update(no_key=True).get(pk=survey_id)
    if now() < survey.opens_at:
        survey.opens_at, survey.closes_at = opens_at, closes_at
        survey.save(update_fields=["opens_at", "closes_at"])
    return survey


@transaction.atomic
def answer_survey(*, token: str, form_key: str, ratings: Mapping[str, int], words: Mapping[str, str]) -> None:
    """Count one answer. The same form sent twice is one answer; nothing tells who sent it.

    NotFound for a link that is none; Conflict ``survey_not_yet``, ``survey_over``, ``survey_full``; Invalid
    ``survey_empty``, ``survey_value``, ``survey_words``.
    """
    survey = links.survey_of(token, lock=True)
    asked = questionnaires()[survey.questionnaire]
    must_take_answers(survey, now())
    chosen = {(rating.code, ratings[rating.code]) for rating in asked.ratings if rating.code in ratings}
    if any(value not in rating.values for rating in asked.ratings for code, value in chosen if code == rating.code):
        raise Invalid("survey_value")
    said = {each.code: _checked(each.code, words.get(each.code, "")) for each in asked.words}
    said = {code: text for code, text in said.items() if text}
    if not chosen and not said:
        raise Invalid("survey_empty")
    sent = links.form_hash(survey.pk, form_key)
    if survey.spent.filter(form_hash=sent).exists():
        return
    if survey.answered >= survey.most:
        raise Conflict("survey_full")
    _write_anew(survey, chosen, said, sent)


@transaction.atomic
def close_survey(*, survey_id: UUID) -> Survey:
    """No answer is taken any more, and what was said may be read. Twice is once. Caller holds permission and record.

    Of fewer answers than ``fewest`` nothing is kept; the sent forms go in any case.
    """
    survey = Survey.objects.select_for_update(no_key=True).get(pk=survey_id)
    moment = now()
    if survey.closed_at is None:
        survey.closed_at = min(moment, survey.closes_at)
        survey.save(update_fields=["closed_at"])
        survey.spent.all().delete()
        if survey.answered < survey.fewest:
            survey.words.all().delete()
            survey.counters.all().delete()
    return survey


def is_over(survey: Survey, moment: datetime) -> bool:
    """Whether its answers may be read: it was closed, or its time is up, whatever a sweep has written since."""
    return survey.closed_at is not None or moment >= survey.closes_at


def must_take_answers(survey: Survey, moment: datetime) -> None:
    """Conflict ``survey_not_yet``, ``survey_over``."""
    if is_over(survey, moment):
        raise Conflict("survey_over")
    if moment < survey.opens_at:
        raise Conflict("survey_not_yet")


def _checked(code: str, raw: str) -> str:
    text = fold_prose(raw)
    if len(text) > LONGEST or "\0" in raw or has_private_use(text):
        raise Invalid("survey_words", fields=((code, "survey_words", ""),))
    return text


def _write_anew(survey: Survey, chosen: set[tuple[str, int]], said: Mapping[str, str], sent: bytes) -> None:
    """Every row of ``survey`` once more, in this one transaction: no row is older or younger than another."""
    if chosen:
        one_more = Q()
        for code, value in chosen:
            one_more |= Q(question=code, value=value)
        survey.counters.update(number=F("number") + Case(When(one_more, then=Value(1)), default=Value(0)))
    else:
        survey.counters.update(number=F("number"))
    kept = [(row.question, row.text) for row in survey.words.all()] + list(said.items())
    forms = [bytes(found) for found in survey.spent.values_list("form_hash", flat=True)] + [sent]
    _chance.shuffle(kept)
    _chance.shuffle(forms)
    survey.words.all().delete()
    survey.spent.all().delete()
    rows = [Words(survey=survey, question=question) for question, _text in kept]
    for row, (_question, text) in zip(rows, kept, strict=True):
        row.text = text
    Words.objects.bulk_create(rows)
    Spent.objects.bulk_create(Spent(survey=survey, form_hash=form) for form in forms)
    survey.answered += 1
    survey.save(update_fields=["answered"])
