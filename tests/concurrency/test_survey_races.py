"""Many people who answer at the same moment: each is counted once and nobody's words are lost, though all rows are written anew."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from surveys.models import Survey, Words
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.surveys.world import ask, counted, say

pytestmark = pytest.mark.usefixtures("committed")

WORKERS = 12


@pytest.fixture
def survey() -> Survey:
    school = make_school()
    with use_tenant(school.pk):
        return ask()


def together(survey: Survey, act: Callable[[int], None]) -> None:
    """Twelve at once."""
    gate = threading.Barrier(WORKERS)

    def worker(number: int) -> None:
        try:
            with use_tenant(survey.tenant_id):
                connection.ensure_connection()
                gate.wait(timeout=120)
                act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(worker, range(WORKERS)))


def test_each_answer_counts_once_and_no_words_are_lost(survey: Survey) -> None:
    together(survey, lambda number: say(survey, whole=5, liked=f"{number:02}", key=f"form {number // 2}"))
    with use_tenant(survey.tenant_id):
        survey.refresh_from_db()
        assert survey.answered == WORKERS // 2 and counted(survey)[5] == WORKERS // 2, "two sendings of a form are one"
        said = [row.text for row in survey.words.all()]
        assert len(set(said)) == len(said) == WORKERS // 2 == survey.spent.count()


def test_the_control_writes_them_anew_without_the_lock_and_does_not_come_out_right(survey: Survey) -> None:
    """The same act as one would write it by hand: read all words, then write them once more with one's own."""
    looked = threading.Barrier(WORKERS)

    def careless(number: int) -> None:
        kept = [row.text for row in Words.objects.filter(survey=survey)]
        looked.wait(timeout=120)
        with transaction.atomic():
            Words.objects.filter(survey=survey).delete()
            rows = [Words(survey=survey, question="liked") for _text in (*kept, "")]
            for row, text in zip(rows, (*kept, f"{number:02}"), strict=True):
                row.text = text
            Words.objects.bulk_create(rows)

    with use_tenant(survey.tenant_id):
        say(survey, liked="the first")
    together(survey, careless)
    with use_tenant(survey.tenant_id):
        said = [row.text for row in survey.words.all()]
        assert sorted(said) != sorted(["the first", *(f"{number:02}" for number in range(WORKERS))])
