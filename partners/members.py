"""Who works where: the hook by which ``accounts`` learns a partner's institution (``settings.INSTITUTION_OF``)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.places import InstitutionPlace
from kernel.clock import local_day, now
from partners.models import Institution, InstitutionMember
from partners.states import InstitutionState
from tenancy.messages import global_rows_of, read, send

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
        display_name=member.name or member.counter or member.institution.name,
    )


def counter_at(user_id: UUID, institution_id: UUID, moment: datetime) -> str:
    """The counter at which the person stood at ``moment`` (aware); empty for the office: never a person's name."""
    places = InstitutionMember.objects.filter(user_id=user_id, institution_id=institution_id).order_by("since", "id")
    return counter_of(list(places.values_list("since", "counter")), moment)


def counter_of(counters: Sequence[tuple[datetime, str]], moment: datetime) -> str:
    """Of a person's counters with the moment each began, in that order: where they stood at ``moment``."""
    begun = [counter for since, counter in counters if since <= moment]
    # A row from before ``since`` was kept holds the moment of the migration: the oldest one then speaks for the past.
    return begun[-1] if begun else next((counter for _since, counter in counters), "")
