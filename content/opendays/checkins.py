"""What stands at the gate: families with their size, how many came in, who wears a leaf. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum

from content.opendays.models import Claim, Guest, Mark, OpenDay, Party, Session
from content.opendays.models.parties import BandChoices
from content.opendays.rules import shown_and_over
from content.opendays.survey_questions import OPEN_DAY
from surveys.selectors import Standing, standing


@dataclass(frozen=True, slots=True)
class Row:
    """One family at the gate. ``size`` is what it has seats for; ``inside`` of them came in, ``over`` beyond it."""

    party: Party
    size: int
    inside: int
    over: int
    grown: int
    children: int
    leaves: int
    """How many of it are not to be photographed."""

    @property
    def boxes(self) -> range:
        """One to tick for each, on paper."""
        return range(self.size)


@dataclass(frozen=True, slots=True)
class Tally:
    """The whole day in people."""

    expected: int
    inside: int
    over: int
    walked_in: int

    @property
    def here(self) -> int:
        """Everybody who came in."""
        return self.inside + self.over + self.walked_in


def families(day: OpenDay) -> tuple[list[Row], Tally]:
    """Everybody with seats at the entry, in the order of their answers, and the sums with who walked in. Three queries."""
    parties = (
        Party.objects.filter(open_day=day, left_at__isnull=True)
        .annotate(
            leaves=Count("guests", filter=Q(guests__may_photograph=False)),
            grown=Count("guests", filter=Q(guests__band="adult")),
            people=Count("guests"),
        )
        .order_by("created_at", "pk")
    )
    seats = dict(Claim.objects.filter(session__open_day=day, session__is_entry=True).values_list("party", "seats"))
    counted = came_in(day)
    rows = []
    for party in parties:
        size = seats.get(party.pk, 0)
        inside, over = shown_and_over(counted.get(party.pk, 0), size)
        if size or over:
            rows.append(Row(party, size, inside, over, party.grown, party.people - party.grown, party.leaves))
    return rows, _tally(rows, sum(counted.values()))


def came_in(day: OpenDay) -> dict[UUID | None, int]:
    """People by family, as the marks add up; None for those who had not answered. One query."""
    found: dict[UUID | None, int] = dict(
        Mark.objects.filter(open_day=day).values_list("party").annotate(total=Sum("people")).order_by()
    )
    return found


def _tally(rows: list[Row], everybody: int) -> Tally:
    inside, over = sum(row.inside for row in rows), sum(row.over for row in rows)
    return Tally(sum(row.size for row in rows), inside, over, everybody - inside - over)


@dataclass(frozen=True, slots=True)
class Report:
    """An open day afterwards, in numbers alone; never by department (books §6)."""

    tally: Tally
    families: int
    by_band: list[tuple[str, int]]
    sessions: Sequence[tuple[Session, int]]
    """Each counted session, and how many had a seat there."""
    survey: Standing | None
    """What families said afterwards, None where nobody asked them."""


def report_of(day: OpenDay) -> Report:
    """At most nine queries."""
    rows, whole = families(day)
    guests = Guest.objects.filter(party__in=[row.party.pk for row in rows])
    counted = dict(guests.values_list("band").annotate(n=Count("pk")).order_by())
    bands = [(str(label), counted.get(band, 0)) for band, label in BandChoices.choices]
    sessions = day.sessions.filter(capacity__isnull=False).annotate(taken=Sum("claims__seats"))
    taken = [(each, each.taken or 0) for each in sessions.order_by("starts_at", "pk")]
    return Report(whole, len(rows), bands, taken, standing(OPEN_DAY, day.pk))


def for_telephone(rows: list[Row]) -> list[dict[str, Any]]:
    """What a telephone at the gate holds: hash of the QR, form of address, size, leaf, how many are in. Never a car."""
    return [
        {
            "hash": row.party.gate_hash,
            "address": row.party.address,
            "size": row.size,
            "grown": row.grown,
            "leaves": row.leaves,
            "inside": row.inside + row.over,
        }
        for row in rows
    ]
