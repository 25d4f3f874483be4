"""The organiser asks the families how it was, hangs the code up, closes the questions, reads the report (16.1, rules §6)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditEntry
from content.opendays.models import OpenDay
from content.opendays.workflow.surveying import ANSWERED_FOR, ask_families, close_questions
from kernel.clock import as_of
from kernel.errors import Conflict, Forbidden, NotFound
from surveys.models import Survey
from tests.opendays.world import World, come, family, plan


def browser(world: World, actor: Any = None) -> Client:
    client = Client(headers={"host": world.school.host, "accept-language": "en"})
    if actor is not None:
        client.force_login(User.objects.get(pk=actor.user_id))
    return client


def asked(world: World) -> Survey:
    return ask_families(actor=world.organiser, school=world.school, open_day_id=world.day.pk)


def answered(world: World, survey: Survey, times: int, **said: str) -> None:
    for number in range(times):
        sent = browser(world).post(f"/survey/{survey.token}/", {"key": f"k{number}", "whole": "5", **said})
        assert sent.status_code == 303


def test_from_the_button_to_the_report(world: World) -> None:
    desk = browser(world, world.organiser)
    page = f"/union/open-days/{world.day.pk}/"
    token = come(world, family(2))
    assert desk.post(f"{page}questions/").status_code == 302
    survey = Survey.objects.get(subject=world.day.pk)
    assert survey.token in desk.get(page).content.decode()
    with as_of(world.day.ends_at - timedelta(minutes=30)):
        assert f"/survey/{survey.token}/" in browser(world).get(f"/open-day/f/{token}/").content.decode()
        answered(world, survey, 6, liked="看见了教室")
        report = desk.get(f"{page}report/").content.decode()
        assert "still open" in report and "看见了教室" not in report
    with as_of(world.day.ends_at + timedelta(days=1)):
        assert "cannot be opened again" in desk.get(f"{page}questions/close/").content.decode()
        assert desk.post(f"{page}questions/close/").status_code == 302
        report = desk.get(f"{page}report/").content.decode()
        assert report.count("看见了教室") == 6 and "best two: 100%" in report
        assert "no longer taken" in browser(world).get(f"/survey/{survey.token}/").content.decode()
        assert "/survey/" not in browser(world).get(f"/open-day/f/{token}/").content.decode()
    acts = list(AuditEntry.objects.filter(action__startswith="openday.").values_list("action", flat=True))
    assert acts.count("openday.ask") == 1 and acts.count("openday.close_questions") == 1


def test_the_sheet_and_the_report_are_printed(world: World) -> None:
    desk, page = browser(world, world.organiser), f"/union/open-days/{world.day.pk}/"
    assert desk.post(f"{page}questions/paper/").status_code == 404, "nobody was asked yet"
    survey = asked(world)
    with as_of(world.day.ends_at):
        answered(world, survey, 5, liked="合影")
    close_after(world)
    for part in ("questions/paper/", "report/paper/"):
        answer = desk.post(page + part)
        assert answer["Content-Type"] == "application/pdf" and answer.content[:4] == b"%PDF", part


def close_after(world: World) -> OpenDay:
    with as_of(world.day.ends_at + timedelta(hours=1)):
        return close_questions(actor=world.organiser, open_day_id=world.day.pk)


def test_asked_twice_it_is_one_survey_and_takes_as_many_answers_as_there_are_seats(world: World) -> None:
    first, second = asked(world), asked(world)
    assert first.pk == second.pk
    assert first.most == 120 and first.fewest == 5
    assert first.opens_at == world.day.ends_at - timedelta(hours=1)
    assert first.closes_at == world.day.ends_at + ANSWERED_FOR
    assert AuditEntry.objects.filter(action="openday.ask").count() == 1


def test_a_day_moved_after_it_was_asked_moves_the_questions(world: World) -> None:
    from content.opendays.workflow.days import change_day

    survey = asked(world)
    change_day(actor=world.organiser, school=world.school, open_day_id=world.day.pk, plan=plan(world.school, days=30))
    survey.refresh_from_db()
    day = OpenDay.objects.get(pk=world.day.pk)
    assert {session.starts_at.date() for session in day.sessions.all()} == {day.starts_at.date()}, (
        "the programme goes along"
    )
    assert survey.opens_at == day.ends_at - timedelta(hours=1) and survey.closes_at == day.ends_at + ANSWERED_FOR


def test_nobody_is_asked_about_a_draft_and_none_is_closed_too_soon(world: World) -> None:
    with pytest.raises(NotFound):
        close_questions(actor=world.organiser, open_day_id=world.day.pk)
    OpenDay.objects.filter(pk=world.day.pk).update(state="draft")
    with pytest.raises(Conflict) as caught:
        asked(world)
    assert caught.value.reason == "openday_not_on" and not Survey.objects.exists()
    OpenDay.objects.filter(pk=world.day.pk).update(state="open")
    asked(world)
    with as_of(world.day.ends_at - timedelta(minutes=1)), pytest.raises(Conflict) as caught:
        close_questions(actor=world.organiser, open_day_id=world.day.pk)
    assert caught.value.reason == "survey_too_soon"
    assert Survey.objects.get().closed_at is None
    close_after(world)
    close_after(world)
    assert AuditEntry.objects.filter(action="openday.close_questions").count() == 1


def test_only_the_organiser_asks_and_closes(world: World, other_school: Any) -> None:
    for act in (ask_families, close_questions):
        values = {"school": world.school} if act is ask_families else {}
        with pytest.raises(Forbidden):
            act(actor=world.host, open_day_id=world.day.pk, **values)  # type: ignore[arg-type]
    asked(world)
    page = f"/union/open-days/{world.day.pk}/questions/"
    for who in (world.host, None):
        for part in ("", "paper/", "close/"):
            assert browser(world, who).post(page + part).status_code in (302, 403, 404)
    assert Survey.objects.get().closed_at is None and AuditEntry.objects.filter(action="openday.ask").count() == 1
