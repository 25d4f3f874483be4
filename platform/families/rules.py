"""Ages, names and lifetimes. Pure: values in, values out."""

from datetime import date, timedelta
from typing import Final

from kernel.fold import fold_name

GUARDIAN_UNTIL: Final = 14
"""Under this age a guardian – here the parent on the staff – consents for the child (rules §5, PIPL art. 31)."""

ADULT_FROM: Final = 18
ANSWER_LINK_LIFE: Final = timedelta(days=14)
WITHDRAW_LINK_LIFE: Final = timedelta(days=3650)
"""Withdrawing is possible at any time (rules §5); the link ends only so that no secret lives for ever."""


def age_on(born: date, day: date) -> int:
    """Whole years; who was born on 29 February turns on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


AGE_BAND = 3
"""Years of one band: wide enough that it names no child, narrow enough to choose who looks after it."""


def age_band(born: date, day: date) -> str:
    """``6–8``: what a partner learns of a child before it confirms (rules §2). ``18+`` for a grown one."""
    age = age_on(born, day)
    if age >= ADULT_FROM:
        return f"{ADULT_FROM}+"
    first = max(age, 0) // AGE_BAND * AGE_BAND
    return f"{first}–{first + AGE_BAND - 1}"


def needs_guardian(born: date, day: date) -> bool:
    """Whether a guardian consents for the child on ``day``."""
    return age_on(born, day) < GUARDIAN_UNTIL


def is_grown(born: date, day: date) -> bool:
    """Whether nobody but the person themself may consent."""
    return age_on(born, day) >= ADULT_FROM


def tidy_name(raw: str) -> str:
    """The name in the one spelling that is kept: full-width forms, padding and signs nobody sees made plain."""
    return fold_name(raw)


def same_child_text(name: str, born: date) -> str:
    """Equal for one child, however each parent types it: no blanks or middle dots, one case, with the day of birth (rules §1)."""
    plain = "".join(sign for sign in tidy_name(name).casefold() if sign.isalnum())
    return f"{plain}|{born.isoformat()}"
