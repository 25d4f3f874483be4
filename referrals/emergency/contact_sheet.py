"""What stands on the printed contact sheet: posts, who is on duty, lines and institutions. No family, nobody's case (chain §8)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from accounts.models import Membership
from referrals.emergency.models import DutyLine, DutyShift
from referrals.emergency.plan_facts import agreed_partners
from referrals.emergency.rota import rows_between, seats_on, shift_of
from referrals.emergency.rules.line_numbers import line_number, written
from referrals.emergency.rules.on_duty import preview_end
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.texts import SEAT_TEXTS
from tenancy.models import Tenant
from ui.names import named

_ORDER: Final = {kind.value: number for number, kind in enumerate(SeatKind)}


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody with a number to call; ``number`` is empty where the school has none."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Post:
    """A seat: who holds it, and who stands in."""

    title: str
    holder: Reached | None
    deputy: Reached | None


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift of the next fourteen days (UTC)."""

    layer: int
    starts_at: datetime
    ends_at: datetime
    who: Reached


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it, as it stands at ``at`` of the chain's clock."""

    at: datetime
    posts: list[Post]
    duties: list[Duty]
    lines: list[tuple[str, str, str]]
    partners: list[Reached]


def sheet_of(school: Tenant, moment: datetime) -> Sheet:
    """The open school's sheet at ``moment``: the same rows that the engine asks."""
    day = school.day_of(moment)
    posts = [
        Post(
            str(SEAT_TEXTS[SeatKind(seat.kind)]),
            _of(seat.holder, seat.holder_line, day),
            _of(seat.deputy, seat.deputy_line, day),
        )
        for seat in sorted(seats_on(day), key=lambda seat: _ORDER[seat.kind])
    ]
    duties = [
        Duty(shift.layer, shift.starts_at, shift.ends_at, who)
        for row in rows_between(moment, preview_end(moment, school.time_zone))
        if (shift := shift_of(row, school.time_zone)) is not None and (who := _of_shift(row)) is not None
    ]
    lines = [(line.name, written(line.number), line.answers) for line in DutyLine.objects.filter(is_active=True)]
    partners = [
        Reached(named(row.partner), written(number) if (number := line_number(row.partner.contact_phone)) else "")
        for row in agreed_partners(school, moment).values()
    ]
    return Sheet(moment, posts, duties, lines, sorted(partners, key=lambda partner: partner.name))


def _of_shift(row: DutyShift) -> Reached | None:
    return Reached(row.line.name, written(row.line.number)) if row.line else _member(row.holder)


def _of(member: Membership | None, line: DutyLine | None, day: date) -> Reached | None:
    if line is not None:
        return Reached(line.name, written(line.number))
    return _member(member) if member is not None and member.is_current(day) else None


def _member(member: Membership | None) -> Reached | None:
    """A colleague by the number that the school has of them."""
    if member is None:
        return None
    return Reached(member.name, written(member.phone) if member.phone.startswith("+86") else member.phone)
