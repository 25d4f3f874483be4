"""Holidays and swapped days as the State Council announces them each year, read from the package ``chinesecalendar``."""

from datetime import date
from typing import Final

from chinese_calendar.constants import holidays, workdays

REST: Final[frozenset[date]] = frozenset(holidays)
"""Days of a holiday, its weekends and its days in lieu included."""
WORK: Final[frozenset[date]] = frozenset(workdays)
"""Saturdays and Sundays that are worked in exchange."""
KNOWN_YEARS: Final[frozenset[int]] = frozenset(day.year for day in REST)
"""Years that have been announced. In any other year Monday to Friday count, and the doctor warns."""
