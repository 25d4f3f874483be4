"""Who somebody is to a leg (chain §9, second column), and who may not know of the incident at all (chain §2)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import Actor
from accounts.models import Membership
from accounts.roles import Role
from accounts.same_person import everywhere
from families.purposes import Purpose as Agreed
from families.states import ConsentState
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from referrals.emergency import resolving
from referrals.emergency.models import (
    Answer,
    Card,
    Contact,
    DutyShift,
    Incident,
    Layer,
    LeftOut,
    Leg,
    NeverContact,
    Recipient,
)
from referrals.emergency.models.contacts import number_hash, number_hashes
from referrals.emergency.rules.grades import PARTY_OF, LegKind, Party
from referrals.emergency.rules.leg_states import LegState, Who
from referrals.emergency.rules.outside import Purpose, is_contact, is_gone
from referrals.emergency.rules.step_rules import TEAM, SeatKind
from referrals.emergency.workflow.moving import Locked, lock, own_recipient, speaks
from tenancy.messages import together
from tenancy.page_memory import OnceAPage
from tenancy.scope import current_tenant_id


def must_know(actor: Actor, incident: Incident) -> Actor:
    """``actor``; NotFound for the subject and whoever is excluded about them: to those there is no such incident."""
    if actor.membership_id is None or is_left_out(incident, actor.membership_id):
        raise NotFound
    return actor


def opened(actor: Actor, incident_id: UUID | str) -> Locked:
    """An incident that goes on, held for an act of ``actor``. NotFound as ``must_know``; Conflict ``incident_ended``."""
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    if locked.incident.closed_at is not None:
        raise Conflict("incident_ended")
    return locked


def is_left_out(incident: Incident, member_id: UUID | None) -> bool:
    """Whether the chain hides this incident from a colleague: its subject, whom the subject never wants told, and whom a
    report wanted not to be told.
    """
    return not known_to(member_id).filter(pk=incident.pk).exists()


def left_out_among(incident: Incident, people: Iterable[Membership]) -> set[UUID]:
    """Which of several colleagues the chain hides this incident from: the same, asked at once."""
    out, school = resolving.left_out_of(incident), current_tenant_id()
    return {
        one.pk
        for one in people
        if one.pk in out.members or (out.numbers and one.phone and number_hash(school, one.phone) in out.numbers)
    }


def known_to(member_id: UUID | None) -> QuerySet[Incident]:
    """The incidents of the open school that the chain does not hide from a colleague: every page and count begins here. From
    whom it hides one, it hides it under every account of theirs (``accounts.same_person``).

    One whose time is over is hidden from all: it is about nobody, and so it cannot be said who must not know of it.
    """
    rows = Incident.objects.filter(erased_at=None)
    if member_id is None:
        return rows.none()
    members, named = _named(member_id)
    never = NeverContact.objects.filter(named, person_id=OuterRef("person_id"))
    left_out = LeftOut.objects.filter(named, incident_id=OuterRef("pk"))
    about = Q(person_id__isnull=True) | ~Q(person_id__in=members)
    return rows.filter(about).exclude(Exists(never)).exclude(Exists(left_out))


def hidden_rows(member_id: UUID, *, incident: str = "incident_id") -> Q:
    """What is hidden of a list that reads one table, with a ``person_id`` and, as ``incident``, the incident's key."""
    people, incidents = _hidden_from(member_id)
    return Q(person_id__in=people) | Q(**{f"{incident}__in": incidents})


@OnceAPage
def _hidden_from(member_id: UUID) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """About whom a colleague must know nothing, themself first, and which incidents are kept from them besides."""
    members, named = _named(member_id)
    never = NeverContact.objects.filter(named).values_list("person_id", flat=True)
    left_out = LeftOut.objects.filter(named).values_list("incident_id", flat=True)
    together(never, left_out)
    return members | set(never), frozenset(left_out)


def _named(member_id: UUID) -> tuple[frozenset[UUID], Q]:
    """A colleague under every account, and rows that say that they are not to be told. By person and by number (chain §2):
    either may be named.
    """
    people = everywhere([member_id])
    hashes = number_hashes(current_tenant_id(), people.phones)
    return people.members, Q(member_id__in=people.members) | Q(number_hash__in=hashes)


def who_is(actor: Actor, locked: Locked, leg: Leg) -> frozenset[Who]:
    """All that ``actor`` is to ``leg`` now."""
    member = actor.membership_id
    if member is None:
        return frozenset()
    return standing_to(
        actor.roles,
        seats=resolving.seats_of(member, locked.moment),
        is_owner=owner_of(locked, leg) == member,
        was_paged=speaks(leg, own_recipient(leg, member)),
        is_asked=leg.asked_id == member,
        is_on_duty=asks_duty(leg) and on_duty_rows(member, locked.moment).exists(),
    )


def asks_duty(leg: Leg) -> bool:
    """Whether being on duty is enough to take ``leg``: the school's own. In a drill only who plays answers."""
    return leg.kind == LegKind.SCHOOL and not leg.is_drill


def on_duty_rows(member_id: UUID, moment: datetime) -> QuerySet[DutyShift]:
    """The shift of the first layer that a colleague holds at ``moment`` of the chain. The second is called by its step."""
    rows = DutyShift.objects.filter(holder_id=member_id, layer=Layer.FIRST.value)
    return rows.filter(starts_at__lte=moment, ends_at__gt=moment)


def standing_to(
    roles: frozenset[str],
    *,
    seats: frozenset[SeatKind],
    is_owner: bool,
    was_paged: bool,
    is_asked: bool = False,
    is_on_duty: bool = False,
) -> frozenset[Who]:
    """The same, from what was read for several legs at once.

    ``is_on_duty`` of a leg that ``asks_duty``: who took the duty while somebody else was called has no page of it, and takes
    it all the same. Who was called answers by that page alone.
    """
    found: set[Who] = set()
    if Role.CENTRE in roles:
        found.add(Who.CENTRE)
    if Role.DUTY in roles:
        found.add(Who.DUTY)
    if SeatKind.CENTRE_HEAD in seats:
        found.add(Who.CENTRE_HEAD)
    if seats & set(TEAM):
        found.add(Who.TEAM)
    if is_owner:
        found.add(Who.OWNER)
    if was_paged:
        found.add(Who.RECIPIENT)
    elif is_on_duty:
        found.add(Who.ON_DUTY)
    if is_asked:
        found.add(Who.RECEIVER)
    return frozenset(found)


def leads_duty(actor: Actor) -> bool:
    """Whether ``actor`` is on duty to every leg: what concerns the whole incident and not one leg asks this."""
    return Role.DUTY in actor.roles


def owner_of(locked: Locked, leg: Leg) -> UUID | None:
    """Whose leg it is: its owner's; for a leg that an outside party has, and one that waits, the school's owner's."""
    if leg.owner_id is not None:
        return leg.owner_id
    return locked.school.owner_id if leg.kind != LegKind.TEAM else None


def must_speak_for(leg: Leg, who: frozenset[Who], recipient: Recipient | None, actor: Actor, told: str) -> None:
    """A colleague speaks for themself, or for an outside party, and then says for whom.

    Forbidden ``leg.behalf`` for whoever does not own the school's leg, and on a leg of the school's own; Invalid
    ``behalf_missing`` where an outside party's answer says nobody.
    """
    is_outside = PARTY_OF[LegKind(leg.kind)] is not Party.SCHOOL
    if told and not (is_outside and Who.OWNER in who):
        raise Forbidden(permission="leg.behalf")
    if is_outside and not told and recipient is None and leg.owner_id != actor.membership_id:
        raise Invalid("behalf_missing", fields=(("on_behalf_of", "behalf_missing", "behalf missing"),))


def _reads_progress(recipient: Recipient, moment: datetime) -> bool:
    """Whether a party that still helps has something to read after the end (``workflow.progress``)."""
    cards = Card.objects.filter(recipient=recipient, purpose=Purpose.PROGRESS, revoked_at=None)
    return cards.filter(until__gt=moment).exists()


def must_be_meant(incident: Incident, leg: Leg, recipient: Recipient, moment: datetime) -> None:
    """NotFound for who is never to be told, by person and by number, however late that was said; for a contact who was taken
    off or took back their word; and an hour after the end.

    It bites at once, also for whoever was paged before (chain §2).
    """
    if is_gone(LegState(leg.state), leg.since, moment) and not _reads_progress(recipient, moment):
        raise NotFound
    out = resolving.left_out_of(incident)
    if bytes(recipient.target_hash) in out.numbers or recipient.member_id in out.members:
        raise NotFound
    if recipient.answer == Answer.NONE and is_contact(recipient.role) and not _still_agrees(incident, recipient):
        raise NotFound


def _still_agrees(incident: Incident, recipient: Recipient) -> bool:
    """Whether the number of a contact who was called is still that of one who agrees. Whoever said that they come, and is on
    the way, is not asked: they are let go by their own word, or by whoever is on duty.
    """
    if recipient.member_id is not None or incident.person_id is None:
        return True  # played, in a drill
    given = {"relative__consents__purpose": Agreed.EMERGENCY, "relative__consents__state": ConsentState.GIVEN}
    own = Contact.objects.filter(person_id=incident.person_id, number_hash=recipient.target_hash)
    return own.filter(**given).exists()
