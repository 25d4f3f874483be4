"""Swaps as their pages show them. No writing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.actor import Actor
from referrals.emergency.centre.choices import colleagues
from referrals.emergency.centre.shown import colleagues_named, strained
from referrals.emergency.models import DutyShift, DutySwap
from referrals.emergency.rota import away_between, shifts_around
from referrals.emergency.rules.on_duty import Shift, strain_if_taken
from referrals.emergency.rules.swaps import LIVING, SwapState
from referrals.emergency.workflow.holders import ON_DUTY_ROLES
from tenancy.models import Tenant
from ui.whole import kept


@dataclass(frozen=True, slots=True)
class ShownSwap:
    """One swap as somebody who is part of it reads it. ``other`` is the other of the two."""

    pk: UUID
    title: SafeString
    start: datetime
    end: datetime
    state: str
    to_answer: bool


def swaps_of(actor: Actor, now: datetime) -> list[ShownSwap]:
    """Those of the actor in which something can still move, what waits for their answer first."""
    me = actor.membership_id
    mine = DutySwap.objects.filter(Q(asker=me) | Q(asked=me), state__in=LIVING, starts_at__gt=now)
    rows = list(mine.order_by("starts_at", "pk"))
    names = colleagues_named(row.asked_id if row.asker_id == me else row.asker_id for row in rows)
    shown = [_shown(row, me, names) for row in rows]
    return sorted(shown, key=lambda one: not one.to_answer)


def _shown(row: DutySwap, me: UUID | None, names: Mapping[UUID | None, str]) -> ShownSwap:
    is_asker = row.asker_id == me
    return ShownSwap(
        pk=row.pk,
        title=swap_title(row, is_asker=is_asker, name=names.get(row.asked_id if is_asker else row.asker_id, "")),
        start=row.starts_at,
        end=row.ends_at,
        state=row.state,
        to_answer=not is_asker and row.state == SwapState.ASKED,
    )


def swap_title(row: DutySwap, *, is_asker: bool, name: str) -> SafeString:
    """What it is in a sentence for one of the two; ``name`` is the other."""
    if row.state == SwapState.ACCEPTED:
        text = _("%(name)s takes your shift") if is_asker else _("You take the shift of %(name)s")
    else:
        text = _("You ask %(name)s to take your shift") if is_asker else _("%(name)s asks you to take a shift")
    return SafeString(escape(text) % {"name": kept(name)})


def candidates(school: Tenant, shift: DutyShift) -> list[tuple[str, Any]]:
    """Colleagues who may take it and are not away then, each with what it would ask of them: those at ease first."""
    near = shifts_around(school, shift.starts_at, shift.ends_at)
    then = {one.who for one in near if one.within(shift.starts_at, shift.ends_at) and one.key != shift.pk}
    then |= away_between(school, shift.starts_at, shift.ends_at)
    found = []
    for one in colleagues(school, ON_DUTY_ROLES):
        if one.pk in then or one.pk == shift.holder_id:
            continue
        taken = Shift(shift.layer, one.pk, shift.starts_at, shift.ends_at, key=shift.pk)
        strains = strain_if_taken(near, taken)
        notes = [
            (_("rests only %(hours)s h") if strain.is_rest else _("%(hours)s h in a row")) % {"hours": strain.hours}
            for strain in strains
        ]
        label = (
            f"{one.address} · {pgettext('between words', ', ').join(dict.fromkeys(notes))}" if notes else one.address
        )
        found.append((bool(notes), (str(one.pk), label)))
    return [choice for _strained, choice in sorted(found, key=lambda pair: pair[0])]


def warnings_of(school: Tenant, row: DutySwap, names: Mapping[UUID | None, str]) -> list[str]:
    """What the shift would ask of whoever is asked, in sentences."""
    near = shifts_around(school, row.starts_at, row.ends_at)
    taken = Shift(row.layer, row.asked_id, row.starts_at, row.ends_at, key=row.shift_id)
    return strained(strain_if_taken(near, taken), names)


def parties(row: DutySwap) -> Sequence[UUID]:
    """The two."""
    return (row.asker_id, row.asked_id)
