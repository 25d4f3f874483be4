"""The voucher's code and token, as people type, paste and scan them (rules §2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.identifiers import new_secret
from referrals.codes import Secret, SecretKind, grouped, is_valid, new_code, normalise

CODE = "572385946513"
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
        "5723-8594-6513",
        "5723 8594 6513",
        "  5723-8594-6513\n",
        "５７２３－８５９４－６５１３",
        "5723–8594—6513",
        "5723\u20118594\u22126513",
        "5723\u30008594\u00a06513",
        "\u200b5723\u200b8594\ufeff6513",
        "5 7 2 3 8 5 9 4 6 5 1 3",
    ],
)
def test_a_code_is_read_however_it_is_written(text):
    assert normalise(text) == Secret(SecretKind.CODE, CODE)


def test_a_code_with_a_wrong_check_digit_is_read_so_that_the_slip_can_be_told():
    secret = normalise("5723-8594-6514")
    assert secret == Secret(SecretKind.CODE, "572385946514")
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
        "5723-8594-65133",
        "short-token",
        f"https://localhost/w/{TOKEN}/",
        f"https://localhost/v/{TOKEN}/x",
        f"https://localhost/v/{TOKEN} /",
        "https://localhost/v/abc/",
        "572385946513; DROP TABLE",
        "五七二三八五九四六五一三",
        "٥٧٢٣٨٥٩٤٦٥١٣",
        "5" * 600,
        "-" * 513,
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
