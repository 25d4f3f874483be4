"""The chain in the demo: live in the first school, in rehearsal with a hole in the second, off in the third."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import product
from typing import Final
from uuid import UUID

from accounts.actor import Actor
from demo.chain_time import can_be_set, chain_clock
from demo.drill import tell_drill
from demo.incident import tell_incident
from demo.readiness import tell_readiness
from demo.reports import tell_reports
from kernel.clock import as_of
from referrals.emergency.models import DutyLine, chain_moment
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.rules.on_duty import Part, cell_times, rota_day
from referrals.emergency.rules.plan_states import ChainEvent
from referrals.emergency.workflow.lines import add_line
from referrals.emergency.workflow.plans import draft_plan, put_in_use
from referrals.emergency.workflow.seats import appoint
from referrals.emergency.workflow.shifts import Draft, enter_shifts
from referrals.emergency.workflow.switching import set_operator_line, switch
from tenancy.models import Tenant

ROTA_DAYS: Final = 37
"""So many days are entered, those of ``LIVE_FOR`` among them: what is red in two weeks is a hole on purpose."""

HOLE: Final = (5, Part.NIGHT)
"""Day and cell that stay open in the school that rehearses."""

ON_DUTY: Final = ("centre", "duty", "centre2")
"""Who takes the days in turn; the nights are an outside line's, weekends in part as well."""


LIVE_FOR: Final = timedelta(days=16)
"""So long has the first school's chain been live: it was there for what is told of it."""


def tell_chain(
    school: Tenant, cast: Mapping[str, Actor], *, number: int, today: date, staff: Sequence[Actor] = ()
) -> None:
    """Inside the school's scope. The chain keeps the database's clock: when the demo's today is another day than that
    one's, only lines and seats are told.

    Where the chain's clock can be set, the first school's begins ``LIVE_FOR`` ago, and one of ``staff`` was helped by it.
    """
    if number > 1:
        return
    now = chain_moment()
    if number > 0 or school.day_of(now) != today or not can_be_set():
        _tell(school, cast, number=number, today=today)
        return
    began = now - LIVE_FOR
    with chain_clock() as clock:
        clock.stand_at(began)
        with as_of(began):
            _tell(school, cast, number=number, today=school.day_of(began))
        tell_incident(school, cast, staff, clock, today=today)
        tell_drill(school, cast, clock, today=today)
        tell_reports(school, cast, clock, today=today)
    tell_readiness(school, cast)


def _tell(school: Tenant, cast: Mapping[str, Actor], *, number: int, today: date) -> None:
    centre, now = cast["centre"], chain_moment()
    hotline, district, last = _lines(centre)
    _seats(cast, school.day_of(now), district)
    set_operator_line(actor=centre, line_id=last.pk)
    if school.day_of(now) != today:
        return
    is_live = number == 0
    members = [cast[name].membership_id for name in ON_DUTY]
    assert None not in members
    shifts = list(_rota(school, now, [one for one in members if one], hotline, has_hole=not is_live))
    # What has begun counts from the moment at which it is entered: by themselves, those are not kept waiting by five weeks.
    enter_shifts(actor=centre, shifts=[shift for shift in shifts if shift.starts_at <= now])
    enter_shifts(actor=centre, shifts=[shift for shift in shifts if shift.starts_at > now])
    for kind, grade in product(IncidentKind, Grade):
        if is_live or kind is IncidentKind.PSYCHOLOGICAL:
            put_in_use(actor=centre, plan_id=draft_plan(actor=centre, kind=kind, grade=grade).pk)
    switch(actor=centre, event=ChainEvent.REHEARSE)
    if is_live:
        switch(actor=centre, event=ChainEvent.GO_LIVE)
        switch(actor=cast["principal"], event=ChainEvent.GO_LIVE)


def _lines(centre: Actor) -> tuple[DutyLine, DutyLine, DutyLine]:
    # 555 is a block that no carrier hands out: the demo can never ring a real telephone.
    hotline = add_line(
        actor=centre, name="市心理热线", number="0571-5550301", kind="hotline", answers="每天 20:00 到次日 8:00"
    )
    district = add_line(
        actor=centre, name="区教育局值班室", number="0571-5550302", kind="district", answers="全天，有人值守"
    )
    last = add_line(actor=centre, name="平台值守", number="0571-5550303", kind="operator", answers="全天，有人值守")
    return hotline, district, last


def _seats(cast: Mapping[str, Actor], today: date, district: DutyLine) -> None:
    for kind, holder, deputy in (
        ("centre_head", "centre", "centre2"),
        ("principal", "principal", "moral"),
        ("moral", "moral", "head"),
        ("doctor", "doctor", "duty"),
    ):
        appoint(
            actor=cast["centre"],
            kind=kind,
            since=today,
            holder_id=cast[holder].membership_id,
            deputy_id=cast[deputy].membership_id,
        )
    appoint(actor=cast["centre"], kind="district", since=today, holder_line_id=district.pk)


def _rota(school: Tenant, now: datetime, people: list[UUID], line: DutyLine, *, has_hole: bool) -> Iterator[Draft]:
    """Days in turn, nights by the line; by day a second one stands behind the first."""
    first = rota_day(now, school.time_zone)
    for number in range(ROTA_DAYS):
        day = first + timedelta(days=number)
        for part in Part:
            starts_at, ends_at = cell_times(day, part, school.time_zone)
            if ends_at <= now or (has_hole and (number, part) == HOLE):
                continue
            if part is Part.NIGHT:
                yield Draft(starts_at, ends_at, line_id=line.pk)
                yield Draft(starts_at, ends_at, holder_id=people[(number + 2) % 3], layer=2)
            else:
                yield Draft(starts_at, ends_at, holder_id=people[number % 3])
                yield Draft(starts_at, ends_at, holder_id=people[(number + 2) % 3], layer=2)
