"""Incidents that are there many times over, as rows: each as the writer leaves it, its first steps due (``opening``)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from referrals.emergency.models import Incident, Leg, LegStep
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.step_rules import ALARM, WATCH, default_steps

AT_ONCE = {
    Grade.MAJOR: (LegKind.SCHOOL,),
    Grade.EXTREME: (LegKind.SCHOOL, LegKind.TEAM, LegKind.FAMILY, LegKind.MEDICAL),
}
"""Legs that are due in the moment of the opening when home is safe (chain §2)."""


def write_incidents(people: Iterable[UUID | None], grade: Grade, due_at: datetime, first: int = 0) -> int:
    """One for each of ``people`` (None: nobody named) in the open school; how many legs fall due at ``due_at``."""
    incidents = Incident.objects.bulk_create(
        Incident(
            number=f"R-{first + number:05d}",
            person_id=person,
            kind=IncidentKind.PSYCHOLOGICAL.value,
            suggested=grade.value,
            grade=grade.value,
            state="open",
            found_at=due_at,
            next_event="contact_due",
            next_at=due_at.replace(year=due_at.year + 1),
        )
        for number, person in enumerate(people)
    )
    legs = Leg.objects.bulk_create(
        Leg(incident=one, kind=kind.value, state="paging", grade=grade.value, next_event="step_due", next_at=due_at)
        for one in incidents
        for kind in AT_ONCE[grade]
    )
    steps = default_steps(IncidentKind.PSYCHOLOGICAL, grade)
    LegStep.objects.bulk_create(
        LegStep(leg=leg, purpose=purpose, position=place, rule=rule.to_json())
        for leg in legs
        for purpose, rules in (("step", steps[LegKind(leg.kind)]), ("alarm", ALARM), ("watch", WATCH))
        for place, rule in enumerate(rules)
    )
    return len(legs)
