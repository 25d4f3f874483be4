"""The only writers of a person's contacts. Consent itself is families': asked, answered and ended there.

Locks: the person's place (everything about one person's contacts is one after the other), then relative, links and
consent, then contact. What families end comes in by ``consent_ended`` with relative, links and consent locked already.
"""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.once import Taken, once
from audit import record
from families.access import access_relative, children_of
from families.models import Relation, Relative
from families.purposes import Purpose
from families.workflow import ask_consent, end_purpose
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound, Refused
from notifications.outbox import enqueue
from referrals.emergency.access import access_contact, person_of
from referrals.emergency.models import Contact, NeverContact
from referrals.emergency.models.contacts import ONE_OF_A_NUMBER, Fault, GradeChoices, NextOfKin, number_hash
from referrals.emergency.rules.contacts import MOST_CONTACTS, is_adult
from referrals.emergency.workflow.numbers import refuse_number
from referrals.emergency.workflow.withdrawing import let_go, no_page_leaves
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

MINE: Final = "/my/contacts/"

_TAKEN: Final[Taken] = {
    ONE_OF_A_NUMBER: lambda: Conflict("contact_number_twice", fields=(("relative", "contact_number_twice", ""),)),
}


@transaction.atomic
def add_contact(
    *,
    actor: Actor,
    relative_id: UUID | str,
    grades: Collection[str],
    is_of_age: bool,
    is_next_of_kin: str = NextOfKin.UNKNOWN,
    born: date | None = None,
) -> Contact:
    """Give a relative the next place. They are called only once they agree, and only at ``grades``.

    ``is_of_age``: the person says that they are 18 or older; ``born`` is asked for a son or daughter, looked at and not kept.
    Invalid for grades or kinship that are not known; Refused for who is under age, a third contact, and a number that the
    chain may not call (``refuse_number``); Conflict when relative or number stand there already.
    """
    require(actor, "contact.own")
    person = locked_person(actor)
    relative = _locked_relative(actor, relative_id)
    chosen, kin = _checked_grades(grades), _checked_kin(is_next_of_kin)
    today = _today()
    _refuse_under_age(actor, relative, is_of_age=is_of_age, born=born, today=today)
    refuse_number(person, relative.phone)
    if Contact.objects.filter(relative=relative).exists():
        raise Conflict("contact_twice", fields=(("relative", "contact_twice", ""),))
    taken = set(Contact.objects.filter(person=person).values_list("rank", flat=True))
    if len(taken) >= MOST_CONTACTS:
        raise Refused("contacts_full")
    contact = Contact(
        person=person,
        relative=relative,
        rank=min({1, 2} - taken),
        grades=chosen,
        number_hash=number_hash(current_tenant_id(), relative.phone),
        is_next_of_kin=kin,
        confirmed_on=today,
    )
    with once(_TAKEN):
        contact.save(force_insert=True)
    record(actor=actor, action="contact.add", obj=contact, facts={"rank": contact.rank, "grades": chosen})
    return contact


@transaction.atomic
def change_contact(
    *, actor: Actor, contact_id: UUID | str, grades: Collection[str], is_next_of_kin: str = NextOfKin.UNKNOWN
) -> Contact:
    """At which grades they may be called, and whether they are next of kin. Invalid as ``add_contact``."""
    require(actor, "contact.own")
    contact = _locked(actor, contact_id)
    contact.grades, contact.is_next_of_kin = _checked_grades(grades), _checked_kin(is_next_of_kin)
    contact.save(update_fields=["grades", "is_next_of_kin"])
    record(actor=actor, action="contact.change", obj=contact, facts={"grades": contact.grades})
    return contact


@transaction.atomic
def call_first(*, actor: Actor, contact_id: UUID | str) -> None:
    """The contact is called before the other one. May run twice."""
    require(actor, "contact.own")
    contact = _locked(actor, contact_id)
    if contact.rank == 1:
        return
    # One statement for both: the key is looked at when it ends.
    Contact.objects.filter(person_id=contact.person_id).update(rank=3 - F("rank"))
    record(actor=actor, action="contact.first", obj=contact)


@transaction.atomic
def remove_contact(*, actor: Actor, contact_id: UUID | str) -> None:
    """Take somebody off: what they agreed to ends with it, their link stops working, the other one moves up."""
    require(actor, "contact.own")
    locked_person(actor)
    contact = access_contact(actor, contact_id)
    # Families lock first and call ``consent_ended``, which locks the contacts: all before the record.
    end_purpose(actor=actor, relative_id=contact.relative_id, purpose=Purpose.EMERGENCY)
    _take_off(contact)
    record(actor=actor, action="contact.remove", object_type="emergency.contact", object_id=contact_id)


@transaction.atomic
def ask_contact(*, actor: Actor, contact_id: UUID | str) -> str:
    """Ask a contact for their agreement; returns the secret of the link, told once. Conflict ``consent_given``."""
    require(actor, "contact.own")
    contact = access_contact(actor, contact_id)
    return ask_consent(actor=actor, relative_id=contact.relative_id, purpose=Purpose.EMERGENCY)


@transaction.atomic
def confirm_contacts(*, actor: Actor) -> int:
    """The person says that all is still right; asked again in a year. How many contacts that was. May run twice."""
    require(actor, "contact.own")
    person, today = locked_person(actor), _today()
    mine = list(_locked_rows(person.pk).values())
    Contact.objects.filter(pk__in=[contact.pk for contact in mine]).update(confirmed_on=today)
    for contact in mine:
        record(actor=actor, action="contact.confirm", obj=contact)
    return len(mine)


@transaction.atomic
def mark_number(person_id: UUID, tried: bytes, fault: Fault) -> bool:
    """A sender, or somebody who answered, says that a number is no good. Nobody is called at it until the person mends it.

    ``tried`` is the ``number_hash`` that was called: a number that was changed meanwhile is nobody's and is not marked.
    Returns whether it was marked now; the person is told once.
    """
    contact = next((row for row in _locked_rows(person_id).values() if bytes(row.number_hash) == tried), None)
    if contact is None or contact.fault:
        return False
    contact.fault, contact.bounced_at = fault, now()
    contact.save(update_fields=["fault", "bounced_at"])
    no_longer_called(contact, told="contact_number_fails")
    record(actor=None, action="contact.fault", obj=contact, facts={"fault": str(fault)})
    return True


def mark_bounced(person_id: UUID, tried: bytes) -> bool:
    """The number could not be reached (``mark_number``)."""
    return mark_number(person_id, tried, Fault.BOUNCED)


def mark_wrong(person_id: UUID, tried: bytes) -> bool:
    """Somebody else answers at the number (``mark_number``)."""
    return mark_number(person_id, tried, Fault.WRONG)


@transaction.atomic
def trust_number(*, actor: Actor, contact_id: UUID | str) -> Contact:
    """The person has looked: the number that could not be reached is right. May run twice.

    Refused ``number_is_wrong`` where somebody else answered: only another number helps.
    """
    require(actor, "contact.own")
    contact = _locked(actor, contact_id)
    if contact.fault == Fault.WRONG:
        raise Refused("number_is_wrong")
    contact.fault, contact.bounced_at = "", None
    contact.save(update_fields=["fault", "bounced_at"])
    record(actor=actor, action="contact.trust", obj=contact)
    return contact


def consent_ended(relative: Relative, *, by_person: bool, is_minor: bool) -> None:
    """The hook ``settings.CONSENT_ENDED`` of families: a relative withdrew, was changed or removed. In their transaction.

    A new number is looked at like that of a new contact; what it raises undoes the change of the relative.
    """
    contact = _locked_rows(relative.person_id).get(relative.pk)
    if contact is None:
        return
    if relative.removed_at is not None or is_minor:
        _take_off(contact)
        return
    hashed, tried = number_hash(current_tenant_id(), relative.phone), bytes(contact.number_hash)
    if hashed != tried:
        refuse_number(Membership.objects.get(pk=contact.person_id), relative.phone)
        contact.number_hash, contact.fault, contact.bounced_at = hashed, "", None
        contact.confirmed_on = _today()
        with once(_TAKEN):
            contact.save(update_fields=["number_hash", "fault", "bounced_at", "confirmed_on"])
    no_longer_called(contact, told="" if by_person else "contact_ended", tried=tried)


def barred_now(never: NeverContact) -> None:
    """Somebody came onto the list of those never called: a contact who has that number stops being one who is called."""
    hashes = {bytes(never.number_hash or b"")}
    if never.member is not None and never.member.phone:
        hashes = {number_hash(current_tenant_id(), never.member.phone)}
    members = [never.member_id] if never.member_id else []
    rows = _locked_rows(never.person_id)  # contacts before incidents, as whoever withdraws has them
    no_page_leaves(never.person_id, numbers=[number for number in hashes if number], members=members)
    for contact in rows.values():
        if bytes(contact.number_hash) in hashes:
            no_longer_called(contact)
    let_go(never.person_id, numbers=[number for number in hashes if number])


def no_longer_called(contact: Contact, *, told: str = "", tried: bytes | None = None) -> None:
    """The one place through which everything passes that ends a contact's readiness. Under the contact's lock.

    ``told``: the message to the person, when somebody else ended it. ``tried``: the number that may be called no more,
    where the contact has another by now.
    """
    no_page_leaves(contact.person_id, numbers=[tried or bytes(contact.number_hash)])
    if told:
        moment = f"{now():%Y%m%dT%H%M%S%f}"
        person = Membership.objects.get(pk=contact.person_id)
        enqueue(key=f"contact:{contact.pk}:{told}:{moment}", template=told, to=person, link=MINE)


def locked_person(actor: Actor) -> Membership:
    """The actor's place, locked: all that is written about one person's contacts waits here."""
    person: Membership = Membership.objects.select_for_update(no_key=True).get(pk=person_of(actor))
    return person


def _take_off(contact: Contact) -> None:
    no_longer_called(contact)
    person_id = contact.person_id
    contact.delete()
    Contact.objects.filter(person_id=person_id, rank=2).update(rank=1)


def _locked(actor: Actor, contact_id: UUID | str) -> Contact:
    locked_person(actor)
    asked = access_contact(actor, contact_id)
    contact = _locked_rows(asked.person_id).get(asked.relative_id)
    if contact is None:  # taken off while we waited
        raise NotFound
    return contact


def _locked_rows(person_id: UUID) -> dict[UUID, Contact]:
    """Relative → contact, all of a person, locked in one order."""
    rows = Contact.objects.select_for_update(no_key=True).filter(person_id=person_id).order_by("pk")
    return {contact.relative_id: contact for contact in rows}


def _locked_relative(actor: Actor, relative_id: UUID | str) -> Relative:
    relative: Relative = Relative.objects.select_for_update(no_key=True).get(pk=access_relative(actor, relative_id).pk)
    if relative.removed_at is not None:  # removed while we waited for the row
        raise NotFound
    return relative


def _refuse_under_age(actor: Actor, relative: Relative, *, is_of_age: bool, born: date | None, today: date) -> None:
    if not is_of_age:
        raise Refused("contact_of_age", fields=(("is_of_age", "contact_of_age", ""),))
    if relative.relation != Relation.CHILD:
        return
    if born is None:
        raise Invalid("born_missing", fields=(("born", "born_missing", ""),))
    known = [child.born for child in children_of(actor) if child.name == relative.name]
    if not all(is_adult(day, today) for day in (born, *known)):
        raise Refused("contact_under_age", fields=(("born", "contact_under_age", ""),))


def _checked_grades(grades: Collection[str]) -> list[str]:
    """In the order of their weight, each once."""
    if unknown := set(grades) - set(GradeChoices.values):
        raise Invalid("grade_unknown", fields=(("grades", "grade_unknown", str(len(unknown))),))
    if not grades:
        raise Invalid("grades_missing", fields=(("grades", "grades_missing", ""),))
    return [grade for grade in GradeChoices.values if grade in grades]


def _checked_kin(kin: str) -> str:
    if kin not in NextOfKin.values:
        raise Invalid("kin_unknown", fields=(("is_next_of_kin", "kin_unknown", ""),))
    return kin


def _today() -> date:
    return Tenant.objects.only("time_zone").get(pk=current_tenant_id()).today()
