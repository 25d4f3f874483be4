"""The only writers of relatives and children."""

from datetime import date
from typing import cast
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from audit import record
from families import rules
from families.access import access_child
from families.checks import checked_name, checked_relation, child_key, school_day
from families.ended import consent_ended
from families.models import Child, Guardianship, Relation, Relative
from families.workflow.rows import end_all, locked_relative, person_of
from kernel.clock import now
from kernel.errors import Conflict
from vault.phones import normalise_phone


@transaction.atomic
def register_relative(*, actor: Actor, relation: str, name: str, phone: str, born: date | None = None) -> Relative:
    """Name a relative. ``born`` is asked for a son or daughter only, looked at and not kept.

    Invalid for what cannot be read; Refused ``guardian_needed`` for a child under 14, who is never asked by link.
    """
    require(actor, "contact.own")
    person_id = person_of(actor)
    relative = Relative(person_id=person_id, relation=checked_relation(relation, born))
    relative.name = checked_name(name)
    relative.phone = normalise_phone(phone)
    relative.save(force_insert=True)
    record(actor=actor, action="relative.register", obj=relative, facts={"relation": relation})
    return relative


@transaction.atomic
def change_relative(
    *, actor: Actor, relative_id: UUID | str, relation: str, name: str, phone: str, born: date | None = None
) -> Relative:
    """Correct what is known of a relative. Errors as ``register_relative``.

    With another name or number all that was asked and agreed ends: the answer was given for the old ones.
    """
    require(actor, "contact.own")
    relative = locked_relative(actor, relative_id)
    is_minor = False
    if relation != relative.relation:
        relative.relation = checked_relation(relation, born)
        is_minor = relation == Relation.CHILD and born is not None and not rules.is_grown(born, school_day())
    name, phone = checked_name(name), normalise_phone(phone)
    same = (name, phone) == (relative.name, relative.phone)
    ended = 0 if same else end_all(relative)
    relative.name, relative.phone = name, phone
    relative.save(update_fields=["relation", "name_sealed", "phone_sealed"])
    if not same or is_minor:
        consent_ended(relative, by_person=True, is_minor=is_minor)
    record(actor=actor, action="relative.change", obj=relative, facts={"relation": relation, "ended": ended})
    return relative


@transaction.atomic
def forget_relative(*, actor: Actor, relative_id: UUID | str) -> None:
    """Remove a relative: name and number are erased, consents withdrawn, links dead. The row stays for its history."""
    require(actor, "contact.own")
    relative = locked_relative(actor, relative_id)
    end_all(relative)
    relative.name = relative.phone = ""
    relative.removed_at = now()
    relative.save(update_fields=["name_sealed", "phone_sealed", "removed_at"])
    consent_ended(relative, by_person=True)
    record(actor=actor, action="relative.forget", obj=relative)


@transaction.atomic
def register_child(*, actor: Actor, name: str, born: date) -> Child:
    """Register a child with the actor as guardian. A child whom the other parent registered is linked, not doubled (rules §1)."""
    require(actor, "child.own")
    person_id = person_of(actor)
    name = checked_name(name)
    same_child = child_key(name, born)
    child: Child | None = Child.objects.filter(same_child=same_child).first()
    known = child is not None
    if child is None:
        child = Child(born=born, same_child=same_child)
        child.name = name
        # Both parents may press the button at once: one row stays, both are linked to it.
        Child.objects.bulk_create([child], ignore_conflicts=True)
        child = cast(Child, Child.objects.get(same_child=same_child))
    Guardianship.objects.bulk_create([Guardianship(membership_id=person_id, child=child)], ignore_conflicts=True)
    record(actor=actor, action="child.register", obj=child, facts={"known": known, "guardian": person_id})
    return child


@transaction.atomic
def change_child(*, actor: Actor, child_id: UUID | str, name: str, born: date) -> Child:
    """Correct a child's name or birth. The child stays the same one, with its quota and its requests.

    Conflict ``child_shared`` when the other parent entered the same words, ``child_known`` when the school has that child
    already; Invalid as ``register_child``.
    """
    require(actor, "child.own")
    child: Child = Child.objects.select_for_update(no_key=True).get(pk=access_child(actor, child_id).pk)
    if Guardianship.objects.filter(child=child).count() > 1:
        raise Conflict("child_shared")
    child.name, child.born = checked_name(name), born
    child.same_child = child_key(child.name, born)
    try:
        with transaction.atomic():
            child.save(update_fields=["name_sealed", "born", "same_child"])
    except IntegrityError as error:  # the words of another child of the school, entered a moment or a year ago
        raise Conflict("child_known") from error
    record(actor=actor, action="child.change", obj=child)
    return child


@transaction.atomic
def release_child(*, actor: Actor, child_id: UUID | str) -> None:
    """The actor is no longer a guardian here. Requests already made keep the child; the other parent is not touched."""
    require(actor, "child.own")
    child = access_child(actor, child_id)
    Guardianship.objects.filter(membership_id=person_of(actor), child=child).delete()
    record(actor=actor, action="child.release", obj=child)
