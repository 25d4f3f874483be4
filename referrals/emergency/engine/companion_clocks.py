"""A companion has not come, or is not relieved: whoever has the incident is called, every ten minutes (chain §9, §10)."""

from referrals.emergency.engine.row_clocks import each_due
from referrals.emergency.models import CompanionShift
from referrals.emergency.rules.companions import AGAIN, CompanionState
from referrals.emergency.rules.sending import ASK_COMPANION
from referrals.emergency.workflow.asking_owner import ask
from referrals.emergency.workflow.moving import Locked, note


def decide_companions() -> int:
    """Look at the shifts of the open school whose clock has run out; returns how many."""
    return each_due(CompanionShift, _one)


def _one(locked: Locked, row: CompanionShift) -> None:
    row.next_at = locked.moment + AGAIN
    row.save(update_fields=["next_at"])
    is_there = row.state == CompanionState.HERE
    note(locked.incident, "companion.not_relieved" if is_there else "companion.absent", role="engine")
    ask(locked, ASK_COMPANION)
