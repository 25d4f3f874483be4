"""Rows of a rota and of plans put there by hand, and the chain's moment."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from referrals.emergency.models import DutyLine, DutyShift, Plan, PlanStep

LANDLINE = "+8657187654321"


def chain_now() -> datetime:
    """The moment of the chain's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def line_row(number: str = LANDLINE, **values: Any) -> DutyLine:
    """A hotline of the open school."""
    given = {"name": "市心理热线", "number": number, "kind": "hotline", "answers": "每天 20:00–8:00"}
    return DutyLine.objects.create(**(given | values))


def shift_row(holder: Any = None, *, begins_in: float = 0, hours: float = 12, **values: Any) -> DutyShift:
    """A shift that begins ``begins_in`` hours from the chain's moment; no holder and no line: a new line."""
    starts_at = chain_now() + timedelta(hours=begins_in)
    given = {"layer": 1, "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours)}
    if holder is None and "line" not in values:
        given["line"] = DutyLine.objects.first() or line_row()
    return DutyShift.objects.create(holder=holder, **(given | values))


def plan_row(**values: Any) -> Plan:
    """A draft."""
    return Plan.objects.create(**({"kind": "psychological", "grade": "extreme"} | values))


def step_row(plan: Plan, **values: Any) -> PlanStep:
    """The first step of the school's leg: who is on duty."""
    given = {
        "plan": plan,
        "leg": "school",
        "position": 0,
        "target": "on_duty",
        "channels": ["in_app", "voice"],
        "text_id": "page.school",
    }
    if values.get("target", "on_duty") in ("on_duty", "contact"):
        given["number"] = 1
    return PlanStep.objects.create(**(given | values))


SPELLINGS = (
    "110", "119", "120", "122", "12345", "12356", "１２０", "一二〇", "幺二零", "1-2-0", "1 1 0", "+86 120", "0086-12356",
    "0571-120", "(010)12345", "+8657112356", "120转1", "12356 ext. 2", "110/120", "tel:119", "١٢٠", "0120", "1201234",
)  # fmt: skip
"""Service numbers as people write them; ``tests.unit.test_emergency_numbers`` draws many more."""
