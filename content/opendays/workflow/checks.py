"""What is typed about open days, as it is kept; Invalid or Refused for what cannot be."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from content.opendays.rules import MOST_PEOPLE, Band
from families.checks import checked_name
from kernel.errors import Invalid, Refused
from kernel.fold import fold_prose, fold_text, has_private_use

_PLATE: Final = re.compile(r"[0-9A-Z一-鿿]{5,10}")


def invalid(field: str, code: str) -> Invalid:
    """What cannot be read in ``field``."""
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))


def checked_text(field: str, raw: str, longest: int, *, needed: bool = True) -> str:
    """One line of at most ``longest`` signs, in the one spelling that is kept."""
    text = fold_prose(raw)
    if not text and needed:
        raise invalid(field, "text_missing")
    if len(text) > longest or "\0" in raw or has_private_use(text):
        raise invalid(field, "text_too_long")
    return text


def checked_address(raw: str) -> str:
    """How the gate greets them. Invalid ``name_invalid``."""
    try:
        return checked_name(raw)
    except Invalid:
        raise invalid("address", "address_invalid") from None


def checked_plate(raw: str) -> str:
    """A number plate without blanks and dots; nothing is nothing."""
    plate = re.sub(r"[\s·•・.\-]", "", fold_text(raw)).upper()
    if plate and not _PLATE.fullmatch(plate):
        raise invalid("plate", "plate_invalid")
    return plate


def checked_counts(counts: Mapping[Band, int]) -> dict[Band, int]:
    """How many of each age. Refused ``party_empty``, ``party_without_adult``, ``party_too_big``."""
    found = {band: counts.get(band, 0) for band in Band}
    if any(number < 0 for number in found.values()) or sum(found.values()) < 1:
        raise Refused("party_empty")
    if not found[Band.ADULT]:
        raise Refused("party_without_adult")
    if sum(found.values()) > MOST_PEOPLE:
        raise Refused("party_too_big", most=MOST_PEOPLE)
    return found


def checked_span(starts_at: datetime, ends_at: datetime) -> None:
    """A beginning before its end. Invalid ``ends_before_start``."""
    if not starts_at < ends_at:
        raise invalid("ends_at", "ends_before_start")
