"""Whether the books balance, as it was found when they were last gone through: pages show it and do not read all of them.

A school's books grow with every voucher, so a page that adds them up gets slower for ever. What was found even is believed
for ten minutes; a difference is never kept, so it is looked for anew until it is gone. The database itself refuses an entry
that would make one (``ledger.statements``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache

from kernel.clock import now
from ledger.selectors import difference
from tenancy.scope import current_tenant_id

BELIEVED: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Checked:
    """``difference`` as ``ledger.selectors`` says it, found at ``at`` (UTC)."""

    difference: int
    at: datetime


def last_checked(also: Callable[[], int] = int) -> Checked:
    """What was found in the open school's books, at most ``BELIEVED`` ago. ``also``: how far those who use them are off."""
    key = f"ledger:checked:{current_tenant_id()}"
    moment = now()
    at: datetime | None = cache.get(key)
    if at is not None and at <= moment < at + BELIEVED:
        return Checked(0, at)
    found = Checked(difference() + also(), moment)
    if found.difference:
        cache.delete(key)
    else:
        cache.set(key, found.at, timeout=int(BELIEVED.total_seconds()))
    return found
