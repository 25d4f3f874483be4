"""Clocks of a page that run, and how it hears that something has changed."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import translation

from audit.models import AuditEntry
from kernel.clock import now
from referrals.emergency.centre.incident_clocks import count, length, lengths, long_text, sentence
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, NeverContact
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.test_board import BOARD, client, get, page_of
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


def state(found: Client, incident: Incident, tag: str = "") -> Any:
    headers = {"If-None-Match": tag} if tag else {}
    return found.get(f"{page_of(incident)}state/", headers=headers)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_script_says_lengths_as_the_server_does(language: str) -> None:
    with translation.override(language):
        words, moment = lengths(), now()
        for count in (0, 1, 2, 47, 119, 120, 179, 2879, 2880, 9000):
            unit, number = ("minutes", count) if count < 120 else ("hours", count // 60)
            if count >= 2880:
                unit, number = "days", count // 1440
            said = words["minute"] if count == 1 else words[unit].replace("{n}", str(number))
            assert said == long_text(count) == length(moment + timedelta(minutes=count), moment, is_up=False).text


def test_a_minute_that_has_begun_is_still_left_and_one_that_is_not_over_has_not_passed() -> None:
    moment = now()
    at = moment + timedelta(minutes=3, seconds=1)
    assert length(at, moment, is_up=False).text == long_text(4)
    assert length(moment - timedelta(minutes=3, seconds=59), moment, is_up=True).text == long_text(3)


def test_the_first_minute_is_no_length() -> None:
    """ "0 minutes" in the largest figures of a page reads as a fault; what is left goes down to 0."""
    moment = now()
    for one in (length(moment, moment, is_up=True), length(moment - timedelta(seconds=59), moment, is_up=True)):
        assert one.text == one.none == "刚刚"
    for one in (count(moment, moment, is_up=True), count(moment - timedelta(seconds=59), moment, is_up=True)):
        assert one.text == one.none == "<1"
    assert length(moment - timedelta(seconds=60), moment, is_up=True).text == long_text(1)
    assert count(moment - timedelta(seconds=60), moment, is_up=True).text == "1"
    assert (length(moment, moment, is_up=False).text, count(moment, moment, is_up=False).text) == (long_text(0), "0")


def test_no_leg_and_no_row_begins_with_a_nought(world: World, paging: Incident) -> None:
    for page in (get(world, "centre", page_of(paging)), get(world, "centre", BOARD)):
        assert not re.search(r">0(?: 分钟)?<", page)
    assert ">刚刚<" in get(world, "centre", page_of(paging)) and "&lt;1<" in get(world, "centre", BOARD)


def test_a_sentence_keeps_its_plural() -> None:
    moment = now()
    clock = sentence(moment, moment, lambda n: f"{n} minute{'' if n == 1 else 's'} left", is_up=False)
    assert (clock.text, clock.one, clock.many) == ("0 minutes left", "1 minute left", "{n} minutes left")


def test_every_leg_that_runs_has_a_clock_by_the_chains_moment(world: World, paging: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school", eta=15)
    text = get(world, "centre", page_of(paging))
    assert text.count("data-chain-now=") >= 3
    card = text[text.index('id="leg-school"') : text.index('id="leg-family"')]
    assert 'data-clock="down"' in card and "分钟" in card and re.search(r"到 \d\d:\d\d", card)
    family = text[text.index('id="leg-family"') : text.index('id="leg-medical"')]
    assert 'data-clock="up"' in family
    assert 'src="/static/emergency/clocks' in text
    board = get(world, "centre", BOARD)
    assert "data-chain-now=" in board and 'data-clock="up"' in board


def test_a_page_hears_that_something_happened_and_nothing_else(world: World, paging: Incident) -> None:
    centre = client(world, "centre")
    text = centre.get(page_of(paging)).content.decode()
    [tag] = re.findall(r'data-tag="([^"]+)"', text)
    tag = tag.replace("&quot;", '"')
    looks = AuditEntry.objects.count()
    same = state(centre, paging, tag)
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school", eta=15)
    acted = AuditEntry.objects.count()
    changed = state(centre, paging, tag)
    assert changed.status_code == 200 and changed.headers["ETag"] != tag
    assert set(changed.json()) == {"state"} and "no-store" in changed.headers["Cache-Control"]
    assert world.members["person"].name not in changed.content.decode()
    assert (looks + 1, acted) == (acted, AuditEntry.objects.count())


def test_a_clock_of_the_engine_is_heard_too(world: World, paging: Incident) -> None:
    centre = client(world, "centre")
    tag = state(centre, paging).headers["ETag"]
    from_engine = chain_now() - timedelta(seconds=1)
    paging.legs.filter(kind="school").update(next_at=from_engine)
    decide_school()
    assert state(centre, paging, tag).status_code == 200


def test_whoever_was_called_hears_it_and_nobody_else_can_ask(world: World, paging: Incident) -> None:
    assert state(client(world, "doctor"), paging).status_code == 200
    for post in ("head", "person"):
        assert state(client(world, post), paging).status_code == 404
    NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
    assert state(client(world, "second"), paging).status_code == 404
    assert client(world, "centre").get(f"{BOARD}{uuid4()}/state/").status_code == 404
