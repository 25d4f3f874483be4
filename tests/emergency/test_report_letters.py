"""Letters to a report of anybody: who is called by one, when it counts as read, and when they end (chain §1)."""

import pytest

from kernel.errors import Conflict, Invalid, NotFound, TooMany
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Report, ReportLetter
from referrals.emergency.reporting.standing import is_in_hand
from referrals.emergency.rules.reporting import MOST_LETTERS
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.receiving import write_letter
from referrals.emergency.workflow.report_acts import read_reports
from tests.emergency.report_steps import calls, end, send, take
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def test_a_letter_makes_it_unread_again_and_is_told_to_the_owner(world: World) -> None:
    report = send()
    decide_school()
    take(world, report.incident)
    Report.objects.update(next_at=None, read_at=chain_now())
    write_letter(report_id=report.pk, words="他现在在顶楼")
    again = Report.objects.get(pk=report.pk)
    assert again.read_at is None and again.next_at is not None
    assert calls(report.incident, in_house=False)
    letter = ReportLetter.objects.get()
    assert (letter.by_id, letter.number, letter.read(), letter.pk.version) == (None, 1, "他现在在顶楼", 4)
    assert "顶楼".encode() not in bytes(letter.words_sealed)


@pytest.mark.parametrize(
    ("words", "code"), [("", "letter_empty"), (" \n", "letter_empty"), ("长" * 2_001, "letter_too_long")]
)
def test_a_letter_that_cannot_be_kept(words: str, code: str, world: World) -> None:
    report = send()
    with pytest.raises(Invalid, match=code):
        write_letter(report_id=report.pk, words=words)
    assert not ReportLetter.objects.exists()


def test_letters_end(world: World) -> None:
    report = send()
    for number in range(MOST_LETTERS):
        letter = ReportLetter(report=report, number=number + 1)
        letter.write("x")
        letter.save(force_insert=True)
    with pytest.raises(TooMany, match="letters_full"):
        write_letter(report_id=report.pk, words="x")
    assert ReportLetter.objects.count() == MOST_LETTERS


def test_no_letter_after_the_end_and_none_to_a_report_that_is_none(world: World) -> None:
    report = send()
    end(world, report.incident)
    with pytest.raises(Conflict, match="incident_ended"):
        write_letter(report_id=report.pk, words="x")
    with pytest.raises(NotFound):
        write_letter(report_id=world.members["duty"].pk, words="x")
    assert not ReportLetter.objects.exists()


def test_a_letter_that_nobody_has_read_yet_does_not_take_back_that_it_is_in_hand(world: World) -> None:
    report = send()
    decide_school()
    assert not is_in_hand(Report.objects.get(pk=report.pk))
    take(world, report.incident)
    assert not is_in_hand(Report.objects.get(pk=report.pk)), "taken, but nobody has read it"
    read_reports(actor=world.actor("duty"), incident_id=report.incident_id, report_ids=[report.pk])
    assert is_in_hand(Report.objects.get(pk=report.pk))
    write_letter(report_id=report.pk, words="他现在在顶楼")
    again = Report.objects.get(pk=report.pk)
    assert again.read_at is None
    assert is_in_hand(again)
