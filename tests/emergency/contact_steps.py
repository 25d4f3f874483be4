"""Contacts as a member of the staff names them, for the tests of the chain."""

from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Membership
from audit.models import AuditEntry
from families.models import Relative
from families.workflow import answer_consent, register_relative
from notifications.models import OutboxMessage
from referrals.emergency.leg_facts import facts_of
from referrals.emergency.models import Contact, Incident, Leg, NeverContact
from referrals.emergency.resolving import Resolver
from referrals.emergency.rules.step_rules import StepRule, Target
from referrals.emergency.workflow.contacts import add_contact, ask_contact
from tests.conftest import actor_of, make_person
from tests.emergency.incident_rows import incident_row
from tests.emergency.rota import chain_now

SPOUSE = "13800138000"
MOTHER = "0571-85550123"


def somebody(school: Any, *roles: str, **values: Any) -> Actor:
    """A member of the school as they act."""
    found: Actor = actor_of(make_person(school, *roles, **values))
    return found


def named(actor: Actor, phone: str = SPOUSE, **values: Any) -> Relative:
    """A relative of the actor."""
    return register_relative(actor=actor, **{"relation": "spouse", "name": "王小明", "phone": phone, **values})


def contact(actor: Actor, phone: str = SPOUSE, *, relation: str = "spouse", **values: Any) -> Contact:
    """A contact who is not asked yet, at the two grave grades unless said."""
    relative = named(actor, phone, relation=relation, name="王小明" if relation == "spouse" else "陈秀英")
    values = {"grades": ["major", "extreme"], "is_of_age": True, **values}
    return add_contact(actor=actor, relative_id=relative.pk, **values)


def agreed(actor: Actor, phone: str = SPOUSE, **values: Any) -> tuple[Contact, str]:
    """A contact who agreed, and their link, by which they can withdraw."""
    made = contact(actor, phone, **values)
    token = ask_contact(actor=actor, contact_id=made.pk)
    answer_consent(token=token, answer="agree")
    return made, token


def member_of(actor: Actor) -> Membership:
    """The actor's place."""
    found: Membership = Membership.objects.get(pk=actor.membership_id)
    return found


def standing() -> tuple[list[Any], ...]:
    """Everything that a refused act must leave as it was: rows, messages, record."""
    return (
        list(Contact.objects.order_by("pk").values_list("pk", "rank", "grades", "fault", "number_hash")),
        list(NeverContact.objects.order_by("pk").values_list("pk", flat=True)),
        list(OutboxMessage.objects.order_by("pk").values_list("key", flat=True)),
        list(AuditEntry.objects.order_by("seq").values_list("action", flat=True)),
    )


def called(actor: Actor, grade: str = "extreme") -> list[tuple[int, str]]:
    """Whom the engine would call for the actor now: (place, number). By its own rule, in the incident about them or one that is undone."""
    with transaction.atomic():
        live = Incident.objects.filter(person=actor.membership_id, closed_at=None).first()
        incident = live or incident_row(member_of(actor))
        leg = Leg(incident=incident, kind="family", grade=grade)
        resolver = Resolver(facts_of([incident.pk], chain_now()), {incident.pk: actor.membership_id})
        found = [
            (rank, reached.addresses["voice"])
            for rank in (1, 2)
            for reached in resolver.reach(leg, StepRule(Target.CONTACT, number=rank))
        ]
        transaction.set_rollback(True)
    return found
