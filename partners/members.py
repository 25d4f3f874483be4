"""Who works where: the hook by which ``accounts`` learns a partner's institution (``settings.INSTITUTION_OF``)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.places import InstitutionPlace
from kernel.clock import local_day, now
from partners.models import InstitutionMember
from partners.states import InstitutionState
from tenancy.messages import Part, Row, send
from ui.names import reads_chinese

INSTITUTION = "institution"
"""The kind of these places among those that wait (``accounts.invitations``)."""

_PLACE = """SELECT m.institution_id, m.role, coalesce(nullif(m.name, ''), nullif(m.counter, ''), CASE WHEN %s THEN nullif(i.name_en, '') END, i.name), m.reopened_at
    FROM partners_institutionmember m JOIN partners_institution i ON i.id = m.institution_id
    WHERE m.user_id = <whose> AND (m.valid_until IS NULL OR m.valid_until > %s) AND i.state <> ALL (%s)
    ORDER BY m.id LIMIT 1"""
GONE = (InstitutionState.TERMINATED, InstitutionState.ARCHIVED)


class _InstitutionOf:
    """A person's present place in an institution that still exists for us: its text says what ``current`` says.

    One statement, so a place cannot end between two looks; every request of a partner begins with it.
    """

    def part(self, whose: str, *params: Any) -> Part:
        """The look as part of a message, an institution's name as the reader reads it. ``whose``: SQL of the product that gives the account's id, with its ``params``."""
        return Part(_PLACE.replace("<whose>", whose), (not reads_chinese(), *params, local_day(now()), list(GONE)))

    def read(self, rows: Sequence[Row]) -> InstitutionPlace | None:
        """What ``part`` answered: the institution the person acts for, and in which of its roles; None for everybody else."""
        return next((InstitutionPlace(*row) for row in rows), None)

    def __call__(self, user_id: UUID) -> InstitutionPlace | None:
        """The same for one account, in a message of its own."""
        return self.read(send(self.part("%s", user_id))[0])


institution_of: Final = _InstitutionOf()


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody of an institution stood at a moment: ``counter`` is empty for the office, ``name`` in the operator's words."""

    counter: str
    name: str


def desks_at(acts: Collection[tuple[UUID, UUID, datetime]]) -> list[Desk]:
    """For each ``(institution, user, aware moment)`` the desk of that time, in the same order. One query for all of them."""
    people = {user for _institution, user, _moment in acts}
    of_person: dict[tuple[UUID, UUID], list[tuple[datetime, Desk]]] = defaultdict(list)
    places = InstitutionMember.objects.filter(user_id__in=people).order_by("since", "id")
    for institution, user, since, counter, name in places.values_list(
        "institution_id", "user_id", "since", "counter", "name"
    ):
        of_person[institution, user].append((since, Desk(counter, name)))
    nowhere = Desk("", "")
    return [_stood(of_person[institution, user], moment) or nowhere for institution, user, moment in acts]


def counter_of(counters: Sequence[tuple[datetime, str]], moment: datetime) -> str:
    """Of a person's counters with the moment each began, in that order: where they stood at ``moment``."""
    return _stood(counters, moment) or ""


def _stood[Place](places: Sequence[tuple[datetime, Place]], moment: datetime) -> Place | None:
    begun = [place for since, place in places if since <= moment]
    # A row from before ``since`` was kept holds the moment of the migration: the oldest one then speaks for the past.
    return begun[-1] if begun else next((place for _since, place in places), None)
