"""What whoever sent a report is told of it: received, or in hand. Never how it goes, and nothing about anybody (chain §6)."""

from referrals.emergency.models import Leg, Report
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import PAGED


def is_in_hand(report: Report) -> bool:
    """Whether somebody has read it, and has or had its incident. A letter that nobody has read yet takes nothing of it back."""
    if not report.was_read:
        return False
    return not Leg.objects.filter(
        incident_id=report.incident_id, kind=LegKind.SCHOOL.value, state__in=sorted(PAGED)
    ).exists()
