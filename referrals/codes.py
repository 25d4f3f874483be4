"""The two secrets of a voucher as people meet them: 12 digits for a keypad, a token in the QR code's address (rules §2).

This is the one reader of both. Keys, a scanner that types, an input method, a paste, the camera and a photo hand over
whatever they got; no page and no script cuts or cleans it before.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from itertools import accumulate
from typing import Final, NamedTuple

from stdnum import damm

CODE_DIGITS = 12
MAX_TEXT = 2000
"""Characters that are looked at: the whole message in which a voucher was passed on. A longer text is not ours."""
_CODE = re.compile(r"[0-9]{12}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,128}")  # 22 URL-safe characters hold 128 bits
_AROUND = re.compile(r"\A[^A-Za-z0-9_-]+|[^A-Za-z0-9_-]+\Z")
_ADDRESS = re.compile(r"(?<![A-Za-z0-9_-])([vV])/([A-Za-z0-9_-]{22,128})/?(?![A-Za-z0-9_/-])")
"""``v/<token>`` wherever it stands, with or without a slash at its end; ``v/<token>/more`` is another address."""
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[!-~]*|[!-~]+@[!-~]+")
"""Addresses: twelve digits inside one are no code."""
_SYMBOLOGY = re.compile(r"\A[^0-9A-Za-z]*[]】][A-Za-z][0-9A-Za-z]")
"""The kind of bar code (ISO/IEC 15424) that a scanner may put first: ``]Q1`` for a QR code."""
_BESIDE = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}([-/.])[0-9]{1,2}\1[0-9]{1,2}(?![0-9]|[-/.][0-9])"  # a day
    r"|(?<![0-9])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9])"  # a time
    r"|[A-Z]{2,}-[0-9]{4}-[0-9]{5,}"  # the number of a voucher
    r"|¥ ?[0-9][0-9,]*(?:\.[0-9]+)?"  # an amount
)
"""Figures that stand beside a code on every voucher."""
_FIGURES = re.compile(r"[0-9]+")
_JOINING: Final = frozenset({"Cc", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Zs"})
_ALSO_JOINING: Final = frozenset("+=~|`一ー")
_NEVER_JOINING: Final = frozenset(":%@#&?§")
"""Signs that may stand between the digits of one code are those of the categories and the first list, less the second."""
_LISTING: Final = frozenset(",;|、")
_APART: Final = 9
"""More than any gap: the end of the text, or a word."""
_PART: Final = 4
"""Digits in each of the three parts in which a code is printed."""


class SecretKind(StrEnum):
    """Which of the two was shown."""

    CODE = "code"
    TOKEN = "token"  # noqa: S105 - the kind's name


class Secret(NamedTuple):
    """What a counter typed or scanned, brought into the form that is hashed and looked up."""

    kind: SecretKind
    value: str


def new_code() -> str:
    """11 random digits and their Damm check digit."""
    digits = f"{secrets.randbelow(10**11):011d}"
    return digits + damm.calc_check_digit(digits)


def is_valid(code: str) -> bool:
    """Whether ``code`` is 12 plain digits with the right check digit: every single slip and every swap is caught."""
    return _CODE.fullmatch(code) is not None and damm.is_valid(code)


def normalise(text: str) -> Secret | None:
    """The one secret in what was typed, pasted or scanned; None when there is none in it, or more than one.

    A code may come with a wrong check digit: the caller can then say "please check the digits".
    """
    found = secrets_in(text)
    return found[0] if len(found) == 1 else None


def secrets_in(text: str) -> tuple[Secret, ...]:
    """Every different secret in ``text``, tokens first; nothing when it is longer than ``MAX_TEXT``.

    A code is read in digits of any width, with dashes, blanks, dots, commas or line ends between them and with words,
    days, times, amounts and other numbers around; digits that cannot be told from their neighbours are no code. With a
    wrong check digit it counts only when nothing else is found. A token is read in a ``…/v/<token>/`` address anywhere,
    as a Chinese input method or a keyboard with Caps Lock writes it too, or when it stands alone.
    """
    if len(text) > MAX_TEXT:
        return ()
    plain = _SYMBOLOGY.sub("", _plain(text))
    if len(plain) > MAX_TEXT:  # one sign may stand for a dozen
        return ()
    tokens = _tokens_in(plain) or _tokens_in(plain.replace("、", "/").replace("——", "_"))
    codes = _codes_in(plain)
    valid = [code for code in codes if is_valid(code)]
    if not tokens and not valid and (alone := _alone(plain)):
        tokens = [alone]
    if not tokens and not valid:
        valid = codes if len(codes) == 1 else []
    return (
        *(Secret(SecretKind.TOKEN, token) for token in tokens),
        *(Secret(SecretKind.CODE, code) for code in valid),
    )


def _plain(text: str) -> str:
    """Compatible signs made one, marks that nobody sees taken out, every line end the same."""
    seen = (sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return re.sub(r"[\r\x0b\x0c\x85\u2028\u2029]", "\n", "".join(seen)).replace("\u2212", "-")


def _tokens_in(text: str) -> list[str]:
    """Tokens of our addresses. An address in capitals was typed with Caps Lock on, which turned every letter."""
    found = (token.swapcase() if v == "V" else token for v, token in _ADDRESS.findall(text))
    return list(dict.fromkeys(found))


def _alone(text: str) -> str | None:
    """The token that is all of ``text`` but for blanks and signs around it. No token is without a letter."""
    token = _AROUND.sub("", text)
    return token if _TOKEN.fullmatch(token) and any(sign.isalpha() for sign in token) else None


def _codes_in(text: str) -> list[str]:
    """Twelve digits that belong together, right or wrong, each once."""
    text = _BESIDE.sub(":", _ELSEWHERE.sub(":", text))
    return list(dict.fromkeys(code for parts, gaps in _runs(text) for code in _whole(parts, gaps)))


def _runs(text: str) -> Iterator[tuple[list[str], list[int]]]:
    """Figures with nothing but joining signs between them, and the gaps before, between and after them."""
    parts: list[str] = []
    gaps: list[int] = []
    end = 0
    for found in _FIGURES.finditer(text):
        gap = _width(text[end : found.start()]) if parts else _APART
        if parts and gap == _APART:
            yield parts, [*gaps, _APART]
            parts, gaps = [], []
        parts.append(found[0])
        gaps.append(gap)
        end = found.end()
    if parts:
        yield parts, [*gaps, _APART]


def _width(gap: str) -> int:
    """How far two figures stand apart: 1 by a sign, 2 by blanks or a comma, 3 by both or a tabulator, 4 by a line end."""
    if not all(
        sign in _ALSO_JOINING or (unicodedata.category(sign) in _JOINING and sign not in _NEVER_JOINING) for sign in gap
    ):
        return _APART
    if "\n" in gap:
        return 4
    blanks = sum(sign.isspace() for sign in gap)
    if "\t" in gap or 0 < blanks < len(gap):
        return 3
    return 2 if blanks or not _LISTING.isdisjoint(gap) else 1


def _whole(parts: list[str], gaps: list[int]) -> Iterator[str]:
    """Neighbours in ``parts`` that make twelve digits and stand closer to each other than to the rest.

    In the printed form, 4-4-4 with blanks, a longer figure beside them is seen to be another one, too.
    """
    ends = [0, *accumulate(map(len, parts))]
    for first, start in enumerate(ends[:-1]):
        if start + CODE_DIGITS not in ends:
            continue
        last = ends.index(start + CODE_DIGITS)
        inside = max(gaps[first + 1 : last], default=0)
        printed = inside > 1 and all(len(part) == _PART for part in parts[first:last])
        sides = ((gaps[first], parts[first - 1 : first]), (gaps[last], parts[last : last + 1]))
        if all(gap > inside or (printed and len(beside[0]) > _PART) for gap, beside in sides):
            yield "".join(parts[first:last])


def grouped(code: str) -> str:
    """``123456789012`` → ``1234-5678-9012``. ValueError for anything but 12 digits."""
    if not _CODE.fullmatch(code):
        raise ValueError("a voucher code has 12 digits")
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
