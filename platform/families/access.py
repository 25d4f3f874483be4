"""Loads relatives, children and consents by an untrusted id; NotFound for a stranger (house §style 5)."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.actor import Actor
from families.models import Child, Consent, Relative
from families.rules import age_band
from kernel.errors import NotFound


def _only(rows: QuerySet[Any], row_id: UUID | str) -> Any:
    try:
        found = rows.filter(pk=row_id).first()
    except (ValueError, ValidationError):  # not even an id
        found = None
    if found is None:
        raise NotFound
    return found


def _member(actor: Actor) -> UUID:
    if actor.membership_id is None:
        raise NotFound
    return actor.membership_id


def children_of(actor: Actor) -> QuerySet[Child]:
    """The children whose guardian the actor is."""
    return Child.objects.filter(guardianships__membership_id=_member(actor)).order_by("born", "pk")


def relatives_of(actor: Actor) -> QuerySet[Relative]:
    """Whom the actor named and did not remove."""
    return Relative.objects.filter(person_id=_member(actor), removed_at__isnull=True).order_by("created_at", "pk")


def access_child(actor: Actor, child_id: UUID | str) -> Child:
    """The child, when the actor is a guardian; NotFound otherwise."""
    child: Child = _only(children_of(actor), child_id)
    return child


def child_of(person_id: UUID, child_id: UUID | str) -> Child:
    """The child, when ``person_id`` is a guardian; for a writer that acts in that person's place. NotFound otherwise."""
    child: Child = _only(Child.objects.filter(guardianships__membership_id=person_id), child_id)
    return child


def children_born(person_id: UUID, born: date) -> list[Child]:
    """Whom ``person_id`` answers for and who was born on that day, as somebody was told who asks in their place."""
    return list(Child.objects.filter(guardianships__membership_id=person_id, born=born).order_by("pk")[:2])


def age_band_of(child_id: UUID, day: date) -> str:
    """The age band of a child of the open school on ``day``, for a partner that sees no more (rules §2)."""
    return age_band(Child.objects.values_list("born", flat=True).get(pk=child_id), day)


def access_relative(actor: Actor, relative_id: UUID | str) -> Relative:
    """The relative, when the actor named them; NotFound otherwise."""
    relative: Relative = _only(relatives_of(actor), relative_id)
    return relative


def access_consent(actor: Actor, consent_id: UUID | str) -> Consent:
    """A consent that the actor gave or asked for; NotFound otherwise."""
    consent: Consent = _only(Consent.objects.filter(person_id=_member(actor)), consent_id)
    return consent
