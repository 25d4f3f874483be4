"""Typed codes, last digits and the lock: what is guessed opens nothing, and five wrong tries say so (chain §4)."""

from typing import Any

import pytest
from stdnum import damm

from referrals.emergency import secrets
from referrals.emergency.models import Card, Recipient
from referrals.emergency.outside.finding import codes_in, digits_of, is_code
from referrals.emergency.rules.line_numbers import as_dialled
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import (
    LAST,
    browser,
    called,
    leg_of,
    link_of,
    press,
    recipient_of,
    words_of,
)
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipient(world: World) -> Recipient:
    return recipient_of(world, called(world), "medical")


def made_up(number: int) -> str:
    """A whole code of nobody."""
    digits = f"{number:08d}"
    return digits + str(damm.calc_check_digit(digits))


@pytest.mark.parametrize(
    "spell",
    [
        lambda code: code,
        lambda code: f"{code[:3]} {code[3:6]} {code[6:]}",
        lambda code: f" {code[:4]}-{code[4:]}  ",
        lambda code: code.translate({48 + n: 0xFF10 + n for n in range(10)}),
        lambda code: "\u3000".join(code),
        lambda code: "\u200b".join(code),
        lambda code: code.translate({48 + n: 0x0660 + n for n in range(10)}),
        lambda code: code.translate({48 + n: ord("〇一二三四五六七八九"[n]) for n in range(10)}),
    ],
)
def test_a_code_leads_to_its_link_in_every_spelling_of_digits(recipient: Recipient, spell: Any) -> None:
    client = browser()
    assert client.get("/a/").status_code == 200
    answer = client.post("/a/", {"code": spell(secrets.code_of(recipient.pk)), "digits": spell(LAST["medical"])})
    assert answer.status_code == 303
    assert answer["Location"] == link_of(recipient)
    assert "我来处理" in words_of(client.get(answer["Location"]))


def test_a_code_takes_nothing_by_itself_on_the_page(world: World, recipient: Recipient) -> None:
    browser().post("/a/", {"code": secrets.code_of(recipient.pk), "digits": LAST["medical"]}, follow=True)
    with use_tenant(world.school.pk):
        assert Recipient.objects.get(pk=recipient.pk).answer == ""
        assert not Card.objects.exists()


def test_a_code_with_its_number_opens_the_card_in_another_browser(world: World, recipient: Recipient) -> None:
    press(browser(), link_of(recipient), "take")
    page = browser().post("/a/", {"code": secrets.code_of(recipient.pk), "digits": LAST["medical"]}, follow=True)
    assert world.members["person"].name in page.content.decode()


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("", ""), ("12345678", "0001"), ("1234567890", "0001"), ("abcdefghi", "0001"), ("一二三", "x"), ("1" * 5000, "1" * 5000),
        ("12345678x", "00 01"), ("\0", "\0"),
    ],
)  # fmt: skip
def test_what_is_no_code_is_told_and_is_no_guess(code: str, digits: str) -> None:
    client = browser()
    for _ in range(7):
        page = client.post("/a/", {"code": code, "digits": digits})
        assert page.status_code == 200
    assert "试错" not in words_of(page)


def test_a_wrong_check_digit_is_told_at_once(recipient: Recipient) -> None:
    code = secrets.code_of(recipient.pk)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    page = browser().post("/a/", {"code": wrong, "digits": LAST["medical"]})
    assert "有一位不对" in words_of(page)


def test_a_wrong_code_and_a_wrong_number_look_alike(recipient: Recipient) -> None:
    unknown = browser().post("/a/", {"code": made_up(11_223_344), "digits": LAST["medical"]})
    other = browser().post("/a/", {"code": secrets.code_of(recipient.pk), "digits": "0000"})
    assert unknown.status_code == other.status_code == 200
    assert words_of(unknown) == words_of(other)


def test_five_wrong_tries_lock_the_source_and_say_so(recipient: Recipient) -> None:
    client = browser()
    for number in range(5):
        assert client.post("/a/", {"code": made_up(number), "digits": "0001"}).status_code == 200
    right = {"code": secrets.code_of(recipient.pk), "digits": LAST["medical"]}
    locked = client.post("/a/", right)
    assert locked.status_code == 429
    assert "15 分钟内不能再试" in words_of(locked)
    assert int(locked["Retry-After"]) == 15 * 60
    assert browser().post("/a/", right).status_code == 429, "another browser of the same source"
    elsewhere = browser()
    elsewhere.defaults["REMOTE_ADDR"] = "203.0.113.9"
    assert elsewhere.post("/a/", right).status_code == 303, "nobody else is shut out"


def test_the_last_digits_are_guessed_under_the_same_lock(world: World, recipient: Recipient) -> None:
    press(browser(), link_of(recipient), "take")
    client, name = browser(), world.members["person"].name
    for number in range(5):
        page = client.post(link_of(recipient), {"act": "prove", "digits": f"{number:04d}"[::-1].replace("0", "9")})
        assert page.status_code == 200
    locked = client.post(link_of(recipient), {"act": "prove", "digits": LAST["medical"]})
    assert locked.status_code == 429
    assert name not in locked.content.decode()
    assert client.post("/a/", {"code": made_up(5), "digits": "0001"}).status_code == 429


def test_right_ones_are_not_counted(recipient: Recipient) -> None:
    right = {"code": secrets.code_of(recipient.pk), "digits": LAST["medical"]}
    for _ in range(8):
        assert browser().post("/a/", right).status_code == 303


def test_answering_by_link_is_never_locked(world: World, recipient: Recipient) -> None:
    client = browser()
    for number in range(6):
        client.post("/a/", {"code": made_up(number), "digits": "0001"})
    assert client.post(link_of(recipient), {"act": "take"}).status_code == 303
    with use_tenant(world.school.pk):
        assert leg_of(world, recipient.leg.incident, "medical").state == "acknowledged"


def test_two_recipients_with_one_code_are_told_apart_by_their_numbers(world: World, recipient: Recipient) -> None:
    """Eight digits are few: sooner or later two schools have the same."""
    with use_tenant(world.school.pk):
        other = Recipient.objects.get(
            leg__incident=recipient.leg.incident, leg__kind="community", token_hash__isnull=False
        )
        Recipient.objects.filter(pk=other.pk).update(code_hash=bytes(recipient.code_hash))
    for kind, meant in (("medical", recipient), ("community", other)):
        answer = browser().post("/a/", {"code": secrets.code_of(recipient.pk), "digits": LAST[kind]})
        assert answer["Location"] == link_of(meant)


def test_digits_and_codes_are_read_from_what_people_write() -> None:
    assert digits_of("１２３ ４５") == "12345"
    assert digits_of("12a") == digits_of("") == digits_of("½") == digits_of("十") == ""
    code = made_up(48_674_867)
    assert is_code(code)
    assert not is_code(code[:-1])
    assert codes_in(f"编号{code[:3]} {code[3:6]} {code[6:]}，1") == [code]
    assert codes_in(f"0{code}") == codes_in("123456789012") == codes_in("") == []


def test_a_number_is_shown_as_it_is_dialled() -> None:
    assert as_dialled("+8657188880000") == "057188880000"
    assert as_dialled("+8613900000001") == "13900000001"
    assert as_dialled("4008880000") == "4008880000"
    assert as_dialled("+861088880000") == "01088880000"
