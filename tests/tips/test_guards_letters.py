"""Guards of letters that no other test would miss: what is asked again, settled, written down (books §6)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import Membership
from audit.models import AuditEntry
from content.models import TipIndexPage, TipPage
from kernel.clock import as_of
from notifications.providers.mail import Mail
from notifications.providers.ports import Failed
from tests.tips.conftest import FRIDAY, NEXT_FRIDAY, THURSDAY, Home, at, code_in, subscribe
from tests.tips.test_by_number import NUMBER, TEXTS
from tests.tips.test_letters import run
from tips.due import run_due
from tips.models import Given, Letter, LetterState, Subscription
from tips.workflow.ordering import add_tip, send_single
from tips.workflow.sending import call_lost, look_after, send_letter
from tips.workflow.wanting import ask_tips, ask_tips_by_number, confirm_tips

pytestmark = pytest.mark.django_db


def begin(home: Home, rhythm: str = "weekly") -> Subscription:
    with as_of(at(THURSDAY)):
        subscribe(home.token, rhythm=rhythm)
    mail.outbox.clear()
    return Subscription.objects.get()


def test_a_digest_waits_for_its_month_also_when_there_is_more_to_read(home: Home) -> None:
    index = TipIndexPage.objects.child_of(home.side.home).get()
    for number in range(4, 9):
        page = index.add_child(
            instance=TipPage(title=f"云杉第{number}条", slug=f"t{number}", summary="一句话", body=[("heading", "题")])
        )
        add_tip(actor=home.editor, series_id=home.series.pk, page=page.pk)
    begin(home, "monthly")
    assert run(FRIDAY) and "云杉第4条" in mail.outbox[0].body and "云杉第5条" not in mail.outbox[0].body
    for week in (NEXT_FRIDAY, "2026-12-18 07:00", "2026-12-25 07:00"):
        assert run(week) == []
    assert run("2027-01-01 07:00") and "云杉第5条" in mail.outbox[1].body


def test_who_was_looked_after_is_not_due_before_the_next_morning(home: Home) -> None:
    wanted = begin(home)
    with as_of(at("2026-12-03 12:30")):
        look_after(subscription_id=wanted.pk)
    wanted.refresh_from_db()
    assert wanted.next_at == at("2026-12-04 07:00")


def test_the_text_with_a_code_is_settled_at_once(home: Home, settings: Any) -> None:
    settings.SIGN_IN_SMS = "tests.tips.test_by_number.keep_code"
    TEXTS.clear()
    with as_of(at(THURSDAY)):
        letter = ask_tips_by_number(token=home.token, phone=NUMBER, rhythm="weekly")
        assert send_letter(letter_id=letter.pk)
        letter.refresh_from_db()
        assert letter.state == LetterState.SENT
        assert send_letter(letter_id=letter.pk) is False
    assert len(TEXTS) == 1


def test_a_letter_that_arrived_is_never_called_lost(home: Home) -> None:
    begin(home)
    assert run(FRIDAY)
    letter = Letter.objects.get(kind="tips")
    with as_of(at(NEXT_FRIDAY)):
        assert call_lost(letter_id=letter.pk) is False
    letter.refresh_from_db()
    assert letter.state == LetterState.SENT


def test_an_address_that_nobody_proved_gets_no_last_word(home: Home) -> None:
    with as_of(at(THURSDAY)):
        letter = ask_tips(token=home.token, address="wang@example.com", rhythm="weekly")
        assert send_letter(letter_id=letter.pk)
    mail.outbox.clear()
    Membership.objects.filter(pk=home.member.pk).update(left_on=at(THURSDAY).date() - timedelta(days=31))
    with as_of(at(THURSDAY) + timedelta(hours=2)):
        assert look_after(subscription_id=Subscription.objects.get().pk)
        run_due()
    assert mail.outbox == [] and not Letter.objects.filter(kind="last").exists()
    ended = Subscription.objects.get()
    assert (ended.ended_why, bytes(ended.address_sealed)) == ("stopped", b"")


def test_why_it_ended_is_in_the_record(home: Home) -> None:
    wanted = begin(home)
    with as_of(at("2027-12-03 12:00")):
        look_after(subscription_id=wanted.pk)
    entry = AuditEntry.objects.filter(action="tips.end").get()
    assert entry.facts["why"] == "unread"
    assert wanted.address not in str(entry.facts)


def test_where_nothing_is_left_to_read_no_letter_is_begun(home: Home) -> None:
    begin(home)
    for week in (FRIDAY, NEXT_FRIDAY, "2026-12-18 07:00"):
        assert run(week)
    assert run("2026-12-25 07:00") == []
    assert Letter.objects.filter(kind="tips").count() == 3


def test_a_code_by_mail_comes_at_night_too(home: Home) -> None:
    """Somebody sits before the page and waits for it."""
    with as_of(at("2026-12-03 23:00")):
        letter = ask_tips(token=home.token, address="wang@example.com", rhythm="weekly")
        assert send_letter(letter_id=letter.pk)
    assert len(mail.outbox) == 1


def test_a_single_tip_of_the_day_before_somebody_began_is_over_for_them(home: Home) -> None:
    """What counts is the day on which the address was proved, not that on which it was typed."""
    send_single(actor=home.editor, page=home.pages[2], starts_on=at(THURSDAY).date())
    with as_of(at("2026-12-03 23:50")):
        letter = ask_tips(token=home.token, address="wang@example.com", rhythm="weekly")
        assert send_letter(letter_id=letter.pk)
    with as_of(at("2026-12-04 00:05")):
        confirm_tips(token=home.token, code=code_in(mail.outbox[-1].body))
    assert run(FRIDAY) == ["云杉第1条（3 分钟）"]


def test_what_was_put_off_waits_for_its_hour(home: Home) -> None:
    with as_of(at(THURSDAY)):
        letter = ask_tips(token=home.token, address="wang@example.com", rhythm="weekly")
        Letter.objects.update(next_at=at(THURSDAY) + timedelta(minutes=8))
    with as_of(at(THURSDAY) + timedelta(minutes=7)):
        assert send_letter(letter_id=letter.pk) is False
    assert mail.outbox == []
    with as_of(at(THURSDAY) + timedelta(minutes=8)):
        assert send_letter(letter_id=letter.pk)


def test_after_six_times_no_it_is_given_up_and_its_tip_comes_in_another(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(home)
    monkeypatch.setattr(Mail, "_deliver", lambda *_args: Failed("mail"))
    for minute in ("07:00", "07:02", "07:06", "07:14", "07:30", "08:02", "12:00", "20:00"):
        assert run(f"2026-12-04 {minute}") == []
    letter = Letter.objects.get(kind="tips")
    assert (letter.state, letter.sends, letter.trouble) == (LetterState.GIVEN_UP, 6, "mail")
    assert not Given.objects.exists()
    monkeypatch.undo()
    assert run("2026-12-05 07:00") == []
    assert run(NEXT_FRIDAY) == ["云杉第1条（3 分钟）"]


def test_a_long_title_makes_a_single_tip_all_the_same(home: Home) -> None:
    title = "云" * 100
    TipPage.objects.filter(pk=home.pages[0]).update(title=title)
    made = send_single(actor=home.editor, page=home.pages[0], starts_on=at(FRIDAY).date())
    assert made.title == title[:60]


def test_a_tip_that_is_not_published_takes_no_week_from_the_next(home: Home) -> None:
    TipPage.objects.get(pk=home.pages[0]).unpublish()
    begin(home)
    assert run(FRIDAY) == ["云杉第2条（3 分钟）"]


def test_a_single_tip_comes_on_its_day_also_when_it_waits_in_a_series(home: Home) -> None:
    begin(home)
    send_single(actor=home.editor, page=home.pages[2], starts_on=at(FRIDAY).date())
    assert run(FRIDAY) == ["云杉第3条（3 分钟）"]
    assert run(NEXT_FRIDAY) == ["云杉第1条（3 分钟）"]
    assert run("2026-12-18 07:00") == ["云杉第2条（3 分钟）"]
    assert run("2026-12-25 07:00") == []
