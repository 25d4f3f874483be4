"""Who is on duty at *t*, against a model that knows only minutes: 100 000 random (edits, t) (issue E, figures).

Each rota is edited at random: entered, ended early, taken over, taken out. The model keeps a table of minutes and nothing else.
``ours`` counts the moments at which the two disagree on who is called or on whether there is a hole; ``floor`` is 0. A part of
them goes through the real writers and the database (``database``).
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from bench._chain import make_live_school
from referrals.emergency.models import DutyShift, chain_moment
from referrals.emergency.rota import duty_at
from referrals.emergency.rules.on_duty import FIRST, SECOND, Shift, gaps, on_duty
from referrals.emergency.workflow.shifts import Draft, enter_shifts, remove_shift
from tenancy.models import Tenant
from tenancy.scope import use_tenant

ROTAS: Final = 2_000
MOMENTS: Final = 50
IN_DATABASE: Final = 40
DAYS: Final = 15
_MINUTES: Final = DAYS * 24 * 60
_START: Final = datetime(2026, 12, 25, tzinfo=UTC)
"""The window runs over New Year."""

type Table = list[UUID | None]


def run(rotas: int = ROTAS) -> dict[str, Any]:
    """So many rotas, each looked at at 50 moments; and 40 more through the writers."""
    random = Random(20261129)
    wrong = sum(wrong_moments(random) for _rota in range(rotas))
    in_database, wrong_there = _in_database(random)
    return {
        "ours": wrong + wrong_there,
        "floor": 0,
        "ratio": None,
        "unit": "moments",
        "n": rotas * MOMENTS,
        "database": in_database,
    }


def wrong_moments(random: Random) -> int:
    """At how many of 50 moments one rota, edited at random, is not what its table of minutes says."""
    people = [UUID(int=number) for number in range(1, 5)]
    shifts: list[Shift] = []
    tables: dict[int, Table] = {layer: [None] * _MINUTES for layer in (FIRST, SECOND)}
    for _edit in range(random.randint(1, 40)):
        _edit_both(random, people, shifts, tables)
    return sum(_differs(random, shifts, tables) for _moment in range(MOMENTS))


def _edit_both(random: Random, people: list[UUID], shifts: list[Shift], tables: dict[int, Table]) -> None:
    """The same edit to the rows and to the table of minutes."""
    act = random.choice(("enter", "enter", "enter", "end", "take", "remove"))
    if act == "enter" or not shifts:
        layer, since = random.choice((FIRST, SECOND)), random.randrange(_MINUTES - 1)
        until = min(_MINUTES, since + random.choice((1, 59, 480, 720, 1440, 3000)))
        table = tables[layer]
        if any(table[since:until]):
            return  # the database refuses what overlaps
        who = random.choice(people)
        shifts.append(Shift(layer, who, _at(since), _at(until)))
        table[since:until] = [who] * (until - since)
        return
    shift = shifts.pop(random.randrange(len(shifts)))
    table = tables[shift.layer]
    since, until = _minute(shift.starts_at), _minute(shift.ends_at)
    table[since:until] = [None] * (until - since)
    if act == "remove" or until - since < 2:
        return
    middle = random.randrange(since + 1, until)
    shifts.append(Shift(shift.layer, shift.who, shift.starts_at, _at(middle)))
    table[since:middle] = [shift.who] * (middle - since)
    if act == "take":
        who = random.choice(people)
        shifts.append(Shift(shift.layer, who, _at(middle), shift.ends_at))
        table[middle:until] = [who] * (until - middle)


def _differs(random: Random, shifts: list[Shift], tables: dict[int, Table]) -> bool:
    minute = random.randrange(_MINUTES)
    if shifts and random.random() < 0.5:  # the edges, where two readings disagree first
        edge = (
            _minute(random.choice(shifts).starts_at)
            if random.random() < 0.5
            else _minute(random.choice(shifts).ends_at)
        )
        minute = min(max(edge + random.choice((-1, 0)), 0), _MINUTES - 1)
    moment = _at(minute) + timedelta(seconds=random.randrange(60))
    said = {layer: shift.who for layer, shift in on_duty(shifts, moment).items()}
    known = {layer: who for layer, table in tables.items() if (who := table[minute]) is not None}
    if said != known:
        return True
    holes = gaps(shifts, _at(0), _at(_MINUTES))
    return any(hole.starts_at <= moment < hole.ends_at for hole in holes) != (FIRST not in known)


def _in_database(random: Random) -> tuple[int, int]:
    """Looked at, and wrong: shifts entered and taken out by the writers, read by ``duty_at``."""
    school = make_live_school(7, 0)
    looked = wrong = 0
    with use_tenant(school.pk):
        tenant = Tenant.objects.get(pk=school.pk)
        people = list(dict.fromkeys(DutyShift.objects.order_by("layer").values_list("holder_id", flat=True)))
        start = chain_moment().replace(second=0, microsecond=0) + timedelta(days=5)
        for number in range(IN_DATABASE):
            begins = start + timedelta(days=9 * number)
            tables: dict[int, Table] = {layer: [None] * (8 * 24 * 60) for layer in (FIRST, SECOND)}
            entered: list[tuple[DutyShift, int, int]] = []
            for _edit in range(random.randint(2, 12)):
                layer, since = random.choice((FIRST, SECOND)), random.randrange(8 * 24 * 60 - 1)
                until = min(8 * 24 * 60, since + random.choice((1, 59, 480, 720, 1440)))
                who = random.choice(people)
                if entered and random.random() < 0.3:
                    row, from_, to = entered.pop(random.randrange(len(entered)))
                    remove_shift(actor=school.duty, shift_id=row.pk)
                    tables[row.layer][from_:to] = [None] * (to - from_)
                elif not any(tables[layer][since:until]):
                    [row] = enter_shifts(
                        actor=school.duty,
                        shifts=[
                            Draft(
                                begins + timedelta(minutes=since),
                                begins + timedelta(minutes=until),
                                holder_id=who,
                                layer=layer,
                            )
                        ],
                    )
                    entered.append((row, since, until))
                    tables[layer][since:until] = [who] * (until - since)
            for _moment in range(MOMENTS):
                minute = random.randrange(8 * 24 * 60)
                said = {
                    layer: shift.who for layer, shift in duty_at(tenant, begins + timedelta(minutes=minute)).items()
                }
                known = {layer: who for layer, table in tables.items() if (who := table[minute]) is not None}
                looked, wrong = looked + 1, wrong + (said != known)
    return looked, wrong


def _at(minute: int) -> datetime:
    return _START + timedelta(minutes=minute)


def _minute(moment: datetime) -> int:
    return (moment - _START) // timedelta(minutes=1)
