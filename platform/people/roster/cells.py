"""A cell of a spreadsheet as the person sees it, or the reason why it must not be taken. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

MOST_DIGITS: Final = 15
"""A spreadsheet keeps no more digits of a number; of a longer one the last are invented."""

DAY_FIELDS: Final = frozenset({"active_from", "left_on"})
NUMBER_FIELDS: Final = frozenset({"staff_no", "phone"})
_SCIENTIFIC: Final = re.compile(r"[+-]?\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
_LONGEST_FRACTION: Final = 11
_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<sign>[^\]\-]*)(?:-[0-9A-Fa-f]+)?\]'
    r"|\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?\d+)\]"
    r"|(?P<general>General)|(?P<digit>[0#?])|(?P<plain>[^\"\\_*\[\]0#?;@.,%/EeGgyYmMdDhHsSbB])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that must not be read: a formula, an error value, or what the spreadsheet made of what was typed."""

    code: str


def shown(value: object, number_format: str = "General") -> object:
    """What the sheet shows for ``value``: a number by its format. Dates stay dates, texts stay texts.

    ``BadCell`` ``damaged_number`` for more digits than a spreadsheet keeps, ``number_format`` for a format that shows
    something else than the digits.
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if not isinstance(value, int | float):
        return value
    if abs(value) >= 10**MOST_DIGITS:
        return BadCell("damaged_number")
    if isinstance(value, float) and not value.is_integer():
        text = repr(value)
        plain = number_format in ("General", "@", "") and "e" not in text and len(text) <= _LONGEST_FRACTION
        return text if plain else BadCell("number_format")
    formatted = _formatted(int(value), number_format)
    return BadCell("number_format") if formatted is None else formatted


def text_of(cell: object, field: str) -> str | BadCell:
    """A cell below the heading of ``field``: a day in ISO form where days belong, refused where none does."""
    match cell:
        case None:
            return ""
        case BadCell():
            return cell
        case datetime() if field in DAY_FIELDS:
            return cell.date().isoformat()
        case date() if field in DAY_FIELDS:
            return cell.isoformat()
        case str():
            damaged = field in NUMBER_FIELDS and _SCIENTIFIC.fullmatch(cell.strip())
            return BadCell("damaged_number") if damaged else cell
        case _:
            return BadCell("date_here")


def _formatted(number: int, number_format: str) -> str | None:
    """``136`` with ``"YC"0000`` → ``YC0136``; None for a format that is not zeros, digits and words alone."""
    if number_format in ("General", "@", ""):
        return str(number)
    sections = number_format.split(";")
    signed = number < 0 and len(sections) < 2
    section = sections[2] if number == 0 and len(sections) > 2 else sections[number < 0 and len(sections) > 1]
    parts: list[tuple[str, str]] = []
    at = 0
    while at < len(section):
        token = _TOKEN.match(section, at)
        if token is None:
            return None
        at = token.end()
        kind = token.lastgroup or ""
        if kind:
            parts.append((kind, token[kind]))
    digits = str(abs(number))
    places = [index for index, (kind, _text) in enumerate(parts) if kind == "digit"]
    if any(kind == "general" for kind, _text in parts):
        text = "".join(digits if kind == "general" else text for kind, text in parts) if not places else None
    elif places:
        text = _filled(parts, places, digits)
    else:
        text = None
    return None if text is None else f"-{text}" if signed else text


def _filled(parts: list[tuple[str, str]], places: list[int], digits: str) -> str:
    """The digits in their places from the right; the first place takes whatever is left, a ``0`` without one is 0."""
    out: list[str] = []
    left = digits if digits != "0" else ""
    for index in reversed(range(len(parts))):
        kind, text = parts[index]
        if kind != "digit":
            out.append(text)
        elif index == places[0]:
            out.append(left or {"0": "0"}.get(text, ""))
        else:
            out.append(left[-1:] or {"0": "0"}.get(text, ""))
            left = left[:-1]
    return "".join(reversed(out))
