"""Loads open days by an untrusted id; NotFound for a stranger (house §style 5)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.actor import Actor, require
from content.opendays.models import OpenDay, Party, Session, Steward
from content.opendays.states import DayState
from kernel.clock import now
from kernel.errors import NotFound


def only(rows: QuerySet[Any], row_id: UUID | str) -> Any:
    """The row of that id among ``rows``; NotFound for none, or for what is no id."""
    try:
        found = rows.filter(pk=row_id).first()
    except (ValueError, ValidationError):
        found = None
    if found is None:
        raise NotFound
    return found


def organised(actor: Actor, open_day_id: UUID | str, *, lock: bool = False) -> OpenDay:
    """The day, for who organises it; locked for a writer."""
    require(actor, "openday.run")
    rows = OpenDay.objects.select_for_update(no_key=True) if lock else OpenDay.objects.all()
    found: OpenDay = only(rows, open_day_id)
    return found


def session_of(day: OpenDay, session_id: UUID | str) -> Session:
    """A session of that day."""
    found: Session = only(Session.objects.filter(open_day=day), session_id)
    return found


def steward_at(day: OpenDay, steward_id: UUID | str) -> Steward:
    """A steward's link of that day."""
    found: Steward = only(Steward.objects.filter(open_day=day), steward_id)
    return found


def offered_to_staff(actor: Actor) -> QuerySet[OpenDay]:
    """The days that a member of the staff may invite to."""
    require(actor, "openday.invite")
    return OpenDay.objects.filter(state=DayState.OPEN, ends_at__gt=now()).order_by("starts_at")


def invited_party(actor: Actor, party_id: UUID | str, *, is_named: bool = True) -> Party:
    """A family that came by the actor's own invitation; with ``is_named`` only while its form of address is kept."""
    require(actor, "openday.invite")
    rows = Party.objects.select_related("open_day").filter(invitation__person_id=actor.membership_id, was_removed=False)
    if is_named:
        rows = rows.filter(open_day__names_wiped_at__isnull=True)
    found: Party = only(rows, party_id)
    return found
