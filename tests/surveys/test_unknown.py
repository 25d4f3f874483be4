"""Nothing in the database joins an answer to whoever gave it: ``xmin``, ``ctid``, dead rows, keys, times, other tables (rules §6)."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import DateField
from django.test import Client

from surveys.links import form_hash
from surveys.models import Counter, Spent, Survey, Words
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.emergency.test_report_unknown import TELLING, rows_of_everything
from tests.surveys.world import ask, say
from tests.tenancy.catalogue import owner

PARTS = (Counter, Words, Spent)
TABLES = [model._meta.db_table for model in (Survey, *PARTS)]
MANY = 12


@pytest.fixture
def answered(committed: None) -> Iterator[Survey]:
    """Twelve people have answered, each in a transaction of its own, in the order of their numbers."""
    school = make_school()
    with use_tenant(school.pk):
        survey = ask()
        for number in range(MANY):
            say(survey, whole=1 + number % 5, liked=f"{number:02}", key=f"form {number}")
        yield survey


def seen(sql: str, survey: Survey) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [survey.pk])
        return cursor.fetchall()


def test_all_rows_of_a_survey_were_written_by_the_same_transaction(answered: Survey) -> None:
    """So no row of a counter, no words and no spent form is older than another, and none has a neighbour in time."""
    found = set()
    for model in PARTS:
        table = model._meta.db_table
        found |= {row[0] for row in seen(f'SELECT xmin::text FROM "{table}" WHERE survey_id = %s', answered)}  # noqa: S608
    assert len(found) == 1
    say(answered, whole=None, liked="words alone")
    again = set()
    for model in PARTS:
        table = model._meta.db_table
        again |= {row[0] for row in seen(f'SELECT xmin::text FROM "{table}" WHERE survey_id = %s', answered)}  # noqa: S608
    assert len(again) == 1 and again != found, "an answer in words alone writes the counters anew as well"


def test_where_a_row_lies_tells_nothing_of_the_order_in_which_people_came(answered: Survey) -> None:
    """Words by ``ctid`` are in another order than people came, at every answer anew; spent forms too, and not in that of words."""
    orders: list[list[str]] = []
    forms: list[list[bytes]] = []
    for number in (0, 1):
        rows = seen("SELECT id FROM surveys_words WHERE survey_id = %s ORDER BY ctid", answered)
        texts = {row.pk: row.text for row in answered.words.all()}
        orders.append([texts[pk] for (pk,) in rows])
        lying = seen("SELECT form_hash FROM surveys_spent WHERE survey_id = %s ORDER BY ctid", answered)
        forms.append([bytes(found) for (found,) in lying])
        if not number:
            say(answered, whole=3, key="one more")
    assert orders[0] != sorted(orders[0]) and orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1])
    assert [form for form in forms[1] if form in forms[0]] != forms[0]
    # A family of keys that holds the time would tell it after all.
    for model in PARTS:
        assert {UUID(str(pk)).version for pk in model.objects.values_list("pk", flat=True)} == {4}, model.__name__
    read = seen("SELECT id FROM surveys_words WHERE survey_id = %s ORDER BY id", answered)
    assert [texts[pk] for (pk,) in read] != sorted(texts.values()), "nor does the order in which the school reads them"
    last = []
    for number in range(8):
        say(answered, whole=3, key=f"later {number}")
        lying = seen("SELECT form_hash FROM surveys_spent WHERE survey_id = %s ORDER BY ctid", answered)
        last.append(bytes(lying[-1][0]) == form_hash(answered.pk, f"later {number}"))
    assert not all(last), "the latest form does not lie behind the others"


def test_no_dead_row_is_left_behind(answered: Survey) -> None:
    """One dead row is enough for autovacuum to come at its next round; what it does there leaves none."""
    with owner() as connected:
        told: list[str] = []
        connected.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        for table in TABLES:
            (options,) = connected.execute(
                "SELECT reloptions FROM pg_class WHERE relname = %s", [table]
            ).fetchone() or ((),)
            assert {
                "autovacuum_enabled=true",
                "autovacuum_vacuum_threshold=0",
                "autovacuum_vacuum_scale_factor=0",
            } <= set(options or ()), table
            told.clear()
            connected.execute(f'VACUUM (VERBOSE) "{table}"')
            left = re.search(r"(\d+) are dead but not yet removable", "\n".join(told))
            assert left is not None and left[1] == "0", f"{table}: {told}"


def test_no_column_holds_a_moment_or_leads_to_a_person() -> None:
    for model in PARTS:
        kinds = {field.name: field for field in model._meta.fields}
        assert not [name for name, field in kinds.items() if isinstance(field, DateField)], model.__name__
        led_to = {field.related_model._meta.label for field in kinds.values() if field.related_model is not None}
        assert led_to == {"tenancy.Tenant", "surveys.Survey"}
    pointing = [
        field
        for model in apps.get_models()
        for field in model._meta.fields
        if field.related_model in PARTS or (field.related_model is Survey and model not in PARTS)
    ]
    assert not pointing, "nothing else points at an answer"


@pytest.fixture
def survey(db: None) -> Iterator[tuple[Any, Survey]]:
    school = make_school()
    with use_tenant(school.pk):
        yield school, ask()


def test_what_a_signed_in_browser_sends_is_written_nowhere(survey: tuple[Any, Survey]) -> None:
    """Rows of the survey change and no other: no record, no session, no job, no message, no row of a refusal."""
    school, asked = survey
    member = make_person(school, "union")
    browser = Client(headers={"host": school.host})
    browser.force_login(member.user)
    assert browser.get("/my/").status_code == 200
    page = f"/survey/{asked.token}/"
    tells = [
        str(member.pk),
        str(member.user_id),
        member.user.email,
        browser.cookies["sessionid"].value,
        *TELLING.values(),
    ]
    before = rows_of_everything()
    sent = browser.post(page, {"key": "a", "whole": "5", "liked": "校园"}, headers=TELLING)
    assert sent.status_code == 303 and sent["Location"] == "/survey/thanks/"
    refused = browser.post(page, {"key": "b"}, headers=TELLING)
    assert refused.status_code == 422
    after = rows_of_everything()
    changed = {table for table in after if after[table] != before[table]}
    assert changed == set(TABLES)
    new = json.dumps([sorted(after[table] - before[table]) for table in TABLES])
    assert not [tell for tell in tells if tell in new]
    for answer in (browser.get(page, headers=TELLING), sent, refused, browser.get("/survey/thanks/")):
        assert not answer.cookies and answer["Cache-Control"] == "no-store"
        assert member.user.email not in answer.content.decode() and "csrfmiddlewaretoken" not in answer.content.decode()
