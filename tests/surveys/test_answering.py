"""Asked, answered, closed: what counts, what is refused, and what is told to whoever asked."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel.clock import as_of
from kernel.errors import Conflict, Invalid, NotFound
from surveys.models import Survey
from surveys.selectors import standing
from surveys.tasks import run_surveys
from surveys.workflow import close_survey, move_survey
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.surveys.world import ask, counted, say


@pytest.fixture
def school(db: None) -> Any:
    return make_school()


@pytest.fixture
def survey(school: Any) -> Iterator[Survey]:
    with use_tenant(school.pk):
        yield ask()


def stands(survey: Survey) -> Any:
    found = standing(survey.questionnaire, survey.subject)
    assert found is not None
    return found


def test_the_same_form_sent_twice_counts_once(survey: Survey) -> None:
    for _again in range(3):
        say(survey, whole=4, liked="草坪", key="one form")
    say(survey, whole=4)
    survey.refresh_from_db()
    assert survey.answered == 2 and counted(survey)[4] == 2
    assert [row.text for row in survey.words.all()] == ["草坪"]


@pytest.mark.parametrize(
    ("values", "code"),
    [({"whole": None}, "survey_empty"), ({"whole": 6}, "survey_value"), ({"whole": 0}, "survey_value"),
     ({"liked": "字" * 501}, "survey_words")],
)  # fmt: skip
def test_what_cannot_be_counted_changes_nothing(survey: Survey, values: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        say(survey, **values)
    assert caught.value.reason == code
    survey.refresh_from_db()
    assert survey.answered == 0 and not survey.words.exists() and not survey.spent.exists()
    assert set(counted(survey).values()) == {0}


def test_before_after_and_beyond_no_answer_is_taken(survey: Survey) -> None:
    """The dates decide: nobody has to sweep."""
    for moment, code in ((survey.opens_at - timedelta(seconds=1), "survey_not_yet"), (survey.closes_at, "survey_over")):
        with as_of(moment), pytest.raises(Conflict) as caught:
            say(survey)
        assert caught.value.reason == code
    full = ask(most=1)
    say(full)
    with pytest.raises(Conflict) as caught:
        say(full)
    assert caught.value.reason == "survey_full"
    close_survey(survey_id=survey.pk)
    with pytest.raises(Conflict) as caught:
        say(survey)
    assert caught.value.reason == "survey_over"


def test_the_hours_move_before_it_has_begun_and_never_after(survey: Survey) -> None:
    later = {"opens_at": survey.opens_at + timedelta(days=1), "closes_at": survey.closes_at + timedelta(days=1)}
    before = (survey.opens_at, survey.closes_at)
    move_survey(survey_id=survey.pk, **later)
    survey.refresh_from_db()
    assert (survey.opens_at, survey.closes_at) == before, "it has begun: who was refused an answer could give one again"
    with as_of(survey.opens_at - timedelta(minutes=1)):
        move_survey(survey_id=survey.pk, **later)
    survey.refresh_from_db()
    assert survey.closes_at == later["closes_at"]


def test_nothing_is_told_before_it_is_closed_and_then_all_at_once(survey: Survey) -> None:
    for number in range(12):
        say(survey, whole=5 if number < 6 else 4, liked=f"第{number}句")
    assert stands(survey).told is None and stands(survey).answered == 12
    close_survey(survey_id=survey.pk)
    told = stands(survey).told
    assert [number for _name, number in told.ratings[0].rows] == [6, 6, 0, 0, 0] and told.ratings[0].percent == 100
    assert sorted(told.words[0][1]) == sorted(f"第{number}句" for number in range(12))
    assert not survey.spent.exists(), "what was sent is known no longer than it must be"


def test_time_alone_closes_it_even_when_the_sweep_is_late(survey: Survey) -> None:
    for _number in range(6):
        say(survey)
    with as_of(survey.closes_at):
        assert stands(survey).is_over and stands(survey).told is not None


def test_how_many_answered_is_not_told_below_the_fewest(survey: Survey) -> None:
    for number in range(5):
        assert stands(survey).answered is None, number
        say(survey)
    assert stands(survey).answered == 5


def test_what_too_few_said_is_deleted_when_it_is_over(survey: Survey) -> None:
    for _number in range(4):
        say(survey, liked="只有四个人")
    with as_of(survey.closes_at + timedelta(minutes=1)):
        assert stands(survey).told is None
        assert run_surveys() == 1
        assert run_surveys() == 0, "once"
    assert not survey.words.exists() and not survey.counters.exists() and not survey.spent.exists()
    assert stands(survey).told is None


def test_a_link_that_is_none_and_another_schools_link_open_nothing(survey: Survey, other_school: Any) -> None:
    for host, token in ((other_school.host, survey.token), (survey.tenant.host, "nothing"), (survey.tenant.host, "字")):
        client = Client(headers={"host": host})
        assert client.get(f"/survey/{token}/").status_code == 404
        assert client.post(f"/survey/{token}/", {"key": "a", "whole": "5"}).status_code == 404
    with use_tenant(other_school.pk), pytest.raises(NotFound):
        say(survey)


def test_what_was_filled_in_stays_when_it_is_refused(survey: Survey) -> None:
    client = Client(headers={"host": survey.tenant.host, "accept-language": "en"})
    page = f"/survey/{survey.token}/"
    shown = client.get(page).content.decode()
    assert "Nobody learns who said what" in shown and "compare the two" in shown, (
        "the limit is said before anything is sent"
    )
    refused = client.post(page, {"key": "k", "whole": "5", "liked": "长" * 501})
    text = refused.content.decode()
    assert refused.status_code == 422 and "长" * 501 in text and 'value="5"' in text and "checked" in text
    with as_of(survey.closes_at):
        assert "no longer taken" in client.get(page).content.decode()
