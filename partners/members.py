"""Who works where: the hook by which ``accounts`` learns a partner's institution (``settings.INSTITUTION_OF``)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.places import InstitutionPlace
from kernel.clock import local_day, now
from partners.models import InstitutionMember
from partners.states import InstitutionState

INSTITUTION = "institution"
"""The kind of these places among those that wait (``accounts.invitations``)."""

GONE = (InstitutionState.TERMINATED, InstitutionState.ARCHIVED)


def membership_of(user_id: UUID) -> InstitutionMember | None:
    """The person's present place in an institution that still exists for us, with the institution loaded. One query."""
    return (
        InstitutionMember.objects.current(local_day(now()))
        .select_related("institution")
        .filter(user_id=user_id)
        .exclude(institution__state__in=GONE)
        .order_by("id")
        .first()
    )


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
