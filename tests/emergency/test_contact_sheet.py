"""The contact sheet on paper (chain §8): what stands on it, what never does, and that each copy has its number."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.errors import Forbidden
from referrals.emergency.contact_sheet import sheet_of
from referrals.emergency.models import Seat, SheetCopy
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.sheets import number_copy
from tests.emergency.test_board import client, get
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
SHEET = "/centre/emergency/sheet/"
PRINT = f"{SHEET}print/"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def printed(world: World, tmp_path: Path, by: str = "centre") -> str:
    answer = client(world, by).post(PRINT)
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    file = tmp_path / "sheet.pdf"
    file.write_bytes(answer.content)
    return subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True, text=True).stdout


def test_posts_duty_and_lines_stand_on_it_and_no_family(world: World, tmp_path: Path) -> None:
    text = printed(world, tmp_path)
    for post in ("duty", "second", "centre", "deputy", "principal", "moral", "doctor"):
        assert world.members[post].name in text, post
    assert "139 0000 0002" in text and "平台值守" in text and "0571 88880000" in text
    assert "120" in text and "12356" in text and "第 1 份" in text
    for number in ("139 0000 0011", "139 0000 0012", "13900000011", "13900000012", "139 0000 0001"):
        assert number not in text
    assert world.members["person"].name not in text
    assert printed(world, tmp_path).count("第 2 份") == 1


def test_each_copy_has_its_number_and_stands_in_the_record(world: World) -> None:
    assert [number_copy(actor=world.actor(post)).number for post in ("centre", "principal", "duty")] == [1, 2, 3]
    assert AuditEntry.objects.filter(action="chain.sheet").count() == 3
    page = get(world, "centre", SHEET)
    assert "第 3 份" in page and world.members["principal"].name in page
    assert not AuditEntry.objects.filter(action="chain.sheet").count() > 3, "looking at it prints nothing"


def test_who_has_no_part_in_the_chain_finds_none(world: World) -> None:
    for post in ("doctor", "head", "person", "moral"):
        get(world, post, SHEET, 404 if post == "person" else 404)
        assert client(world, post).post(PRINT).status_code == 404
        with pytest.raises(Forbidden):
            number_copy(actor=world.actor(post))
    assert Client(headers={"host": world.school.host}).post(PRINT).status_code in (302, 403)
    assert not SheetCopy.objects.exists()


def test_it_is_what_holds_today_late_in_the_night_too(world: World) -> None:
    """Whoever has left, a seat that ended yesterday, a shift that is over: none of them stands there."""
    moment, today = chain_now(), world.school.day_of(chain_now())
    Seat.objects.filter(kind="doctor").update(until=today)
    gone = world.members["principal"]
    gone.left_on, gone.active_from = today - timedelta(days=1), None
    gone.save()
    found = sheet_of(world.school, moment)
    assert "校医" not in {post.title for post in found.posts}
    [principal] = [post for post in found.posts if post.title == "校长"]
    assert principal.holder is None
    later = sheet_of(world.school, moment + timedelta(days=60))
    assert later.duties == []


def test_an_empty_school_is_told_what_to_do(open_school: Any) -> None:
    found = sheet_of(open_school, chain_now())
    assert (found.posts, found.duties, found.lines, found.partners) == ([], [], [], [])
