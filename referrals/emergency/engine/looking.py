"""What a batch needs, under lock, in one message, of one school or of several (``emergency_look``, chain §5)."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from referrals.emergency.engine.known import KNOWN
from referrals.emergency.leg_facts import LegFacts, Step
from referrals.emergency.models import Leg
from tenancy.messages import Part, from_json, send_in
from tenancy.scope import use_tenant


@dataclass(frozen=True, slots=True)
class Seen:
    """Due legs of one school, held by this transaction. ``moment`` is the chain's, once they were held (UTC).

    ``people``: incident → person concerned. ``steps``: leg (its key in text) → its steps in order, of every purpose.
    """

    school: UUID
    moment: datetime
    legs: list[Leg]
    people: Mapping[UUID, UUID | None]
    steps: Mapping[str, list[Step]]
    facts: LegFacts


def look(schools: Collection[UUID], most: int, only: UUID | None = None) -> list[tuple[UUID, Mapping[str, Any]]]:
    """What is due in each of ``schools``, at most ``most`` legs each, as the database tells it; schools with nothing left out.

    What this engine does not know is left out (``known``). ``only``: that leg and no other. Inside a transaction: the legs are held until it ends.
    """
    asked = Part("SELECT emergency_look(%s, %s, %s::jsonb)", (most, only, KNOWN))
    answers = send_in(*((school, asked) for school in schools))
    return [(school, json.loads(told)) for school, [[told]] in zip(schools, answers, strict=True) if told is not None]


def seen(school: UUID, told: Mapping[str, Any]) -> Seen:
    """The rows of one school as objects. ValueError for a step that no rule can read comes later, when it is its turn."""
    steps: dict[str, list[Step]] = defaultdict(list)
    for pk, leg, *rest in told["steps"] or ():
        steps[leg].append(Step(pk, *rest))
    with use_tenant(school):
        return Seen(
            school,
            datetime.fromisoformat(told["moment"]),
            [from_json(Leg, row) for row in told["legs"]],
            {UUID(pk): UUID(person) if person else None for pk, person in told["people"].items()},
            steps,
            LegFacts.from_json(told["facts"]),
        )
