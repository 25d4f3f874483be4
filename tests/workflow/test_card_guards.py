"""Every guard of a card, one by one: taken back, opened, answered, forgotten (6.3)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from referrals.liaison.card_states import KEPT, STAYS
from referrals.liaison.models import HandOn, ReturnReport
from referrals.liaison.models.card import MAX_ADVICE
from referrals.liaison.tasks import end_what_is_over
from referrals.liaison.workflow.handing_on import open_card, revoke, withdraw_card
from referrals.liaison.workflow.reporting import FURTHEST, forget, report
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.workflow.card_steps import card_of, hospital, opened, sent, written

pytestmark = pytest.mark.django_db


def other_office(journey: Journey) -> Actor:
    return hospital(journey)[2]


def test_nobody_takes_back_a_card_about_oneself_in_the_centres_name(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    colleague = actor_of(make_person(journey.tenant, "centre", "staff"))
    case = written(journey, there, actor=colleague, person_id=journey.members["centre"].pk)
    with pytest.raises(Forbidden, match="same_person"):
        withdraw_card(actor=journey.centre, case_id=case.pk)
    case.refresh_from_db()
    assert (case.state, bool(case.words)) == ("shown", True)
    withdraw_card(actor=colleague, case_id=case.pk)


def test_taking_back_is_the_persons_once_and_in_time(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    case = sent(journey, there)
    for who in (journey.staff2, journey.centre, journey.finance):
        with pytest.raises((NotFound, Forbidden)):
            revoke(actor=who, case_id=case.pk)
    revoke(actor=journey.staff, case_id=case.pk)
    case.refresh_from_db()
    assert (case.state, case.words, card_of(case).body) == ("revoked", "", "")
    told = OutboxMessage.objects.count()
    acts = AuditEntry.objects.filter(action="card.revoke").count()
    assert revoke(actor=journey.staff, case_id=case.pk).state == "revoked"
    assert (OutboxMessage.objects.count(), AuditEntry.objects.filter(action="card.revoke").count()) == (told, acts)
    assert (acts, OutboxMessage.objects.filter(template="card_gone").exists()) == (1, True)
    assert OutboxMessage.objects.filter(template="card_answered", key__startswith=f"card/{case.pk}/revoke").exists()


def test_a_card_whose_time_is_over_is_taken_back_no_more_swept_or_not(journey: Journey) -> None:
    there, _user, _office = hospital(journey)
    case = sent(journey, there)
    with as_of(case.until), pytest.raises(IllegalMove):
        revoke(actor=journey.staff, case_id=case.pk)
    case.refresh_from_db()
    assert case.state == "sent"


def test_only_the_office_it_goes_to_opens_a_card_and_not_when_it_is_over(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = sent(journey, there)
    card = card_of(case)
    for who in (other_office(journey), journey.centre, journey.staff, replace(office, institution_id=None)):
        with pytest.raises((NotFound, Forbidden)):
            open_card(actor=who, card_id=card.pk)
    for at in (case.until, case.until + timedelta(days=1)):
        with as_of(at), pytest.raises(NotFound):
            open_card(actor=office, card_id=card.pk)
    card.refresh_from_db()
    assert card.read_at is None
    with as_of(case.until - timedelta(seconds=1)):
        assert open_card(actor=office, card_id=card.pk).read_at is not None
    with as_of(case.until):
        end_what_is_over()
        with pytest.raises(NotFound):
            open_card(actor=office, card_id=card.pk)


def test_the_first_opening_alone_is_told_and_dated(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = sent(journey, there)
    first = opened(journey, case, office).read_at
    case.refresh_from_db()
    kept = case.kept_until
    assert kept is not None
    with as_of(now() + timedelta(hours=2)):
        assert opened(journey, case, office).read_at == first
    case.refresh_from_db()
    assert case.kept_until == kept
    assert AuditEntry.objects.filter(action="card.open").count() == 1
    assert AuditEntry.objects.filter(action="card.partner_read").count() == 2
    mine = OutboxMessage.objects.filter(template="card_opened")
    assert mine.exists() and mine.values("key").distinct().count() == 1


def answers(journey: Journey, office: Actor, case: HandOn, **more: Any) -> ReturnReport:
    said: dict[str, Any] = {"outcome": "seen", "goes_on": "there", "advice": "按时复诊", **more}
    return report(actor=office, tenant=journey.tenant, card_id=card_of(case).pk, **said)


def test_an_answer_comes_from_the_office_that_read_it_once_in_its_time_and_in_words_of_the_list(
    journey: Journey,
) -> None:
    there, _user, office = hospital(journey)
    case = sent(journey, there)
    with pytest.raises(Refused, match="card_unread"):
        answers(journey, office, case)
    opened(journey, case, office)
    for who in (other_office(journey), journey.centre, replace(office, institution_id=None)):
        with pytest.raises((NotFound, Forbidden)):
            answers(journey, who, case)
    with pytest.raises(Forbidden):
        answers(journey, replace(office, user_id=None), case)
    today = journey.tenant.today()
    for wrong in (
        {"outcome": "well"},
        {"goes_on": ""},
        {"advice": "长" * (MAX_ADVICE + 1)},
        {"back_on": today - timedelta(days=1)},
        {"back_on": today + FURTHEST + timedelta(days=1)},
    ):
        with pytest.raises(Invalid):
            answers(journey, office, case, **wrong)
    with as_of(case.until), pytest.raises(NotFound):
        answers(journey, office, case)
    assert not ReturnReport.objects.exists()
    moment = now() + timedelta(hours=1)
    with as_of(moment):
        answers(journey, office, case, back_on=today + FURTHEST, advice="长" * MAX_ADVICE)
        with pytest.raises(Refused, match="card_reported"):
            answers(journey, office, case)
    case.refresh_from_db()
    card = card_of(case)
    assert (case.state, case.kept_until) == ("answered", moment + KEPT)
    assert (card.reported_at, card.until) == (moment, moment + STAYS)
    for template in ("card_report", "card_report_mine"):
        assert OutboxMessage.objects.filter(template=template).exists(), template
    assert AuditEntry.objects.filter(action="card.report").count() == 1


def test_words_and_answer_are_forgotten_on_their_day_and_never_before(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = sent(journey, there)
    assert not forget(case_id=case.pk), "nothing was read: there is no such day"
    opened(journey, case, office)
    answers(journey, office, case)
    case.refresh_from_db()
    assert case.kept_until is not None
    with as_of(case.kept_until - timedelta(seconds=1)):
        assert not forget(case_id=case.pk)
    case.refresh_from_db()
    assert case.words and ReturnReport.objects.get().advice
    with as_of(case.kept_until):
        assert forget(case_id=case.pk)
        assert not forget(case_id=case.pk), "twice is once"
    case.refresh_from_db()
    card = card_of(case)
    assert (case.words, case.kept_until, case.state) == ("", None, "answered")
    assert (card.body, card.ended_at is not None, ReturnReport.objects.get().advice) == ("", True, "")


def test_without_the_right_nobody_takes_back_opens_or_answers(journey: Journey) -> None:
    there, _user, office = hospital(journey)
    case = sent(journey, there)
    with pytest.raises(Forbidden):
        revoke(actor=replace(journey.staff, roles=frozenset()), case_id=case.pk)
    counter = replace(office, roles=frozenset({"partner_counter"}))
    with pytest.raises(Forbidden):
        open_card(actor=counter, card_id=card_of(case).pk)
    opened(journey, case, office)
    with pytest.raises(Forbidden):
        answers(journey, counter, case)
    with pytest.raises(Refused, match="card_read"):
        revoke(actor=journey.staff, case_id=case.pk)
