"""Guards of tips that no other test would miss: each refusal with its reason, and nothing went (books §6)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from families.links import issue
from families.models import Consent, FamilyLink
from families.states import ConsentState
from kernel.clock import as_of
from kernel.errors import NotFound, Refused
from tests.tips.conftest import FRIDAY, NEXT_FRIDAY, THURSDAY, Home, agreed, at, code_in, subscribe
from tests.tips.test_by_number import NUMBER, TEXTS
from tips.due import run_due
from tips.models import Given, Letter, LetterState, Subscription
from tips.workflow.sending import look_after, send_letter
from tips.workflow.wanting import ask_tips, ask_tips_by_number, confirm_tips, drop_address, note_seen

pytestmark = pytest.mark.django_db


def asked(home: Home, address: str, token: str = "") -> str:
    """Asks, and the mail leaves; the code in it."""
    letter = ask_tips(token=token or home.token, address=address, rhythm="weekly")
    assert send_letter(letter_id=letter.pk)
    return code_in(mail.outbox[-1].body)


def test_where_no_mail_can_go_no_tip_is_used_up(home: Home, settings: Any) -> None:
    with as_of(at(THURSDAY)):
        subscribe(home.token)
    settings.MAIL_IS_SET = False
    with as_of(at(FRIDAY)):
        assert look_after(subscription_id=Subscription.objects.get().pk) is False
    assert not Letter.objects.filter(kind="tips").exists() and not Given.objects.exists()
    settings.MAIL_IS_SET = True
    mail.outbox.clear()
    with as_of(at(NEXT_FRIDAY)):
        run_due()
    assert "云杉第1条" in mail.outbox[0].body


def test_where_no_mail_can_go_there_is_no_last_word_and_the_address_is_gone(home: Home, settings: Any) -> None:
    with as_of(at(THURSDAY)):
        subscribe(home.token)
    settings.MAIL_IS_SET = False
    with as_of(at("2027-12-10 12:00")):
        assert look_after(subscription_id=Subscription.objects.get().pk)
    assert not Letter.objects.filter(kind="last").exists()
    ended = Subscription.objects.get()
    assert (ended.ended_why, bytes(ended.address_sealed)) == ("stopped", b"")


@pytest.mark.parametrize("state", [LetterState.DROPPED, LetterState.GIVEN_UP])
def test_a_code_that_never_left_is_none_of_the_day_s_five(home: Home, settings: Any, state: str) -> None:
    settings.SIGN_IN_SMS = "tests.tips.test_by_number.keep_code"
    TEXTS.clear()
    with as_of(at(THURSDAY)):
        for _n in range(5):
            token, _consent = agreed(home.actor)
            ask_tips_by_number(token=token, phone=NUMBER, rhythm="weekly")
        Letter.objects.update(state=state)
        letter = ask_tips_by_number(token=home.token, phone=NUMBER, rhythm="weekly")
        assert send_letter(letter_id=letter.pk)
    assert [number for number, _code in TEXTS] == [NUMBER]


@pytest.mark.parametrize("state", [LetterState.SENDING, LetterState.SENT, LetterState.LOST, LetterState.DUE])
def test_a_code_that_may_have_left_is_one_of_the_day_s_five(home: Home, settings: Any, state: str) -> None:
    settings.SIGN_IN_SMS = "tests.tips.test_by_number.keep_code"
    with as_of(at(THURSDAY)):
        for _n in range(5):
            token, _consent = agreed(home.actor)
            ask_tips_by_number(token=token, phone=NUMBER, rhythm="weekly")
        Letter.objects.update(state=state)
        letter = ask_tips_by_number(token=home.token, phone=NUMBER, rhythm="weekly")
    assert letter.state == LetterState.DROPPED


def test_asking_anew_ends_what_was_and_the_new_address_is_unproved(home: Home) -> None:
    with as_of(at(THURSDAY)):
        subscribe(home.token)
    with as_of(at(THURSDAY) + timedelta(hours=1)):
        code = asked(home, "li@example.com")
    old, new = Subscription.objects.order_by("created_at")
    assert (old.ended_why, bytes(old.address_sealed), old.code_hash) == ("stopped", b"", None)
    assert (new.address, new.confirmed_at, new.ended_at) == ("li@example.com", None, None)
    mail.outbox.clear()
    with as_of(at("2026-12-04 07:00")):
        run_due()
    assert mail.outbox == [], "neither the address that was given up nor the one that nobody proved"
    with as_of(at(THURSDAY) + timedelta(hours=1, minutes=5)):
        confirm_tips(token=home.token, code=code)
    with as_of(at(FRIDAY)):
        run_due()
    assert [message.to for message in mail.outbox] == [["li@example.com"]]


def test_the_code_of_another_address_proves_nothing(home: Home) -> None:
    """A new address is typed: what was sent to the one before is void, also while the new code has not left."""
    with as_of(at(THURSDAY)):
        code = asked(home, "a@example.com")
        Subscription.objects.update(code_tries=3)
    with as_of(at(THURSDAY) + timedelta(minutes=2)):
        ask_tips(token=home.token, address="b@example.com", rhythm="weekly")
        wanted = Subscription.objects.get()
        assert (wanted.address, wanted.code_hash, wanted.code_until, wanted.code_tries) == (
            "b@example.com", None, None, 0,
        )  # fmt: skip
        with pytest.raises(Refused, match="tips_code_over"):
            confirm_tips(token=home.token, code=code)
    assert Subscription.objects.get().confirmed_at is None


def test_a_code_is_for_a_subscription_that_is_open(home: Home) -> None:
    with as_of(at(THURSDAY)):
        code = asked(home, "a@example.com")
        drop_address(token=home.token)
        with pytest.raises(NotFound):
            confirm_tips(token=home.token, code=code)
    ended = Subscription.objects.get()
    assert ended.confirmed_at is None and ended.code_hash is None


def test_a_code_that_came_back_twice_is_once(home: Home) -> None:
    with as_of(at(THURSDAY)):
        code = asked(home, "a@example.com")
        confirm_tips(token=home.token, code=code)
        first = Subscription.objects.get().confirmed_at
    with as_of(at(THURSDAY) + timedelta(hours=2)):
        confirm_tips(token=home.token, code=code)
    assert Subscription.objects.get().confirmed_at == first is not None


def acts(token: str) -> list[Any]:
    """All that a link may do about tips."""
    return [
        lambda: ask_tips(token=token, address="a@example.com", rhythm="weekly"),
        lambda: ask_tips_by_number(token=token, phone=NUMBER, rhythm="weekly"),
        lambda: confirm_tips(token=token, code="123456"),
        lambda: note_seen(token=token),
        lambda: drop_address(token=token),
    ]


@pytest.mark.parametrize("how", ["expired", "spent", "purpose", "question", "withdrawn"])
def test_a_link_that_may_not_moves_nothing(home: Home, settings: Any, how: str) -> None:
    """The writers ask for themselves: the page that asked before is another request."""
    settings.SIGN_IN_SMS = "tests.tips.test_by_number.keep_code"
    with as_of(at(THURSDAY)):
        subscribe(home.token)
        before = list(Subscription.objects.values())
        mine = FamilyLink.objects.filter(consent=home.consent)
        token = home.token
        if how == "expired":
            mine.update(expires_at=at(THURSDAY))
        elif how == "spent":
            mine.update(used_at=at("2026-12-03 11:00"))
        elif how == "purpose":
            mine.update(purpose="emergency")
        elif how == "question":
            token = issue(home.consent, FamilyLink.Act.ANSWER, timedelta(days=1))
        else:
            Consent.objects.filter(pk=home.consent.pk).update(state=ConsentState.WITHDRAWN)
        for act in acts(token):
            with pytest.raises(NotFound):
                act()
    assert list(Subscription.objects.values()) == before


def test_the_day_s_five_codes_are_those_of_this_number(home: Home, settings: Any) -> None:
    settings.SIGN_IN_SMS = "tests.tips.test_by_number.keep_code"
    TEXTS.clear()
    with as_of(at(THURSDAY)):
        for count in range(5):
            token, _consent = agreed(home.actor)
            ask_tips_by_number(token=token, phone=f"1390013800{count}", rhythm="weekly")
        letter = ask_tips_by_number(token=home.token, phone=NUMBER, rhythm="weekly")
        assert send_letter(letter_id=letter.pk)
    assert len(TEXTS) == 1


def test_tips_that_came_are_no_codes(home: Home, settings: Any) -> None:
    """Whoever reads for months on the page may still prove the number for another agreement, and ask anew."""
    settings.SIGN_IN_SMS = "tests.tips.test_by_number.keep_code"
    TEXTS.clear()
    with as_of(at(THURSDAY)):
        ask = ask_tips_by_number(token=home.token, phone=NUMBER, rhythm="weekly")
        assert send_letter(letter_id=ask.pk)
    wanted = Subscription.objects.get()
    weeks = [at(THURSDAY).date() - timedelta(weeks=count) for count in range(5)]
    Letter.objects.bulk_create(
        Letter(
            subscription=wanted, channel="page", kind="tips", address_index=wanted.address_index, week=week,
            state=LetterState.SENT, created_at=at(THURSDAY),
        )
        for week in weeks
    )  # fmt: skip
    with as_of(at(THURSDAY) + timedelta(minutes=5)):
        again = ask_tips_by_number(token=home.token, phone=NUMBER, rhythm="weekly")
        assert send_letter(letter_id=again.pk)
    assert len(TEXTS) == 2


def test_what_is_gone_is_sent_to_nobody(home: Home) -> None:
    """A round found it, and meanwhile it was ended or is no more: nothing is written and nothing sent."""
    with as_of(at(THURSDAY)):
        subscribe(home.token)
        drop_address(token=home.token)
    mail.outbox.clear()
    ended = Subscription.objects.get()
    with as_of(at(FRIDAY)):
        assert look_after(subscription_id=ended.pk) is False
        assert look_after(subscription_id=uuid4()) is False
        assert send_letter(letter_id=uuid4()) is False
    ended.refresh_from_db()
    assert (ended.ended_why, ended.next_at) == ("stopped", at(THURSDAY))
    assert mail.outbox == []
