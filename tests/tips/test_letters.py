"""Letters with tips: each once, in their hours, ended with a word, never by text message (books §6)."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.models import Membership
from families.models import Consent
from families.workflow import withdraw_by_link, withdraw_consent
from kernel.clock import as_of, now
from notifications.models import ChannelRule
from notifications.providers.capability import Kind, Why, may_carry
from notifications.providers.mail import Mail
from notifications.providers.ports import Failed, Page
from tests.tips.conftest import FRIDAY, NEXT_FRIDAY, THURSDAY, Home, agreed, at, subscribe
from tips.due import run_due
from tips.models import Given, Letter, LetterState, Subscription
from tips.workflow.ordering import move_tip, stop_series
from tips.workflow.sending import look_after, send_letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(home: Home) -> Home:
    with as_of(at(THURSDAY)):
        subscribe(home.token)
    mail.outbox.clear()
    return home


def run(text: str) -> list[str]:
    """One round at that moment; the titles of what was sent."""
    before = len(mail.outbox)
    with as_of(at(text)):
        run_due()
    return [message.body.splitlines()[0] for message in mail.outbox[before:]]


def test_a_tip_a_week_in_the_order_of_the_series_each_once(reader: Home) -> None:
    assert run(FRIDAY) == ["云杉第1条（3 分钟）"]
    for moment in (FRIDAY, "2026-12-04 07:05", "2026-12-06 20:59", "2026-12-07 09:00", "2026-12-10 09:00"):
        assert run(moment) == []
    assert run(NEXT_FRIDAY) == ["云杉第2条（3 分钟）"]
    assert run("2026-12-18 07:00") == ["云杉第3条（3 分钟）"]
    assert run("2026-12-25 07:00") == []
    assert Letter.objects.filter(kind="tips", state="sent").count() == 3


def test_a_sweep_that_lagged_three_weeks_sends_one_letter(reader: Home) -> None:
    assert run("2026-12-26 12:00") == ["云杉第1条（3 分钟）"]
    assert run("2026-12-26 12:01") == []


@pytest.mark.parametrize("moment", ["2026-12-04 06:59", "2026-12-06 21:00", "2026-12-03 12:00"])
def test_nothing_goes_in_quiet_hours_or_before_friday(reader: Home, moment: str) -> None:
    assert run(moment) == []
    assert Letter.objects.filter(kind="tips").count() == 0


def test_a_letter_written_before_nine_at_night_does_not_go_after(reader: Home) -> None:
    """Written and not sent, because the drainer lagged into the next week: its tip comes next Friday."""
    with as_of(at("2026-12-06 20:59")):
        look_after(subscription_id=Subscription.objects.get().pk)
    letter = Letter.objects.get(kind="tips")
    for late in ("2026-12-06 21:00", "2026-12-07 06:59"):
        assert run(late) == []
        letter.refresh_from_db()
        assert letter.state == LetterState.DUE
    assert run("2026-12-07 07:00") == []
    letter.refresh_from_db()
    assert letter.state == LetterState.DROPPED
    assert run(NEXT_FRIDAY) == ["云杉第1条（3 分钟）"]


def test_a_worker_that_died_in_between_costs_the_letter_and_never_sends_it_twice(
    reader: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def dies(*_args: object, **_more: object) -> None:
        raise Died

    with as_of(at(FRIDAY)):
        look_after(subscription_id=Subscription.objects.get().pk)
        letter = Letter.objects.get(kind="tips")
        monkeypatch.setattr(Mail, "_deliver", dies)
        with pytest.raises(Died):
            send_letter(letter_id=letter.pk)
    monkeypatch.undo()
    assert run("2026-12-04 07:01") == []
    assert run("2026-12-04 07:30") == []
    letter.refresh_from_db()
    assert letter.state == LetterState.LOST
    assert run(NEXT_FRIDAY) == ["云杉第2条（3 分钟）"]


def test_a_mailer_that_says_no_gets_it_again(reader: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mail, "_deliver", lambda *_args: Failed("mail"))
    assert run(FRIDAY) == []
    monkeypatch.undo()
    assert run("2026-12-04 07:01") == []
    assert run("2026-12-04 07:02") == ["云杉第1条（3 分钟）"]


def test_the_database_takes_no_second_letter_of_a_week_and_no_tip_twice(reader: Home) -> None:
    run(FRIDAY)
    letter = Letter.objects.get(kind="tips")
    with pytest.raises(IntegrityError, match="tips_one_letter_a_week"), transaction.atomic():
        Letter.objects.create(
            subscription_id=letter.subscription_id, kind="tips", address_index=letter.address_index, week=letter.week
        )
    with pytest.raises(IntegrityError, match="tips_each_once_a_person"), transaction.atomic():
        Given.objects.create(letter=letter, address_index=letter.address_index, page=reader.pages[0], place=2)


def test_tips_never_go_by_text_message_or_call(reader: Home) -> None:
    """Not by a rule of the school, not by a row, not by the sender."""
    for channel in ("sms", "voice"):
        rule = ChannelRule(provider="aliyun", channel=channel, kind="tips", is_allowed=True, template_id="SMS_1")
        assert may_carry([rule], Kind.TIPS, channel).why is Why.NEVER
        with pytest.raises(IntegrityError, match="tips_wanted_by_mail_or_page"), transaction.atomic():
            Subscription.objects.update(channel=channel)
        run(FRIDAY)
        with pytest.raises(IntegrityError, match="tips_go_by_mail_or_page"), transaction.atomic():
            Letter.objects.update(channel=channel)
        with pytest.raises(ValueError, match="does not carry"):
            Mail().send(Page(key="k", channel=channel, to="+8613800138000", school="s", kind="tips"), at=now())


def test_a_letter_holds_no_picture_no_name_and_says_how_to_stop(reader: Home) -> None:
    run(FRIDAY)
    message = mail.outbox[-1]
    assert message.to == ["wang@example.com"]
    assert type(message).__name__ == "EmailMessage"
    assert message.attachments == []
    for word in ("李老师", "李明华", "王小明"):
        assert word not in message.subject + message.body
    stop = message.extra_headers["List-Unsubscribe"]
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop.strip("<>") in message.body
    assert f"http://{reader.tenant.host}" in stop


def test_a_withdrawal_holds_at_once_also_for_a_letter_that_is_written(reader: Home) -> None:
    with as_of(at(FRIDAY)):
        look_after(subscription_id=Subscription.objects.get().pk)
        withdraw_by_link(token=reader.token)
        assert run_due() == 0
    assert mail.outbox == []
    assert Letter.objects.get(kind="tips").state == LetterState.DROPPED
    run("2026-12-05 07:00")
    ended = Subscription.objects.get()
    assert (ended.ended_why, bytes(ended.address_sealed)) == ("stopped", b"")


def test_who_named_them_may_end_it_too(reader: Home) -> None:
    withdraw_consent(actor=reader.actor, consent_id=reader.consent.pk)
    assert run(FRIDAY) == []


def test_a_year_without_a_visit_ends_with_a_word_and_touches_no_emergency(reader: Home) -> None:
    _token, emergency = agreed(reader.actor, "emergency", reader.consent.relative)
    with as_of(at("2027-12-03 12:00")):
        run_due()
        run_due()
    assert len(mail.outbox) == 1
    assert "最后一封信" in mail.outbox[0].body
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers
    assert Consent.objects.get(pk=reader.consent.pk).state == "withdrawn"
    assert Consent.objects.get(pk=emergency.pk).state == "given"
    ended = Subscription.objects.get()
    assert (ended.ended_why, bytes(ended.address_sealed)) == ("unread", b"")
    assert run("2028-01-07 07:00") == []


def test_thirty_days_after_the_colleague_left_it_ends_with_a_word(reader: Home) -> None:
    Membership.objects.filter(pk=reader.member.pk).update(left_on=at("2026-11-10 00:00").date())
    assert run(FRIDAY) == ["云杉第1条（3 分钟）"]
    mail.outbox.clear()
    assert run("2026-12-10 22:00") == []  # over for the day, said in the morning
    assert run("2026-12-11 07:00") != []
    assert "离开学校" in mail.outbox[0].body
    assert Subscription.objects.get().ended_why == "left"


def test_what_the_school_set_decides_the_year(reader: Home) -> None:
    reader.tenant.rules = {"tips_unread_months": 3}
    reader.tenant.save()
    run("2027-03-03 12:00")
    assert Subscription.objects.get().ended_why == "unread"


def test_another_order_gives_nobody_a_tip_twice(reader: Home) -> None:
    run(FRIDAY)
    first = reader.series.items.get(page=reader.pages[0])
    for _ in range(2):
        move_tip(actor=reader.editor, series_id=reader.series.pk, item_id=first.pk, up=False)
    assert run(NEXT_FRIDAY) == ["云杉第2条（3 分钟）"]
    assert run("2026-12-18 07:00") == ["云杉第3条（3 分钟）"]
    assert run("2026-12-25 07:00") == []


def test_a_stopped_series_sends_nothing_more(reader: Home) -> None:
    stop_series(actor=reader.editor, series_id=reader.series.pk)
    assert run(FRIDAY) == []


def test_one_mailbox_named_by_two_colleagues_gets_each_tip_once(reader: Home) -> None:
    """It may begin again through another relative after it was stopped: what it had does not come again."""
    run(FRIDAY)
    withdraw_by_link(token=reader.token)
    run("2026-12-05 07:00")
    token, _consent = agreed(reader.actor)
    with as_of(at("2026-12-05 12:00")):
        subscribe(token)
    assert run("2026-12-05 12:01") == []
    assert run(NEXT_FRIDAY) == ["云杉第2条（3 分钟）"]


def test_a_digest_brings_up_to_four_once_a_month(home: Home) -> None:
    with as_of(at(THURSDAY)):
        subscribe(home.token, rhythm="monthly")
    mail.outbox.clear()
    run(FRIDAY)
    assert [mail.outbox[0].body.count(f"云杉第{n}条") for n in (1, 2, 3)] == [1, 1, 1]
    assert run(NEXT_FRIDAY) == []


def test_without_mail_nothing_is_offered_and_nothing_goes(reader: Home, settings: object) -> None:
    settings.MAIL_IS_SET = False  # type: ignore[attr-defined]
    assert run(FRIDAY) == []
