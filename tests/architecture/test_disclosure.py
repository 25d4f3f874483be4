"""Every column and every address has its row in the table of disclosures (T6, docs/privacy.md §Who sees what)."""

import json
import os
import subprocess
import sys

import pytest
from pytest import MonkeyPatch

from accounts.permissions import grants
from disclosure import table
from disclosure.table import Row, models, pages, rows, sees, shows, things
from disclosure.words import FACETS, READERS, Facet, Reader
from tests.disclosure.totality import address_names, pages_without_row, rows_of_nothing, without_row
from tests.tree import ROOT

DERIVED = {
    Facet.WHOLE: "all of what says nothing of a person",
    Facet.PHONE_END: "from the telephone",
    Facet.PLACE: "from the agency",
    Facet.DAY: "from the times",
    Facet.TIME: "from the times",
}

_PROGRAM = """
import json
import django
from django.conf import settings
import settings.test as ours
settings.configure(**{name: getattr(ours, name) for name in dir(ours) if name.isupper()} | {
    "INSTALLED_APPS": [*ours.INSTALLED_APPS, "tests.toy"],
})
django.setup()
from django.db import models
from django.urls import path
import settings.urls as root

class Plant(models.Model):
    kind = models.CharField(max_length=9)
    waterer = models.CharField(max_length=9)
    class Meta:
        app_label = "toy"

root.urlpatterns.insert(0, path("plants/", lambda request: None, name="plants"))
root.urlpatterns.insert(0, path("plants/who/", lambda request: None, name="plant_waterers"))
from disclosure.sentences import panel
from tests.disclosure.totality import pages_without_row, rows_of_nothing, without_row
print(json.dumps([without_row(), rows_of_nothing(), pages_without_row(), panel(["plant"])[0]]))
"""


def test_every_column_of_our_tables_has_a_row() -> None:
    assert without_row() == {}
    assert rows_of_nothing() == {}


def test_every_address_has_a_row() -> None:
    assert pages_without_row() == []
    assert pages().keys() - address_names() == set()


def test_an_app_that_nobody_knows_is_asked_for_its_columns_and_its_addresses() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")])}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [
        {"toy.Plant": ["waterer"]},
        {"toy.Plant": ["leaves"]},
        ["plant_waterers"],
        ["校长", "日期。"],
    ]


def test_two_apps_cannot_bring_the_same_row(monkeypatch: MonkeyPatch) -> None:
    from families import disclosure as families
    from ledger import disclosure as books

    monkeypatch.setattr(books, "ROWS", {**books.ROWS, ("child", Reader.PERSON): sees()})
    with pytest.raises(ValueError, match="child"):
        table.rows.__wrapped__()
    monkeypatch.setattr(books, "OBJECTS", {**books.OBJECTS, "child": families.OBJECTS["child"]})
    with pytest.raises(ValueError, match="child"):
        table.things.__wrapped__()


def test_a_page_cannot_show_to_whom_no_row_is(monkeypatch: MonkeyPatch) -> None:
    from schools import disclosure as schools

    monkeypatch.setattr(schools, "PAGES", {**schools.PAGES, "district": shows("child", Reader.DISTRICT)})
    with pytest.raises(ValueError, match="district"):
        table.pages.__wrapped__()


def test_a_row_of_what_is_no_object_is_refused(monkeypatch: MonkeyPatch) -> None:
    from schools import disclosure as schools

    monkeypatch.setattr(schools, "ROWS", {("nothing", Reader.ADMIN): sees(Facet.NAME)})
    with pytest.raises(ValueError, match="nothing"):
        table.rows.__wrapped__()


def test_nothing_is_shown_and_denied_at_once() -> None:
    with pytest.raises(ValueError, match="name"):
        sees(Facet.NAME, never=(Facet.NAME,))


def test_every_facet_comes_from_a_column_and_has_its_words() -> None:
    stored = {held for row in models().values() for held in row.values() if isinstance(held, Facet)}
    told = set().union(*(row.sees for row in rows().values()))
    assert told - stored - DERIVED.keys() == set()
    assert stored - told == set(), "kept, and nobody has a row that shows it"
    assert set(FACETS) == set(Facet) and set(READERS) == set(Reader)
    assert {thing for thing, _reader in rows()} == set(things())
    assert all(isinstance(row, Row) for row in rows().values())


def test_who_is_a_colleague_may_do_no_more_than_one() -> None:
    """The crawler is a colleague once: these roles open nothing that is not open to every member of the staff."""
    assert grants()["moral"] == grants()["doctor"] == grants()["staff"]
