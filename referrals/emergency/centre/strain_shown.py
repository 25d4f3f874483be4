"""What a shift asks of whoever holds it, said to whoever writes, takes or swaps it: a warning, never a refusal."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.utils.translation import ngettext

from accounts.actor import ActingRequest
from referrals.emergency.centre.shown import names_of, strained
from referrals.emergency.models import DutyShift
from referrals.emergency.rota import shifts_around
from referrals.emergency.rules.on_duty import Shift, Strain, strain_if_taken, strain_of
from tenancy.models import Tenant

_SAID: Final = 3
"""Warnings in words after one entry; all of them stand on the page of the rota."""


def say_strain(request: ActingRequest, rows: Iterable[DutyShift]) -> None:
    """One message a turn that is too long and a rest that is too short, because of ``rows``, which stand already."""
    held = [row for row in rows if row.holder_id is not None]
    if not held:
        return
    near = shifts_around(request.tenant, min(row.starts_at for row in held), max(row.ends_at for row in held))
    found: dict[Strain, None] = {}
    for row in held:
        assert row.holder_id is not None
        found |= dict.fromkeys(strain_of(near, row.holder_id, row.starts_at, row.ends_at))
    for text in strained(list(found)[:_SAID], names_of(row.holder_id for row in held)):
        messages.warning(request, text)
    if more := len(found) - _SAID if len(found) > _SAID else 0:
        text = ngettext("%(n)s more stands on this page.", "%(n)s more stand on this page.", more)
        messages.warning(request, text % {"n": more})


def would_strain(
    school: Tenant, me: UUID | None, held: Shift | None, now: datetime, names: Mapping[UUID | None, str]
) -> str:
    """What taking the rest of ``held`` from ``now`` on would ask of ``me``, in sentences; empty for nothing or a gap."""
    if held is None or me is None:
        return ""
    near = shifts_around(school, now, held.ends_at)
    taken = Shift(held.layer, me, now, held.ends_at, key=held.key)
    return " ".join(strained(strain_if_taken(near, taken), names))
