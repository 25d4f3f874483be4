"""When enough of the team have answered (chain §2)."""

from referrals.emergency.models import Answer, Leg, Recipient
from referrals.emergency.rules.step_rules import TEAM_DECIDES


def is_complete(leg: Leg) -> bool:
    """Whether enough of the team have answered, one of them who may decide. Counts people, not pages."""
    answered = list(
        Recipient.objects.filter(leg=leg, answer=Answer.ACKNOWLEDGED).values_list("member_id", "target_hash", "role")
    )
    people = {member or bytes(target) for member, target, _role in answered}
    seats = {role.partition(":")[2] for _member, _target, role in answered}
    return len(people) >= leg.required_answers and bool(seats & {kind.value for kind in TEAM_DECIDES})
