"""When enough of the team have answered (chain §2)."""

from uuid import UUID

from referrals.emergency.models import Answer, Leg, Recipient
from referrals.emergency.resolving import left_out_of
from referrals.emergency.rules.step_rules import TEAM_DECIDES

_Answers = list[tuple[UUID | None, bytes, str]]


def is_complete(leg: Leg) -> bool:
    """Whether enough of the team have answered, one of them who may decide. Counts people, not pages, and nobody who may no
    longer know of it.
    """
    return _are_enough(leg, _known(leg, _answers(leg)))


def lost(leg: Leg) -> bool:
    """Whether enough had answered, and those of them who may still know of it are not enough."""
    answers = _answers(leg)
    return _are_enough(leg, answers) and not _are_enough(leg, _known(leg, answers))


def _answers(leg: Leg) -> _Answers:
    rows = Recipient.objects.filter(leg=leg, answer=Answer.ACKNOWLEDGED)
    return [
        (member, bytes(target), role) for member, target, role in rows.values_list("member_id", "target_hash", "role")
    ]


def _known(leg: Leg, answers: _Answers) -> _Answers:
    out = left_out_of(leg.incident)
    return [one for one in answers if one[0] not in out.members and one[1] not in out.numbers]


def _are_enough(leg: Leg, answered: _Answers) -> bool:
    people = {member or target for member, target, _role in answered}
    seats = {role.partition(":")[2] for _member, _target, role in answered}
    return len(people) >= leg.required_answers and bool(seats & {kind.value for kind in TEAM_DECIDES})
