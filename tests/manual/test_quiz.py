"""The administrators' quiz: judged, the best kept with its day, shown to the administrator and the operator (16.15)."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership, User
from accounts.roles import Role
from audit.models import AuditEntry
from kernel.errors import Forbidden, Invalid
from manual.models import QuizBest
from manual.questions import QUESTIONS
from manual.quiz import PASS, asked_of
from manual.workflow import take_quiz
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import make_operator

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, FRIDAY = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 11)


@pytest.fixture
def school() -> Any:
    return make_school()


@pytest.fixture
def admin(school: Any) -> Membership:
    return make_person(school, Role.ADMIN)


def answers(person: Membership, right: int) -> dict[str, str]:
    """``right`` right ones, the rest wrong."""
    return {
        one.question.key: one.right if n < right else next(value for value, _words in one.answers if value != one.right)
        for n, one in enumerate(asked_of(person.pk))
    }


def take(person: Membership, right: int, day: date) -> int:
    return take_quiz(actor=actor_of(person), answers=answers(person, right), today=day)


def test_ten_questions_with_one_right_answer_each() -> None:
    assert len(QUESTIONS) >= 8
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)
    for question in QUESTIONS:
        assert len({str(question.right), *map(str, question.others)}) == 3


def test_the_best_result_stays_and_as_good_a_one_moves_its_day(school: Any, admin: Membership) -> None:
    with use_tenant(school.id):
        assert take(admin, 6, MONDAY) == 6
        assert take(admin, 9, TUESDAY) == 9
        assert take(admin, 3, FRIDAY) == 3
        best = QuizBest.objects.get(person=admin)
        assert (best.right, best.asked, best.reached_on) == (9, len(QUESTIONS), TUESDAY)
        take(admin, 9, FRIDAY)
        best.refresh_from_db()
        assert best.reached_on == FRIDAY
        assert [entry.facts["right"] for entry in AuditEntry.objects.filter(action="quiz.take").order_by("pk")] == [
            6,
            9,
            9,
        ]


def test_without_an_answer_of_its_own_nothing_is_judged_or_kept(school: Any, admin: Membership) -> None:
    key = QUESTIONS[3].key
    with use_tenant(school.id):
        for sent in ("", "4", "0", "a", "right", "1 ", "１", "9" * 4000, "\x00"):
            with pytest.raises(Invalid) as refused:
                take_quiz(actor=actor_of(admin), answers={**answers(admin, 10), key: sent}, today=MONDAY)
            assert refused.value.reason == "quiz_unanswered"
            assert [row[0] for row in refused.value.fields] == [key]
        with pytest.raises(Invalid):
            take_quiz(actor=actor_of(admin), answers={}, today=MONDAY)
        assert not QuizBest.objects.exists()
        assert not AuditEntry.objects.filter(action="quiz.take").exists()


def test_only_an_administrator_takes_it(school: Any) -> None:
    editor = make_person(school, Role.EDITOR, Role.STAFF)
    with use_tenant(school.id), pytest.raises(Forbidden):
        take(editor, 10, MONDAY)
    client = Client(headers={"host": school.host})
    client.force_login(editor.user)
    assert client.get("/school/training/").status_code in (403, 404)


def test_a_value_does_not_tell_which_answer_is_right(school: Any) -> None:
    places = {one.right for person in range(20) for one in asked_of(person)}
    assert places == {"1", "2", "3"}
    assert asked_of("p") == asked_of("p"), "the same at every look"


def test_the_database_keeps_one_result_a_person_and_none_above_what_was_asked(school: Any, admin: Membership) -> None:
    with use_tenant(school.id):
        QuizBest.objects.create(person=admin, right=3, asked=10, reached_on=MONDAY)
        other = make_person(school, Role.ADMIN)
        for row in ({"person": admin, "right": 1}, {"person": other, "right": 11}):
            with pytest.raises(IntegrityError), transaction.atomic():
                QuizBest.objects.create(asked=10, reached_on=MONDAY, **row)


def test_the_page_asks_judges_says_why_and_shows_what_is_kept(school: Any, admin: Membership) -> None:
    client = Client(headers={"host": school.host, "accept-language": "zh-hans"})
    client.force_login(admin.user)
    page = client.get("/school/training/").content.decode()
    assert page.count('type="radio"') == 3 * len(QUESTIONS) and "为什么" not in page.split("<form")[1]

    half = client.post("/school/training/", {"danger": "1"})
    assert half.status_code == 422
    assert half.content.decode().count("请选一个答案") == len(QUESTIONS) - 1
    assert 'value="1" checked' in half.content.decode(), "what was chosen stands"

    done = client.post("/school/training/", answers(admin, PASS)).content.decode()
    assert f"{len(QUESTIONS)} 题答对 {PASS} 题" in done
    assert done.count("应该选") == len(QUESTIONS) - PASS and "已完成培训" in done
    assert "已完成培训" in client.get("/school/training/").content.decode()


def test_the_operator_sees_who_is_trained_and_no_figure(school: Any, admin: Membership) -> None:
    user = User.objects.get(pk=make_operator().user_id)
    client = Client(headers={"host": "localhost", "accept-language": "zh-hans"})
    client.force_login(user)
    address = f"/operator/schools/{school.pk}/"
    with use_tenant(school.id):
        take(admin, PASS - 1, MONDAY)
    assert "还没有完成培训" in client.get(address).content.decode()
    with use_tenant(school.id):
        take(admin, PASS, TUESDAY)
    page = client.get(address).content.decode()
    assert "已完成培训" in page and "还没有完成培训" not in page


def test_a_result_belongs_to_one_school(school: Any, admin: Membership) -> None:
    with use_tenant(school.id):
        take(admin, 10, MONDAY)
    with use_tenant(make_school().id):
        assert not QuizBest.objects.exists()
