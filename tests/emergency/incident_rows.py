"""Rows of an incident put there by hand, for what the database itself refuses."""

from datetime import timedelta
from typing import Any

from kernel.clock import now
from referrals.emergency.models import Delivery, Incident, Leg, LegStep, Recipient, WatchTask


def incident_row(person: Any = None, **values: Any) -> Incident:
    """A reported incident of the open school."""
    given = {
        "number": f"T-{Incident.objects.count() + 1:04d}",
        "person": person,
        "kind": "psychological",
        "suggested": "extreme",
        "state": "reported",
        "found_at": now(),
        "next_event": "grade_due",
        "next_at": now() + timedelta(minutes=15),
    }
    return Incident.objects.create(**(given | values))


def leg_row(incident: Incident, **values: Any) -> Leg:
    """A leg that is paging."""
    given = {
        "incident": incident,
        "is_drill": incident.is_drill,
        "kind": "school",
        "state": "paging",
        "grade": "extreme",
        "next_event": "step_due",
        "next_at": now(),
    }
    return Leg.objects.create(**(given | values))


def recipient_row(leg: Leg, **values: Any) -> Recipient:
    """Somebody paged by the first step."""
    step, _new = LegStep.objects.get_or_create(leg=leg, position=0, defaults={"rule": {}, "channels": ["in_app"]})
    given = {
        "leg": leg,
        "step": step,
        "is_drill": leg.is_drill,
        "epoch": 1,
        "round": 1,
        "target_hash": b"x" * 32,
        "role": "on_duty:1",
    }
    return Recipient.objects.create(**(given | values))


def delivery_row(recipient: Recipient, **values: Any) -> Delivery:
    """A page that waits."""
    given = {
        "recipient": recipient,
        "leg_id": recipient.leg_id,
        "is_drill": recipient.is_drill,
        "key": f"{recipient.pk}:{Delivery.objects.count()}",
        "channel": "in_app",
        "text": "page.school",
        "epoch": 1,
        "rank": 0,
        "due_at": now(),
    }
    return Delivery.objects.create(**(given | values))


def task_row(incident: Incident, by: Any, **values: Any) -> WatchTask:
    """A look at the person that is due in a day."""
    at = now() + timedelta(hours=24)
    return WatchTask.objects.create(
        **({"incident": incident, "kind": "watch", "by": by, "due_at": at, "next_at": at} | values)
    )
