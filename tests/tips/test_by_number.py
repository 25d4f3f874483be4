"""Without a mailbox: a code goes to a number once, tips never do; they stand on the family's page (books §6)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from families.models import Consent
from kernel.clock import as_of
from kernel.errors import Conflict, Invalid, Refused, TooMany
from tenancy.scope import use_tenant
from tests.tips.conftest import FRIDAY, NEXT_FRIDAY, THURSDAY, Home, agreed, at
from tips.due import run_due
from tips.models import Letter, LetterState, Subscription
from tips.workflow.sending import send_letter
from tips.workflow.wanting import ask_tips_by_number, confirm_tips
from ui.refusals import explain

pytestmark = pytest.mark.django_db
NUMBER = "+8613900139000"
TEXTS: list[tuple[str, str]] = []


def keep_code(*, phone: str, code: str) -> None:
    """Stands where a carrier stands (``SIGN_IN_SMS``)."""
    TEXTS.append((phone, code))


@pytest.fixture(autouse=True)
def _carrier(settings: Any) -> None:
    settings.SIGN_IN_SMS = f"{__name__}.keep_code"
    TEXTS.clear()


def ask(home: Home, phone: str = NUMBER, *, token: str = "") -> Letter:
    """Asks, and the text leaves."""
    letter = ask_tips_by_number(token=token or home.token, phone=phone, rhythm="weekly")
    send_letter(letter_id=letter.pk)
    return letter


def begin(home: Home) -> None:
    """Proved on a Thursday at noon."""
    with as_of(at(THURSDAY)), use_tenant(home.tenant.id):
        ask(home)
        confirm_tips(token=home.token, code=TEXTS[-1][1])


def test_a_number_is_proved_by_a_text_and_the_tips_stand_on_the_page(home: Home) -> None:
    client, page = home.client(), f"/family/{home.token}/"
    with as_of(at(THURSDAY)):
        assert f"{page}tips/number/" in client.get(page).content.decode()
        asked = client.post(f"{page}tips/number/", {"phone": "１３９ ００１３-9000", "rhythm": "weekly"})
        assert (asked.status_code, asked["Location"]) == (302, f"{page}tips/code/")
        assert [number for number, _code in TEXTS] == [NUMBER]
        done = client.post(f"{page}tips/code/", {"code": TEXTS[-1][1]})
        assert done["Location"] == page
    for day, title in ((FRIDAY, "云杉第1条"), (NEXT_FRIDAY, "云杉第2条")):
        with as_of(at(day)):
            run_due()
            text = client.get(page).content.decode()
            assert title in text and "139****9000" in text
            assert NUMBER not in text and "13900139000" not in text
    assert "云杉第1条" not in _new(text), "each once"
    assert len(TEXTS) == 1, "a tip never goes as a text"
    assert mail.outbox == []


def _new(text: str) -> str:
    return text.split('id="by-mail"')[1].split("</section>")[0]


def test_tries_are_counted_and_the_code_grows_old(home: Home) -> None:
    with use_tenant(home.tenant.id), as_of(at(THURSDAY)):
        ask(home)
        code = TEXTS[-1][1]
        wrong = "000000" if code != "000000" else "111111"
        with as_of(at(THURSDAY) + timedelta(minutes=30)), pytest.raises(Refused, match="tips_code_over"):
            confirm_tips(token=home.token, code=code)
        for _n in range(5):
            with pytest.raises(Invalid, match="tips_code_wrong"):
                confirm_tips(token=home.token, code=wrong)
        with pytest.raises(Refused, match="tips_code_over"):
            confirm_tips(token=home.token, code=code)
        assert Subscription.objects.get().confirmed_at is None


def test_no_telephone_rings_at_night(home: Home) -> None:
    with use_tenant(home.tenant.id):
        for moment in ("2026-12-03 21:00", "2026-12-03 23:30", "2026-12-04 06:59"):
            with as_of(at(moment)), pytest.raises(Refused, match="tips_sms_quiet"):
                ask(home)
        assert not Letter.objects.exists() and not Subscription.objects.exists()
        with as_of(at("2026-12-03 20:59")):
            letter = ask_tips_by_number(token=home.token, phone=NUMBER, rhythm="weekly")  # the process dies here
        with as_of(at("2026-12-03 21:01")):
            run_due()
        letter.refresh_from_db()
        assert letter.state == LetterState.DROPPED
        with as_of(at("2026-12-04 07:00")):
            run_due()
    assert TEXTS == []


def test_a_number_that_had_its_codes_gets_no_more_and_nothing_tells(home: Home) -> None:
    tokens = []
    with use_tenant(home.tenant.id), as_of(at(THURSDAY)):
        for _n in range(6):
            token, _consent = agreed(home.actor)
            tokens.append(token)
    answers = []
    for token in tokens:
        with as_of(at(THURSDAY)):
            answer = home.client().post(f"/family/{token}/tips/number/", {"phone": NUMBER, "rhythm": "weekly"})
            answers.append((answer.status_code, answer["Location"].replace(token, "…")))
    assert len(set(answers)) == 1, "no oracle"
    assert len(TEXTS) == 5
    with use_tenant(home.tenant.id), as_of(at(THURSDAY)):
        for code in {code for _number, code in TEXTS}:
            with pytest.raises(Refused, match="tips_code_over"):
                confirm_tips(token=tokens[-1], code=code)
        with as_of(at(THURSDAY) + timedelta(days=1, minutes=1)):
            ask(home, token=tokens[-1])
    assert len(TEXTS) == 6, "the next day it may again"


def test_one_a_minute_from_one_link(home: Home) -> None:
    with use_tenant(home.tenant.id), as_of(at(THURSDAY)):
        ask(home)
        with pytest.raises(TooMany, match="tips_code_soon"):
            ask(home, "13900139001")
        assert len(TEXTS) == 1


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "123",
        "057188880000",
        "12356",
        "+14155552671",
        "+85291234567",
        "x" * 30,
        "1390013900\x00",
        "139001390001234567",
        "@",
    ],
)
def test_what_is_no_mobile_number_here_is_refused_and_nothing_moves(home: Home, phone: str) -> None:
    with use_tenant(home.tenant.id), as_of(at(THURSDAY)):
        with pytest.raises(Invalid, match="tips_phone_wrong"):
            ask(home, phone)
        with pytest.raises(Invalid, match="tips_rhythm_unknown"):
            ask_tips_by_number(token=home.token, phone=NUMBER, rhythm="daily")
        assert not Letter.objects.exists() and not Subscription.objects.exists()
    with as_of(at(THURSDAY)):
        page = f"/family/{home.token}/tips/number/"
        assert home.client().post(page, {"phone": phone, "rhythm": "weekly"}).status_code in (400, 422)
    assert TEXTS == []


def test_a_number_has_the_tips_once(home: Home) -> None:
    begin(home)
    with use_tenant(home.tenant.id), as_of(at(THURSDAY)):
        other, _consent = agreed(home.actor)
        ask(home, token=other)
        with pytest.raises(Conflict, match="tips_address_taken"):
            confirm_tips(token=other, code=TEXTS[-1][1])


def test_where_no_code_can_go_none_is_offered(home: Home, settings: Any) -> None:
    settings.SIGN_IN_SMS = ""
    page = f"/family/{home.token}/"
    with as_of(at(THURSDAY)):
        assert "tips/number/" not in home.client().get(page).content.decode()
        assert home.client().post(f"{page}tips/number/", {"phone": NUMBER, "rhythm": "weekly"})["Location"] == page
        with use_tenant(home.tenant.id), pytest.raises(Refused, match="tips_no_sms"):
            ask(home)


def test_an_agreement_whose_text_knew_no_numbers_takes_none(home: Home) -> None:
    with use_tenant(home.tenant.id), as_of(at(THURSDAY)):
        Consent.objects.filter(pk=home.consent.pk).update(text_id="tips.2")
        with pytest.raises(Refused, match="tips_no_sms"):
            ask(home)
        assert TEXTS == []


def test_a_year_without_a_visit_ends_it_without_a_text_and_forgets_the_number(home: Home) -> None:
    begin(home)
    with use_tenant(home.tenant.id), as_of(at(THURSDAY) + timedelta(days=367)):
        run_due()
        wanted = Subscription.objects.get()
        assert wanted.ended_at is not None and wanted.address == ""
        assert not Letter.objects.filter(kind="last").exists()
    assert len(TEXTS) == 1


def test_no_more_forgets_the_number_and_the_page_offers_it_again(home: Home) -> None:
    begin(home)
    page = f"/family/{home.token}/"
    with as_of(at(FRIDAY)):
        home.client().post(f"{page}tips/off/")
        with use_tenant(home.tenant.id):
            assert Subscription.objects.get().address == ""
        assert f"{page}tips/number/" in home.client().get(page).content.decode()


def test_the_database_knows_no_third_way(home: Home) -> None:
    begin(home)
    with use_tenant(home.tenant.id):
        for rows in (Subscription.objects.all(), Letter.objects.all()):
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(channel="sms")


def test_the_refusals_say_what_can_be_done() -> None:
    for code in ("tips_no_sms", "tips_sms_quiet", "tips_phone_wrong"):
        assert str(explain(code).next_step)


def test_who_reads_on_the_page_needs_no_mail(home: Home, settings: Any) -> None:
    """Where no mail can go the tips stand on the page all the same: nothing leaves for them."""
    begin(home)
    settings.MAIL_IS_SET = False
    with as_of(at(FRIDAY)):
        run_due()
        text = home.client().get(f"/family/{home.token}/").content.decode()
    assert "云杉第1条" in _new(text)
    assert mail.outbox == []
