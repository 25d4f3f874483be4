"""The counter's screen beyond one code and one unit: a photo of the voucher, several units at once."""

import io
import random
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from kernel.clock import as_of, now
from kernel.errors import Refused
from partners.models import Service
from referrals.codes import new_code
from referrals.counter.photo import MAX_PIXELS, text_in_photo
from referrals.models import Booking, Redemption, Referral, ScanLog, Voucher
from referrals.paper.qr import check_address
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = True
Make = Callable[[int], Voucher]


@pytest.fixture
def counter(journey: Journey) -> Client:
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.counter_user)
    return client


@pytest.fixture
def voucher_of(journey: Journey) -> Iterator[Callable[[int], Voucher]]:
    """A voucher of so many units; the clock goes on to its appointment, whatever the hour of the test."""
    with ExitStack() as clock:

        def make(units: int) -> Voucher:
            with use_tenant(journey.tenant.id):
                booking = answer(journey, ask(journey, units=units))
                voucher = Voucher.objects.get(booking=booking)
            clock.enter_context(as_of(booking.starts_at))
            return voucher

        yield make


def photo_of(text: str, kind: str = "JPEG") -> SimpleUploadedFile:
    """The code a little turned on a dark table, as a phone takes it."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=8, border=4)
    table = Image.new("RGB", (1600, 1200), (70, 80, 60))
    with Image.open(drawn) as code:
        table.paste(code.convert("RGB").rotate(11, expand=True, fillcolor=(70, 80, 60)), (500, 300))
    taken = io.BytesIO()
    table.save(taken, kind)
    return SimpleUploadedFile(f"photo.{kind.lower()}", taken.getvalue())


def redemptions(journey: Journey) -> list[Redemption]:
    with use_tenant(journey.tenant.id):
        return list(Redemption.objects.order_by("unit_index"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_a_photo_of_the_code_is_as_good_as_a_scan(
    journey: Journey, counter: Client, voucher_of: Make, kind: str
) -> None:
    voucher = voucher_of(1)
    with use_tenant(journey.tenant.id):
        address = check_address(voucher.token)
    page = counter.post("/partner/scan/look/", {"photo": photo_of(address, kind)}, follow=True)
    assert page.status_code == 200, page.content.decode()
    assert voucher.number in page.content.decode()
    assert redemptions(journey) == []


def too_many_pixels() -> bytes:
    """A small file that says it is larger than any photo."""
    made = io.BytesIO()
    Image.new("1", (MAX_PIXELS // 5_000 + 1, 5_001)).save(made, "PNG")
    return made.getvalue()


def test_it_is_read_whichever_way_the_phone_was_held(journey: Journey, counter: Client, voucher_of: Make) -> None:
    voucher = voucher_of(1)
    with use_tenant(journey.tenant.id):
        taken = Image.open(photo_of(check_address(voucher.token), "PNG")).transpose(Image.Transpose.ROTATE_270)
    turned = io.BytesIO()
    taken.save(turned, "JPEG")
    page = counter.post("/partner/scan/look/", {"photo": SimpleUploadedFile("p.jpg", turned.getvalue())}, follow=True)
    assert voucher.number in page.content.decode()


LINK = "https://localhost/v/" + "x" * 22 + "/"
FOREIGN = "https://u.wechat.example/MDu0aLqk1Rs3Pp1zQ0Yx7Nn5Tt2"


@pytest.mark.parametrize("kind", ["EPS", "PPM", "TIFF"])
def test_only_what_phones_make_is_opened_at_all(kind: str) -> None:
    """Pillow hands some kinds to other programs."""
    assert text_in_photo(photo_of(LINK, kind)) is None


def test_a_broken_picture_of_any_kind_is_no_picture() -> None:
    pick = random.Random(7)
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        whole = photo_of(LINK, kind).read()
        for _ in range(12):
            broken = bytearray(whole[: pick.randrange(40, len(whole))])
            for _byte in range(8):
                broken[pick.randrange(min(len(broken), 300))] = pick.randrange(256)
            assert text_in_photo(SimpleUploadedFile("p", bytes(broken))) in (None, LINK)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"GIF89a\x01\x00", b"\xff\xd8\xff\xe0\0\x10JFIF"]
)
def test_a_file_that_is_no_picture_says_so_and_moves_nothing(
    journey: Journey, counter: Client, voucher_of: Make, content: bytes
) -> None:
    voucher_of(1)
    page = counter.post("/partner/scan/look/", {"photo": SimpleUploadedFile("p.jpg", content)}, follow=True)
    assert page.status_code == 422
    with use_tenant(journey.tenant.id):
        assert not ScanLog.objects.exists()
    assert redemptions(journey) == []


def test_a_picture_without_a_code_or_too_large_to_open_opens_the_photo_part_with_the_reason(
    journey: Journey, counter: Client
) -> None:
    blank = io.BytesIO()
    Image.new("RGB", (400, 300)).save(blank, "JPEG")
    for content in (blank.getvalue(), too_many_pixels()):
        page = counter.post("/partner/scan/look/", {"photo": SimpleUploadedFile("p", content)}, follow=True)
        assert page.status_code == 422
        text = page.content.decode()
        assert "<details open>" in text
        assert "scan-photo_error" in text
        assert "scan-code_error" not in text


def test_a_code_of_somebody_else_in_the_photo_is_unknown(journey: Journey, counter: Client) -> None:
    page = counter.post(
        "/partner/scan/look/", {"photo": photo_of("https://elsewhere.example/v/" + "x" * 22 + "/")}, follow=True
    )
    assert page.status_code == 404
    assert redemptions(journey) == []


def code_of(text: str, *, dark: Any = 0, light: Any = 255, mode: str = "L", scale: int = 8) -> Image.Image:
    """The QR code of ``text`` in the two given colours of ``mode``."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=scale, border=4)
    with Image.open(drawn) as code:
        mask = code.convert("L")
    made = Image.new(mode, mask.size, light)
    made.paste(dark, (0, 0, *mask.size), mask.point(lambda value: 255 - value))
    return made


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> SimpleUploadedFile:
    made = io.BytesIO()
    picture.save(made, kind, **options)
    return SimpleUploadedFile("p", made.getvalue())


def sixteen_bits(dark: int, light: int) -> Image.Image:
    """Grey of 16 bits, as scanners and some cameras save it."""
    plain = code_of(LINK)
    deep = b"".join((light if value else dark).to_bytes(2, "little") for value in plain.tobytes())
    return Image.frombytes("I;16", plain.size, deep)


PICTURES: dict[str, Callable[[], SimpleUploadedFile]] = {
    "clear ground": lambda: saved(code_of(LINK, mode="RGBA", dark=(0, 0, 0, 255), light=(0, 0, 0, 0))),
    "clear white ground": lambda: saved(code_of(LINK, mode="RGBA", dark=(0, 0, 0, 255), light=(255, 255, 255, 0))),
    "white code, clear ground": lambda: saved(
        code_of(LINK, mode="RGBA", dark=(255, 255, 255, 255), light=(255, 255, 255, 0))
    ),
    "grey with holes": lambda: saved(code_of(LINK, mode="LA", dark=(0, 255), light=(0, 0))),
    "palette with a hole": lambda: saved(code_of(LINK).convert("P"), transparency=255),
    "colours with a hole": lambda: saved(
        code_of(LINK, mode="RGB", dark=(0, 0, 0), light=(0, 0, 1)), transparency=(0, 0, 1)
    ),
    "16 bits": lambda: saved(sixteen_bits(9_000, 60_000)),
    "16 bits, dim": lambda: saved(sixteen_bits(20, 900)),
    "16 bits, light on dark": lambda: saved(sixteen_bits(60_000, 9_000)),
    "one bit": lambda: saved(code_of(LINK).convert("1")),
    "four inks": lambda: saved(code_of(LINK).convert("CMYK"), "JPEG"),
    "light on dark": lambda: saved(code_of(LINK, dark=240, light=20)),
    "animation": lambda: saved(
        code_of(LINK).convert("P"), "GIF", save_all=True, append_images=[Image.new("P", (60, 60))]
    ),
    "BMP": lambda: saved(code_of(LINK), "BMP"),
    "AVIF": lambda: saved(code_of(LINK, mode="RGB", dark=(0, 0, 0), light=(255, 255, 255)), "AVIF"),
    "WEBP with holes": lambda: saved(
        code_of(LINK, mode="RGBA", dark=(0, 0, 0, 255), light=(0, 0, 0, 0)), "WEBP", lossless=True, exact=True
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_of_picture_is_seen_as_a_screen_shows_it(name: str) -> None:
    assert text_in_photo(PICTURES[name]()) == LINK


@pytest.mark.parametrize("place", ["above", "left", "right", "below"])
@pytest.mark.parametrize("scale", [4, 8, 14])
def test_the_voucher_is_found_whatever_other_code_lies_beside_it(place: str, scale: int) -> None:
    table, foreign = Image.new("L", (1500, 1500), 230), code_of(FOREIGN, scale=scale)
    far = {"above": ((500, 20), (500, 800)), "left": ((20, 500), (800, 500))}
    there, here = far.get(place) or tuple(reversed(far[{"below": "above", "right": "left"}[place]]))
    table.paste(foreign, there)
    table.paste(code_of(LINK, scale=6), here)
    assert text_in_photo(saved(table, "BMP")) == LINK


@pytest.mark.parametrize("other", ["k7Qm2xW9eR4tY6uI1oP3aS5d", "572385946514", "WIFI:S:guest;T:WPA;P:12345678;;"])
def test_a_word_or_a_number_in_another_code_is_not_taken_for_the_voucher(other: str) -> None:
    table = Image.new("L", (1100, 600), 230)
    table.paste(code_of(other), (20, 20))
    table.paste(code_of(LINK), (550, 20))
    assert text_in_photo(saved(table)) == LINK


def test_two_vouchers_in_one_photo_are_asked_about_and_nothing_moves(
    journey: Journey, counter: Client, voucher_of: Make
) -> None:
    voucher = voucher_of(1)
    table = Image.new("L", (1100, 600), 230)
    with use_tenant(journey.tenant.id):
        table.paste(code_of(check_address(voucher.token), scale=6), (20, 20))
    table.paste(code_of(LINK), (600, 20))
    page = counter.post("/partner/scan/look/", {"photo": saved(table)}, follow=True)
    assert page.status_code == 422
    assert "more than one voucher" in page.content.decode()
    assert "scan-photo_error" in page.content.decode()
    assert redemptions(journey) == []
    with use_tenant(journey.tenant.id):
        assert not ScanLog.objects.exists()


def look_at(counter: Client, text: str) -> Any:
    return counter.post("/partner/scan/look/", {"code": text}, follow=True)


def test_what_a_scanner_or_a_paste_gives_is_read_without_script(
    journey: Journey, counter: Client, voucher_of: Make
) -> None:
    voucher = voucher_of(1)
    with use_tenant(journey.tenant.id):
        code, link = voucher.code, check_address(voucher.token)
    printed = f"{code[:4]} {code[4:8]} {code[8:]}"
    wide = code.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789"})
    for text in (
        *(
            code,
            printed,
            wide,
            f"券码：{printed.replace(' ', '-')}",
            f"{printed}\n{link}",
            f"{link}\t",
            f"]Q1{link}\r\n",
        ),
        *(f"您的卡券：{link}，请出示", f"{voucher.number}\n{printed}\n电话 13800001111", "又及" * 400 + printed),
    ):
        page = look_at(counter, text)
        assert page.status_code == 200, text
        assert voucher.number in page.content.decode()
    assert redemptions(journey) == []


def test_a_code_and_a_link_of_two_vouchers_are_asked_about(journey: Journey, counter: Client, voucher_of: Make) -> None:
    voucher = voucher_of(1)
    with use_tenant(journey.tenant.id):
        code, link = voucher.code, check_address(voucher.token)
    other = new_code()
    for text in (f"{code} {LINK}", f"{other} {link}", f"{code} 和 {other}", f"{link} {LINK}"):
        page = look_at(counter, text)
        assert page.status_code == 422, text
        assert "more than one voucher" in page.content.decode()
    with use_tenant(journey.tenant.id), pytest.raises(Refused, match="two_vouchers"):
        redeem(actor=journey.partner_counter, text=f"{code} 和 {other}")
    assert redemptions(journey) == []


def test_a_list_of_codes_is_not_a_list_of_guesses(journey: Journey, counter: Client, voucher_of: Make) -> None:
    """Whether one of them exists cannot be told from the answer."""
    voucher = voucher_of(1)
    with use_tenant(journey.tenant.id):
        code = voucher.code
    for last in (code, new_code()):
        page = look_at(counter, " 和 ".join([*(new_code() for _ in range(40)), last]))
        assert page.status_code == 422
        assert "more than one voucher" in page.content.decode()
        assert voucher.number not in page.content.decode()


@pytest.mark.parametrize(
    ("text", "told", "shown"),
    [
        ("5723 8594 6515", "mistyped", "5723 8594 6515"),
        ("券码 5723 8594 6515，王老师 2026", "mistyped", "5723 8594 6515"),
        ("5723 8594 6514 1", "all twelve", "5723 8594 6514 1"),
        ("５７２３", "all twelve", "5723"),
        ("王老师", "all twelve", ""),
        ("", "all twelve", ""),
        ("5723 8594 6514" + " " * 2000, "too long", ""),
    ],
)
def test_what_cannot_be_read_comes_back_as_digits_only(counter: Client, text: str, told: str, shown: str) -> None:
    page = look_at(counter, text).content.decode()
    assert told in page
    assert "王老师" not in page
    field = re.search(r'<input class="code-in".*?>', page, re.DOTALL)
    assert field is not None
    assert (f'value="{shown}"' in field[0]) if shown else ("value=" not in field[0])


def look(counter: Client, journey: Journey, voucher: Voucher) -> tuple[str, dict[str, str]]:
    with use_tenant(journey.tenant.id):
        code = voucher.code
    page = counter.post("/partner/scan/look/", {"code": code}, follow=True).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(text|key)" value="([^"]+)"', page))
    return page, hidden


def by_the_hour(journey: Journey, hours: int) -> None:
    """The voucher pays for home help by the hour, the visit lasts so many."""
    with use_tenant(journey.tenant.id):
        Service.objects.filter(pk=journey.counselling.pk).update(kind="home_help", unit="hour")
        Referral.objects.update(kind="home_help")
        Booking.objects.update(ends_at=Booking.objects.get().starts_at + timedelta(hours=hours))
        Voucher.objects.update(valid_until=Voucher.objects.get().valid_from + timedelta(days=30))


def test_hours_of_a_visit_are_chosen_with_what_to_collect_and_spent_in_one_act(
    journey: Journey, counter: Client, voucher_of: Make
) -> None:
    voucher = voucher_of(3)
    by_the_hour(journey, 3)
    page, hidden = look(counter, journey, voucher)
    assert list(re.findall(r'<option value="(\d)">([^<]+)', page)) == [
        ("1", "1 hour · collect ¥90.00"),
        ("2", "2 hours · collect ¥180.00"),
        ("3", "3 hours · collect ¥270.00"),
    ]
    for _tap in range(2):  # the second tap shows the first one's answer
        answer = counter.post("/partner/scan/redeem/", {**hidden, "units": "2"}, follow=True)
        assert answer.status_code == 200
        told = answer.content.decode()
        assert "¥180.00" in told
        assert "¥420.00" in told
        assert "2 hours" in told
    assert [unit.unit_index for unit in redemptions(journey)] == [0, 1]
    assert {unit.redeemed_at for unit in redemptions(journey)} == {redemptions(journey)[0].redeemed_at}
    assert redemptions(journey)[0].redeemed_at <= now()
    page, _hidden = look(counter, journey, voucher)
    assert "<option" not in page  # one is left: nothing to choose


def test_of_a_course_one_session_is_spent_and_there_is_nothing_to_choose(
    journey: Journey, counter: Client, voucher_of: Make
) -> None:
    voucher = voucher_of(3)
    page, hidden = look(counter, journey, voucher)
    assert "<option" not in page
    refused = counter.post("/partner/scan/redeem/", {**hidden, "units": "2"})
    assert refused.status_code == 422
    assert "1 can be redeemed now" in refused.content.decode()
    assert redemptions(journey) == []


@pytest.mark.parametrize("units", ["0", "4", "61", "-1", "two", "9999", "1.5", "١"])
def test_more_than_is_left_or_no_number_moves_nothing(
    journey: Journey, counter: Client, voucher_of: Make, units: str
) -> None:
    voucher = voucher_of(3)
    _page, hidden = look(counter, journey, voucher)
    answer = counter.post("/partner/scan/redeem/", {**hidden, "units": units})
    assert answer.status_code in (400, 422)
    assert redemptions(journey) == []
    with use_tenant(journey.tenant.id):
        assert Voucher.objects.get().units_left == 3
