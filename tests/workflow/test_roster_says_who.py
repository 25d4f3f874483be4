"""A refused row says whose it is and what stands in the cell, to whoever sent the list and to nobody else."""

import logging
from typing import Any

import pytest

from accounts.models import RosterImport
from audit.models import AuditEntry
from people.roster.workflow.previewing import discard_roster, preview_roster
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.signin_steps import client_of

pytestmark = pytest.mark.django_db
WRONG_PHONE, DAMAGED = "13800-no-number", "7.31E+11"
FILE = f"工号,姓名,邮箱,手机\nT1,王一凡,w@x.example,{WRONG_PHONE}\n{DAMAGED},李二妞,l@x.example,\nT3,<b>赵</b>,not-an-address,\n".encode()


@pytest.fixture
def boss(school: Any) -> Any:
    return make_person(school, "admin")


@pytest.fixture
def roster(school: Any, boss: Any, caplog: Any) -> RosterImport:
    caplog.set_level(logging.DEBUG)
    with use_tenant(school.id):
        return preview_roster(actor=actor_of(boss), content=FILE, file_name="x.csv", marks_leavers=False)


def page(member: Any, school: Any, roster: RosterImport) -> str:
    return client_of(school, member).get(f"/school/roster/{roster.pk}/").content.decode()


def test_who_sent_it_reads_the_name_and_the_cell(school: Any, boss: Any, roster: RosterImport) -> None:
    text = page(boss, school, roster)
    for words in ("王一凡", WRONG_PHONE, "李二妞", DAMAGED, "not-an-address", "&lt;b&gt;赵"):
        assert words in text
    assert "<b>赵" not in text


def test_another_administrator_reads_the_row_and_the_reason_alone(school: Any, roster: RosterImport) -> None:
    text = page(make_person(school, "admin"), school, roster)
    assert "第 2 行" in text or "Row 2" in text
    for words in (WRONG_PHONE, DAMAGED, "not-an-address", "王一凡", "李二妞"):
        assert words not in text


def test_the_cell_is_kept_sealed_and_nowhere_else(school: Any, boss: Any, roster: RosterImport, caplog: Any) -> None:
    page(boss, school, roster)
    told = caplog.text
    with use_tenant(school.id):
        told += repr(list(AuditEntry.objects.values_list("facts", flat=True)))
        stored = RosterImport.objects.get(pk=roster.pk)
        told += repr([stored.errors, stored.counts, bytes(stored.sealed_rows or b"")])
    for words in (WRONG_PHONE, DAMAGED, "not-an-address", "王一凡", "李二妞"):
        assert words not in told


def test_once_it_is_put_away_nothing_of_it_is_shown(school: Any, boss: Any, roster: RosterImport) -> None:
    with use_tenant(school.id):
        discard_roster(actor=actor_of(boss), import_id=roster.pk)
    text = page(boss, school, roster)
    for words in (WRONG_PHONE, DAMAGED, "王一凡"):
        assert words not in text
