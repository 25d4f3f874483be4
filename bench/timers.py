"""P5: timer moves of the emergency engine a second, beside the same rows written by bare SQL for one school after another.

Each due leg fires its step: the leg moves, one recipient, its deliveries and one row of the timeline are written. Both sides
go through the same schools in one thread, one transaction a school; the floor knows beforehand what it will write.
"""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Membership, User
from kernel.clock import now
from kernel.identifiers import uuid7
from referrals.emergency.engine.rounds import decide_round
from referrals.emergency.models import Chain, Delivery, DutyLine, DutyShift, Incident, Leg, LegStep, Recipient
from referrals.emergency.rules.step_rules import ALARM, on_duty
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant
from vault.keys import create_tenant_key

LEGS = 10


def run(schools: int = 60, *, long: bool = False) -> dict[str, Any]:
    """``schools`` × ten due legs; with ``long`` a thousand schools. AssertionError when a leg is left or fired twice."""
    count = 1_000 if long else schools
    places = [_school(number) for number in range(count)]
    ours = _timed(places, _engine)
    floor = _timed(places, _bare)
    return {
        "ours": round(ours, 1),
        "floor": round(floor, 1),
        "ratio": round(ours / floor, 3),
        "unit": "moves/s",
        "n": count * LEGS,
    }


def _timed(places: list[UUID], act: Any) -> float:
    for place in places:
        with use_tenant(place):
            _make_due()
    started = time.perf_counter()
    act(places)
    return len(places) * LEGS / (time.perf_counter() - started)


def _engine(places: list[UUID]) -> None:
    moved = 0
    while done := decide_round():
        moved += done
    assert moved == len(places) * LEGS, moved


def _bare(places: list[UUID]) -> None:
    """What has to be written, by one message a school; the rows are made of those that stand already."""
    for place in places:
        with use_tenant(place), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FLOOR)
            assert cursor.fetchone()[0] == LEGS


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
