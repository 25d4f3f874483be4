"""Who stays with the person, as the page of those who lead the incident shows it: each shift, and every hole within a day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import Membership
from referrals.emergency.models import CompanionShift, Incident
from referrals.emergency.rules.companions import GRACE, LOOKED_AHEAD, OPEN, CompanionState, Hole, holes
from referrals.emergency.workflow.standing import left_out_among
from tenancy.models import Tenant
from ui.states import BAD, Sign, sign_of

MOST: Final = 40


@dataclass(frozen=True, slots=True)
class ShownCompanion:
    """One shift. ``is_open``: it can still be taken out."""

    row: CompanionShift
    name: str
    sign: Sign
    is_open: bool


@dataclass(frozen=True, slots=True)
class Companions:
    """All of an incident, the latest first; ``holes`` within a day; ``until``: planned without a hole until then, None for not at all."""

    rows: list[ShownCompanion]
    holes: list[Hole]
    until: datetime | None

    @property
    def is_planned(self) -> bool:
        """Whether somebody is planned at all: else nothing is missing, it was not wanted."""
        return bool(self.rows)


def companions_of(one: Incident, school: Tenant, moment: datetime) -> Companions:
    """At ``moment`` of the chain's clock. Who has left or must not know any more covers nothing."""
    rows = list(CompanionShift.objects.filter(incident=one).order_by("-starts_at", "-pk")[:MOST])
    people = {who.pk: who for who in Membership.objects.filter(pk__in={row.companion_id for row in rows})}
    day, out = school.day_of(moment), left_out_among(one, people.values()) if people else set()
    covering = [
        (row.starts_at, row.ends_at)
        for row in rows
        if CompanionState(row.state) in OPEN
        and people[row.companion_id].is_current(day)
        and row.companion_id not in out
        and not _is_absent(row, moment)
    ]
    missing = holes(covering, moment, moment + LOOKED_AHEAD)
    until = missing[0].start if missing and missing[0].start > moment else None
    shown = [ShownCompanion(row, people[row.companion_id].name, _sign(row, moment), row.state in OPEN) for row in rows]
    return Companions(shown, missing, until if missing else moment + LOOKED_AHEAD)


def _is_absent(row: CompanionShift, moment: datetime) -> bool:
    return row.state != CompanionState.HERE and row.starts_at + GRACE <= moment


def _sign(row: CompanionShift, moment: datetime) -> Sign:
    if row.state in OPEN and _is_absent(row, moment):
        return Sign(BAD, "alert", _("Has not come"))
    if row.state == CompanionState.HERE and row.ends_at + GRACE <= moment:
        return Sign(BAD, "clock", _("Not relieved"))
    return sign_of(row.state, "companion")
