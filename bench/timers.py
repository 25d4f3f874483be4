"""P5: timer moves of the emergency engine a second, beside the same rows written by bare SQL.

Each due leg fires its step: the leg moves, one recipient, its deliveries and one row of the timeline are written. Both sides
go through the same schools, as many together in one transaction as the engine takes, first in one process, then in two; the
floor knows beforehand what it will write. A first pass of each, in which keys are opened and plans made, is not measured.
``cpu`` is milliseconds a move in one process and its connections' servers together: other work on the machine moves it less.
"""

import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, transaction

from accounts.models import Membership, User
from kernel.clock import now
from kernel.identifiers import uuid7
from referrals.emergency.engine.rounds import MOST_TOGETHER, decide_round
from referrals.emergency.models import Chain, Delivery, DutyLine, DutyShift, Incident, Leg, LegStep, Recipient
from referrals.emergency.rules.step_rules import ALARM, on_duty
from tenancy.messages import Part, send_in
from tenancy.models import Tenant, TenantKind
from tenancy.scope import no_scope, use_tenant
from vault.keys import create_tenant_key

LEGS = 10
ROWS = 8
"""Rows a move writes: its leg, a recipient, five deliveries, one row of the timeline."""
PROCESSES = 2


class Took(NamedTuple):
    """Moves a second, and milliseconds of CPU a move."""

    rate: float
    cpu: float


def run(schools: int = 60, *, long: bool = False) -> dict[str, Any]:
    """``schools`` × ten due legs; with ``long`` a thousand schools. AssertionError when a leg is left or fired twice."""
    count = 1_000 if long else schools
    places = []
    for number in range(count):
        places.append(_school(number))
        if number % 200 == 199:
            _say(f"{number + 1} schools stand")
    sides = (_engine, _bare)
    for act in sides:
        _timed(places, act)
    rounds: dict[tuple[Callable[..., None], int], list[Took]] = {}
    for processes in (1, PROCESSES):
        for _ in range(1 if long else 3):
            for act in sides:
                took = _timed(places, act, processes)
                rounds.setdefault((act, processes), []).append(took)
                _say(f"{act.__name__} in {processes}: {took.rate:.0f} moves/s, {took.cpu:.2f} ms CPU")
    ours, floor = (_middle(rounds[act, 1]) for act in sides)
    both, floor_both = (_middle(rounds[act, PROCESSES]) for act in sides)
    return {
        "ours": round(ours.rate, 1),
        "floor": round(floor.rate, 1),
        "ratio": round(ours.rate / floor.rate, 3),
        "cpu": round(ours.cpu, 3),
        "cpu_floor": round(floor.cpu, 3),
        "cpu_ratio": round(floor.cpu / ours.cpu, 3),
        f"ours_{PROCESSES}": round(both.rate, 1),
        f"floor_{PROCESSES}": round(floor_both.rate, 1),
        f"ratio_{PROCESSES}": round(both.rate / floor_both.rate, 3),
        "rows": round(max(ours.rate, both.rate) * ROWS),
        "load": round(os.getloadavg()[0], 1),
        "unit": "moves/s",
        "n": count * LEGS,
    }


def _middle(rounds: Sequence[Took]) -> Took:
    return Took(statistics.median(row.rate for row in rounds), statistics.median(row.cpu for row in rounds))


def _timed(places: list[UUID], act: Callable[[list[UUID]], None], processes: int = 1) -> Took:
    for place in places:
        with use_tenant(place):
            _make_due()
    if processes > 1:
        connections.close_all()
        shares = [places[number::processes] for number in range(processes)]
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            pool.map(_warmed, range(processes))
            started = time.perf_counter()
            pool.starmap(act, [(share,) for share in shares], chunksize=1)
            took, cpu = time.perf_counter() - started, 0.0
    else:
        _warmed(0)
        before, started = _cpu(), time.perf_counter()
        act(places)
        took, cpu = time.perf_counter() - started, _cpu() - before
    _whole(places)
    return Took(len(places) * LEGS / took, cpu * 1000 / (len(places) * LEGS))


def _warmed(_number: int) -> None:
    """The connections that the measured part uses."""
    decide_round(limit=0)


def _whole(places: list[UUID]) -> None:
    """Every leg was fired once, and each has its pages."""
    for place in places:
        with use_tenant(place):
            assert Leg.objects.filter(round=1, position=0, next_at__gt=now()).count() == LEGS
            assert (Recipient.objects.count(), Delivery.objects.count()) == (LEGS, LEGS * 5)


def _engine(places: list[UUID]) -> None:
    """Of all schools that are due: ``places`` says nothing to it."""
    while decide_round():
        pass


def _bare(places: list[UUID]) -> None:
    """What has to be written, as many schools in a message and a transaction as the engine takes together."""
    together = MOST_TOGETHER // LEGS
    for first in range(0, len(places), together):
        with no_scope(), transaction.atomic():
            answers = send_in(*((place, Part(_FLOOR)) for place in places[first : first + together]))
            assert all(count == LEGS for [[count]] in answers)


def _cpu() -> float:
    """Seconds of CPU of this process and of the servers behind its connections."""
    total = time.process_time()
    for one in connections.all(initialized_only=True):
        if one.connection is not None:
            parts = Path(f"/proc/{one.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _say(line: str) -> None:
    print(f"timers: {line} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)


_FLOOR = """
    WITH due AS (
        SELECT * FROM emergency_leg WHERE next_at <= (SELECT chain_now()) ORDER BY next_at, id LIMIT 100
        FOR NO KEY UPDATE SKIP LOCKED),
    moved AS (
        UPDATE emergency_leg AS leg SET next_at = chain_now() + interval '5 minutes', round = 1, "position" = 0
        FROM due WHERE leg.id = due.id RETURNING leg.id),
    paged AS (
        INSERT INTO emergency_recipient (id, tenant_id, leg_id, step_id, is_drill, epoch, round, target_hash, role, member_id,
            address_sealed, shown_number, answer)
        SELECT gen_random_uuid(), due.tenant_id, due.id, step.id, false, 1, 2, sha256(due.id::text::bytea), 'on_duty:1',
            NULL, sha256('x'), '1234', ''
        FROM due JOIN emergency_legstep AS step ON step.leg_id = due.id AND step.purpose = 'step' AND step."position" = 0
        RETURNING id, tenant_id, leg_id),
    sent AS (
        INSERT INTO emergency_delivery (id, tenant_id, recipient_id, leg_id, is_drill, key, channel, text, epoch, rank, state,
            due_at, claims, error, provider_ref, receipt)
        SELECT gen_random_uuid(), tenant_id, id, leg_id, false, id || way, split_part(way, ':', 1), 'emergency_page_school', 1,
            0, 'queued', chain_now(), 0, '', '', ''
        FROM paged, unnest(ARRAY['in_app:1', 'sms:1', 'email:1', 'voice:1', 'voice:2']) AS way),
    told AS (
        INSERT INTO emergency_timeline (id, tenant_id, incident_id, leg_id, code, who, facts)
        SELECT gen_random_uuid(), tenant_id, incident_id, id, 'leg.step_due', 'engine', '{}' FROM due)
    SELECT count(*) FROM moved"""


def _school(number: int) -> UUID:
    """A school with somebody on duty and ten legs that have not fired yet."""
    slug = f"bench-{uuid7().hex[-12:]}"
    school = Tenant.objects.create(
        slug=slug, host=f"{slug}.localhost", kind=TenantKind.MIDDLE, name="Bench", code="BB", is_active=False
    )
    user = User.objects.create(email=f"duty@{slug}.example", password="!", full_name="Bench")
    with use_tenant(school.pk), transaction.atomic():
        create_tenant_key(school.pk)
        duty = Membership(user=user, name="Bench", roles=["duty"], email=user.email or "", accepted_at=now())
        duty.keep_phone(f"+86139{number:08d}")
        duty.save(force_insert=True)
        moment = now()
        line = DutyLine.objects.create(name="Bench", number="+8657188880000", kind="operator", answers="24 h")
        Chain.objects.create(operator_line=line)
        DutyShift.objects.create(holder=duty, starts_at=moment, ends_at=moment + timedelta(days=2))
        incidents = Incident.objects.bulk_create(
            Incident(
                number=f"B-{row:04d}",
                kind="psychological",
                suggested="major",
                grade="major",
                state="open",
                found_at=moment,
                next_event="contact_due",
                next_at=moment + timedelta(hours=2),
            )
            for row in range(LEGS)
        )
        legs = Leg.objects.bulk_create(
            Leg(
                incident=incident,
                kind="school",
                state="paging",
                grade="major",
                next_event="step_due",
                next_at=moment + timedelta(hours=1),
            )
            for incident in incidents
        )
        LegStep.objects.bulk_create(
            LegStep(leg=leg, purpose=purpose, position=place, rule=rule.to_json())
            for leg in legs
            for purpose, rules in (("step", (on_duty(1), on_duty(2))), ("alarm", ALARM))
            for place, rule in enumerate(rules)
        )
    return school.pk


def _make_due() -> None:
    """As before the first step, due a moment ago."""
    Delivery.objects.all().delete()
    Recipient.objects.all().delete()
    Leg.objects.update(round=0, position=-1, next_at=now() - timedelta(seconds=1))
