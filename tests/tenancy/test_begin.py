"""A transaction costs no message to begin: its BEGIN goes with the first thing said in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accounts.models import Department
from tenancy.messages import Part, send
from tenancy.scope import use_tenant
from tests.conftest import make_school

pytestmark = pytest.mark.usefixtures("committed")


@contextmanager
def on_the_wire(told: Path) -> Iterator[list[str]]:
    """What the driver sends meanwhile, message by message, as libpq itself notes it."""
    connection.ensure_connection()
    assert connection.connection is not None
    pgconn, sent = connection.connection.pgconn, list[str]()
    with told.open("w") as log:
        pgconn.trace(log.fileno())
        yield sent
        pgconn.untrace()
    lines = (line.split("\t") for line in told.read_text().splitlines())
    sent += [line[4].strip() for line in lines if line[1:2] == ["F"] and line[3] == "Query"]


def test_a_transaction_begins_with_the_first_thing_said_in_it(tmp_path: Path) -> None:
    school = make_school()
    with use_tenant(school.id), on_the_wire(tmp_path / "sent") as sent:
        with transaction.atomic():
            Department.objects.create(name="语文组")
            with transaction.atomic():
                Department.objects.create(name="数学组")
        with transaction.atomic(), transaction.atomic():  # begins with a savepoint
            assert Department.objects.count() == 2
        with transaction.atomic():
            pass  # nothing said, nothing sent
    begun = [number for number, text in enumerate(sent) if "BEGIN;" in text]
    assert begun == [0, 5], sent
    assert ["COMMIT" in text for text in sent] == [False] * 4 + [True] + [False] * 3 + [True], sent


def test_a_transaction_that_fails_at_its_first_word_leaves_nothing_open() -> None:
    school = make_school()
    with use_tenant(school.id):
        with pytest.raises(ProgrammingError), transaction.atomic():
            send(Part("SELECT FROM no_such_table"))
        with pytest.raises(RuntimeError), transaction.atomic():
            Department.objects.create(name="语文组")
            raise RuntimeError
        assert Department.objects.count() == 0
        Department.objects.create(name="数学组")  # by itself: kept at once
        connection.close()
        assert [row.name for row in Department.objects.all()] == ["数学组"]
