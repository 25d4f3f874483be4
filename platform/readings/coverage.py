"""Who is of the audience, how each stands, n of m. Reading only; dates decide."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import Membership, not_left
from readings import rules
from readings.models import Leave, Proof, Reading
from readings.rules import Span, Stand


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the audience. ``due``: their own day. ``waits``: paper was noted and nobody has attested it yet."""

    person: Membership
    stand: Stand
    due: date
    proof: Proof | None

    @property
    def waits(self) -> bool:
        return self.proof is not None and self.proof.counted_at is None


@dataclass(frozen=True, slots=True)
class Coverage:
    """``n`` of ``m`` have it. Apart from both: who is on a long leave, and who entered and still has time."""

    n: int
    m: int
    away: int
    time: int
    late: int

    @property
    def percent(self) -> int | None:
        """Rounded down."""
        return rules.percent(self.n, self.m)


def coverage_of(rows: Iterable[Row]) -> Coverage:
    """The counts of ``rows``."""
    by: defaultdict[Stand, int] = defaultdict(int)
    for row in rows:
        by[row.stand] += 1
    m = by[Stand.HAS] + by[Stand.OPEN] + by[Stand.LATE]
    return Coverage(by[Stand.HAS], m, by[Stand.AWAY], by[Stand.TIME], by[Stand.LATE])


def _is_current(person: Membership, day: date) -> bool:
    """As ``MembershipQuerySet.current``, for rows at hand."""
    return (person.active_from is None or person.active_from <= day) and (
        person.left_on is None or person.left_on >= day
    )


def audience(reading: Reading, people: Iterable[Membership], today: date) -> list[Membership]:
    """Everybody it is for: the members of the due day (of today, while that lies ahead), and who has entered since."""
    basis = min(today, reading.due_on)
    there = [person for person in people if _is_current(person, basis) or _is_current(person, today)]
    return [person for person in there if is_for(reading, person)]


def narrowed(reading: Reading) -> Q:
    """The audience's own condition: roles, departments, or nothing."""
    wanted = Q()
    if reading.roles:
        wanted |= Q(roles__overlap=reading.roles)
    if reading.departments:
        wanted |= Q(department_id__in=reading.departments)
    return wanted


def is_for(reading: Reading, person: Membership) -> bool:
    """Whether ``person`` is of the audience, by what they are today."""
    if not reading.roles and not reading.departments:
        return True
    return bool(set(reading.roles) & set(person.roles)) or person.department_id in reading.departments


def rows_of(reading: Reading, today: date) -> list[Row]:
    """Everybody of the audience, by name."""
    return rows_of_each([reading], today)[reading.pk]


def rows_of_each(readings: Sequence[Reading], today: date) -> dict[UUID, list[Row]]:
    """The same for each of several, in three questions."""
    earliest = min((min(today, reading.due_on) for reading in readings), default=today)
    people = list(Membership.objects.filter(not_left(earliest)).order_by("sort_key", "pk"))
    proofs = {(proof.reading_id, proof.person_id): proof for proof in Proof.objects.filter(reading__in=readings)}
    leaves = leaves_of()
    return {
        reading.pk: [
            row_of(reading, person, proofs.get((reading.pk, person.pk)), leaves[person.pk], today)
            for person in audience(reading, people, today)
        ]
        for reading in readings
    }


def row_of(reading: Reading, person: Membership, proof: Proof | None, leaves: list[Span], today: date) -> Row:
    """How one person stands."""
    own = rules.own_due(reading.due_on, person.active_from, leaves, today)
    has = proof is not None and proof.counted_at is not None
    away = rules.is_away(leaves, today)
    stand = rules.stand_of(has=has, due=reading.due_on, own=own, away=away, today=today)
    return Row(person, stand, own, proof)


def leaves_of(**whose: Any) -> defaultdict[UUID, list[Span]]:
    """Each person's leaves."""
    found: defaultdict[UUID, list[Span]] = defaultdict(list)
    for leave in Leave.objects.filter(**whose):
        found[leave.person_id].append(Span(leave.first_day, leave.last_day))
    return found


def mine(person: Membership, today: date) -> list[tuple[Reading, Row]]:
    """What is open for one person, the most urgent first, and then what they have."""
    readings = list(Reading.objects.filter(replaced_at__isnull=True, ended_at__isnull=True).order_by("due_on", "pk"))
    own = [reading for reading in readings if is_for(reading, person)]
    proofs = {proof.reading_id: proof for proof in Proof.objects.filter(person=person, reading__in=own)}
    leaves = leaves_of(person=person)[person.pk]
    rows = [(reading, row_of(reading, person, proofs.get(reading.pk), leaves, today)) for reading in own]
    return sorted(rows, key=lambda pair: (pair[1].stand is Stand.HAS, pair[1].due))
