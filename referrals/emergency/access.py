"""Loads rows of the chain by an untrusted id; NotFound for a stranger (house §style 5)."""

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.actor import Actor
from kernel.errors import NotFound
from referrals.emergency.models import Contact, NeverContact, Timeline

LIFTED: Final = "never.lifted"
"""Of the timeline's rows that say that what was written on duty was taken off the list."""
MOST_LIFTED: Final = 20


def person_of(actor: Actor) -> UUID:
    """The actor's own place. NotFound for who has none here."""
    if actor.membership_id is None:
        raise NotFound
    return actor.membership_id


def contacts_of(actor: Actor) -> QuerySet[Contact]:
    """The actor's own contacts in the order in which they are called."""
    return Contact.objects.filter(person_id=person_of(actor)).select_related("relative").order_by("rank")


def never_of(actor: Actor) -> QuerySet[NeverContact]:
    """Whom the chain never calls about the actor, oldest first."""
    return NeverContact.objects.filter(person_id=person_of(actor)).order_by("created_at", "pk")


def lifted_of(actor: Actor) -> QuerySet[Timeline]:
    """What was written on duty about the actor and has been taken off since, newest first: that it was, and when."""
    rows = Timeline.objects.filter(incident__person_id=person_of(actor), code=LIFTED)
    return rows.only("at", "facts").order_by("-at", "-pk")[:MOST_LIFTED]


def access_contact(actor: Actor, contact_id: UUID | str) -> Contact:
    """The contact, when it is the actor's own; NotFound otherwise."""
    contact: Contact = _only(contacts_of(actor), contact_id)
    return contact


def access_never(actor: Actor, never_id: UUID | str) -> NeverContact:
    """The row of the actor's own list; NotFound otherwise."""
    never: NeverContact = _only(never_of(actor), never_id)
    return never


def _only(rows: QuerySet[Any], row_id: UUID | str) -> Any:
    try:
        found = rows.filter(pk=row_id).first()
    except (ValueError, ValidationError):  # not even an id
        found = None
    if found is None:
        raise NotFound
    return found
