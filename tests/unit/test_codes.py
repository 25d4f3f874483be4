"""The voucher's code and token, as people type, paste and scan them (rules §2)."""

from itertools import accumulate

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import damm

from kernel.identifiers import new_secret
from referrals.codes import MAX_TEXT, Secret, SecretKind, grouped, is_valid, new_code, normalise, secrets_in

CODE = "572385946514"
TOKEN = "bV9-x_Q3yT7uW2aZ5cE8dF1gH4"
codes = st.integers(0, 10**11 - 1).map(lambda n: f"{n:011d}")


def test_a_new_code_has_twelve_digits_and_a_right_check_digit():
    made = [new_code() for _ in range(2_000)]
    assert all(len(code) == 12 and code.isascii() and code.isdigit() and is_valid(code) for code in made)
    assert len(set(made)) == 2_000


def test_every_single_wrong_digit_is_caught():
    code = new_code()
    wrong = [code[:i] + d + code[i + 1 :] for i in range(12) for d in "0123456789" if d != code[i]]
    assert len(wrong) == 108
    assert not any(map(is_valid, wrong))


def test_every_swap_of_neighbours_is_caught():
    for code in (new_code() for _ in range(200)):
        swapped = {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(11)} - {code}
        assert not any(map(is_valid, swapped))


@pytest.mark.parametrize(
    "text", ["", "12345678901", "1234567890123", "１２３４５６７８９０１２", "12345678901x", "0" * 11, " " * 12]
)
def test_what_is_not_twelve_plain_digits_is_no_code(text):
    assert not is_valid(text)


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        "5723-8594-6514",
        "5723 8594 6514",
        "  5723-8594-6514\n",
        "５７２３－８５９４－６５１４",
        "5723–8594—6514",
        "5723\u20118594\u22126514",
        "5723\u30008594\u00a06514",
        "\u200b5723\u200b8594\ufeff6514",
        "5 7 2 3 8 5 9 4 6 5 1 4",
        "5723.8594.6514",
        "5723,8594,6514",
        "5723，8594，6514",
        "5723。8594。6514",
        "5723·8594·6514",
        "5723、8594、6514",
        "5723/8594/6514",
        "5723_8594_6514",
        "(5723) (8594) (6514)",
        "5723 - 8594 - 6514",
        "5723一8594一6514",
        "5723——8594——6514",
        "5723\n8594\n6514",
        "5723\t8594\t6514",
        "572385 946514",
        "５７２３８５９４６５１４。",
        "572385946514。",
        "572385946514，",
        "572385946514\t",
        "572385946514\r\n",
        "\x02572385946514\x03",
        "~572385946514",
        "]Q1572385946514",
        "】Q1572385946514",
        "*572385946514*",
        "券码：5723-8594-6514",
        "券码 5723 8594 6514，请出示",
        "券码5723 8594 6514请出示",
        "code=572385946514; thank you",
        "「5723-8594-6514」",
        "2：5723 8594 6514",
        "1. 5723 8594 6514",
        "1、5723-8594-6514",
        "12月3日 24:00 5723 8594 6514 ¥90.00",
        "2026-12-03 5723-8594-6514",
        "2026-12-03 5723 8594 6514 10:00–11:00",
        "YC-2026-00418 5723 8594 6514",
        "13800001111 5723 8594 6514",
        "0571-88001234\n5723-8594-6514\n2026",
        "您的卡券\n券码：5723-8594-6514\n有效期至 12月3日 24:00\n电话 13800001111",
        "572385946514 572385946514",
        "请看 https://u.wechat.example/x/999999999999?id=1 券码 5723-8594-6514",
        "see you@example.org 572385946514",
    ],
)
def test_a_code_is_read_however_it_is_written(text):
    assert normalise(text) == Secret(SecretKind.CODE, CODE)


def test_a_code_with_a_wrong_check_digit_is_read_so_that_the_slip_can_be_told():
    secret = normalise("5723-8594-6515")
    assert secret == Secret(SecretKind.CODE, "572385946515")
    assert is_valid(CODE) is not is_valid(secret.value)


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f" {TOKEN}\n",
        f"https://localhost:8000/v/{TOKEN}/",
        f"https://localhost:8000/v/{TOKEN}",
        f"http://platform.example/v/{TOKEN}/?from=camera#top",
        f"/v/{TOKEN}/",
        f"v/{TOKEN}",
        f"https://localhost/v/{TOKEN} /",
        f"https://localhost/v/{TOKEN}/，请出示",
        f"https://localhost/v/{TOKEN}/请出示",
        f"https://localhost/v/{TOKEN}。",
        f"您的卡券：https://localhost/v/{TOKEN}/\n请出示",
        f"<https://localhost/v/{TOKEN}/>",
        f"https：／／localhost：8000／v／{TOKEN}／",
        f"https：、、localhost：8000、v、{TOKEN.replace('_', '——')}、",
        f"HTTPS://LOCALHOST/V/{TOKEN.swapcase()}/",
        f"]Q1https://localhost/v/{TOKEN}/\t",
        f"\x02https://localhost/v/{TOKEN}/\x03",
        f"https://localhost/v/{TOKEN}/ https://localhost/v/{TOKEN}/",
        f"「{TOKEN}」",
        f"{TOKEN}。",
        "".join(chr(ord(sign) + 0xFEE0) for sign in TOKEN),
    ],
)
def test_a_token_is_read_by_itself_and_from_the_qr_code_s_address(text):
    assert normalise(text) == Secret(SecretKind.TOKEN, TOKEN)


def test_a_token_keeps_its_dashes():
    dashed = "-" * 3 + "a1" * 10 + "_-"
    assert normalise(dashed).value == dashed


def test_a_token_as_the_kernel_makes_it_is_read():
    for _ in range(200):
        token = new_secret()
        assert normalise(f"https://localhost/v/{token}/") == Secret(SecretKind.TOKEN, token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "1234",
        "5723-8594-651",
        "5723-8594-65143",
        "short-token",
        f"https://localhost/w/{TOKEN}/",
        f"https://localhost/v/{TOKEN}/x",
        f"https://localhost/v/{TOKEN}-/x/",
        "https://localhost/v/abc/",
        "https://elsewhere.example/pay/572385946514/",
        "5723-8594-6514-1",
        "5723 8594 6514 1",
        "5723 8594 6514 22",
        "1-5723-8594-6514",
        "5723 8594 651",
        "57 23 85 94 65 14 57 23",
        "5723859465 14 5723859465",
        "5723x8594x6514",
        "5723:8594:6514",
        "¥5723,8594,6514",
        "五七二三八五九四六五一三",
        "٥٧٢٣٨٥٩٤٦٥١٣",
        "5" * 600,
        "5723-8594-6514" + " " * MAX_TEXT,
        "\ufdfa" * MAX_TEXT + CODE,
        "-" * 129,
        "a" * 129,
    ],
)
def test_anything_else_holds_no_secret(text):
    assert normalise(text) is None


@given(st.text(max_size=600))
def test_no_text_whatever_breaks_the_reader(text):
    secret = normalise(text)
    assert secret is None or secret.kind in SecretKind
    assert not is_valid(text) or (secret is not None and secret.value == text)


@given(codes)
def test_a_grouped_code_reads_back(digits):
    code = digits + "0"
    shown = grouped(code)
    assert [len(part) for part in shown.split("-")] == [4, 4, 4]
    assert normalise(shown) == Secret(SecretKind.CODE, code)


@pytest.mark.parametrize("text", ["", "123", "1234-5678-9012", "１２３４５６７８９０１２"])
def test_only_twelve_digits_are_grouped(text):
    with pytest.raises(ValueError):
        grouped(text)


SIGNS = [
    "",
    "-",
    " ",
    ".",
    ",",
    "，",
    "。",
    "、",
    "·",
    "–",
    "—",
    "\u2011",
    "\u2212",
    "\u3000",
    "\u00a0",
    "_",
    "/",
    " - ",
    "\n",
    "\t",
]
BEFORE = [
    "",
    "券码：",
    "券码",
    "卡券 ",
    "code ",
    "“",
    "您的卡券\n",
    "\x02",
    "~",
    "]Q1",
    "12月3日 10:00 ",
    "YC-2026-00418\n",
    "¥90.00\n",
]
AFTER = ["", "。", "，请出示", "”", "\r\n", "\t", "请到店出示", "\n2026-12-03", "\n¥210.00", "!", " 谢谢"]
UNSEEN = ["\u200b", "\ufeff", "\u202d", "\u202c", "\u2060"]
WIDTHS = ["0123456789", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"]
valid_codes = codes.map(lambda digits: digits + damm.calc_check_digit(digits))


@st.composite
def disguises(draw: st.DrawFn, code: str) -> str:
    """``code`` as a keyboard, a scanner, an input method or a message may give it."""
    sizes = draw(st.sampled_from([[12], [4, 4, 4], [3, 3, 3, 3], [6, 6], [2] * 6, [1] * 12, [4, 8]]))
    starts = list(accumulate(sizes, initial=0))
    signs = draw(st.lists(st.sampled_from(SIGNS), min_size=len(sizes), max_size=len(sizes)))
    written = "".join(code[at : at + size] + sign for at, size, sign in zip(starts, sizes, signs, strict=False))
    written = written[: len(written) - len(signs[-1])]
    width = draw(st.sampled_from(WIDTHS))
    written = "".join(width[int(sign)] if sign.isascii() and sign.isdigit() else sign for sign in written)
    for unseen in draw(st.lists(st.sampled_from(UNSEEN), max_size=3)):
        at = draw(st.integers(0, len(written)))
        written = written[:at] + unseen + written[at:]
    return written


@given(st.data())
def test_any_disguise_of_a_code_reads_as_the_code(data: st.DataObject):
    code = data.draw(valid_codes)
    text = data.draw(st.sampled_from(BEFORE)) + data.draw(disguises(code)) + data.draw(st.sampled_from(AFTER))
    assert secrets_in(text) == (Secret(SecretKind.CODE, code),)


@given(st.data())
def test_two_different_codes_in_one_text_are_never_guessed_from(data: st.DataObject):
    first, second = data.draw(valid_codes), data.draw(valid_codes)
    assume(first != second)
    between = data.draw(st.sampled_from([" 和 ", "；券码：", "\n券码：", " or "]))
    text = data.draw(disguises(first)) + between + data.draw(disguises(second))
    assert set(secrets_in(text)) == {Secret(SecretKind.CODE, first), Secret(SecretKind.CODE, second)}
    assert normalise(text) is None


@given(valid_codes, st.text("0123456789", min_size=1, max_size=4), st.sampled_from(["", " ", "-"]))
def test_a_digit_too_many_is_told_and_not_dropped(code: str, more: str, sign: str):
    shown = sign.join([code[:4], code[4:8], code[8:], more])
    assert secrets_in(shown) == ()


def test_a_link_and_its_code_in_one_message_are_two_secrets():
    text = f"券码：5723-8594-6514\nhttps://localhost/v/{TOKEN}/"
    assert secrets_in(text) == (Secret(SecretKind.TOKEN, TOKEN), Secret(SecretKind.CODE, CODE))
    assert normalise(text) is None


def test_a_telephone_beside_a_right_code_is_not_asked_about_when_it_cannot_be_one():
    assert not is_valid("057188001235")
    assert normalise("5723 8594 6514，电话 0571-8800-1235") == Secret(SecretKind.CODE, CODE)


def test_two_slips_are_not_one_slip():
    assert normalise("5723-8594-6515 和 5723-8594-6516") is None


@given(st.text(alphabet="0123456789-.,:/ \n\tvV]_@¥一、：", max_size=400))
def test_the_reader_is_quick_and_total(text: str):
    for secret in secrets_in(text):
        assert secret.kind is SecretKind.TOKEN or len(secret.value) == 12
