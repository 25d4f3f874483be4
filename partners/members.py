"""Who works where: the hook by which ``accounts`` learns a partner's institution (``settings.INSTITUTION_OF``)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.places import InstitutionPlace
from kernel.clock import local_day, now
from partners.models import Institution, InstitutionMember
from partners.states import InstitutionState
from tenancy.messages import global_rows_of, read, send
from ui.names import named

INSTITUTION = "institution"
"""The kind of these places among those that wait (``accounts.invitations``)."""

_PLACE = """user_id = %s AND (valid_until IS NULL OR valid_until > %s) AND institution_id IN
    (SELECT id FROM partners_institution WHERE state <> ALL (%s)) ORDER BY id LIMIT 1"""
_ITS_INSTITUTION = f"id = (SELECT institution_id FROM partners_institutionmember WHERE {_PLACE})"  # noqa: S608 - a literal
GONE = (InstitutionState.TERMINATED, InstitutionState.ARCHIVED)


def membership_of(user_id: UUID) -> InstitutionMember | None:
    """The person's present place in an institution that still exists for us, with the institution loaded. One message.

    Every request of a partner begins with it, so its text is made once; it says what ``current`` says.
    """
    wanted = (user_id, local_day(now()), list(GONE))
    places, institutions = send(
        global_rows_of(InstitutionMember, _PLACE, *wanted), global_rows_of(Institution, _ITS_INSTITUTION, *wanted)
    )
    if not places or not institutions:  # each statement looks anew: it may have ended between the two
        return None
    member = read(InstitutionMember, places)[0]
    member.institution = read(Institution, institutions)[0]
    return member


def institution_of(user_id: UUID) -> InstitutionPlace | None:
    """The institution a signed-in person acts for, and in which of its roles; None for everybody else."""
    member = membership_of(user_id)
    if member is None:
        return None
    return InstitutionPlace(
        institution_id=member.institution_id,
        role=member.role,
        display_name=member.name or member.counter or named(member.institution),
    )


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
