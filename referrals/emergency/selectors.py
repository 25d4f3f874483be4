"""Who may be called for a person now, who never, and how many of a school have somebody. Reading only, never a cache."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Count, QuerySet

from accounts.models import Department, Membership, MembershipQuerySet
from accounts.permissions import EMPLOYEES
from families.models import Consent, FamilyLink, Relative
from families.purposes import Purpose
from families.states import ConsentState
from kernel.clock import now
from kernel.errors import Invalid
from kernel.fold import name_key
from partners.kinds import InstitutionKind
from partners.models import Agreement, Institution
from partners.states import BOOKABLE_AGREEMENTS, BOOKABLE_INSTITUTIONS
from referrals.emergency.models import Contact, ContactAsked, LeftOut, NeverContact
from referrals.emergency.models.contacts import Fault, number_hash
from referrals.emergency.rules.contacts import ASK_AGAIN, Readiness
from referrals.emergency.rules.numbers import is_abroad
from tenancy.messages import together
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

_SAID: Final = {
    ConsentState.GIVEN: Readiness.READY,
    ConsentState.REFUSED: Readiness.REFUSED,
    ConsentState.WITHDRAWN: Readiness.ENDED,
}
_FAULTS: Final = {Fault.BOUNCED: Readiness.BOUNCED, Fault.WRONG: Readiness.WRONG}


class Excluded(NamedTuple):
    """Who is never paged about a person: by number (``number_hash``) and by place in the school."""

    numbers: frozenset[bytes]
    members: frozenset[UUID]


class Cover(NamedTuple):
    """Of ``whole`` people, how many have at least one contact who agreed and can be called. ``name`` "" for what is joined."""

    name: str
    reached: int
    whole: int

    @property
    def missing(self) -> int:
        """How many have nobody."""
        return self.whole - self.reached

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 is everybody."""
        return self.reached * 100 // self.whole if self.whole else 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole school, and its departments as far as they may be told apart."""

    whole: Cover
    departments: list[Cover]


def readiness_of(contacts: Sequence[Contact], *, with_numbers: bool = True) -> dict[UUID, Readiness]:
    """How each of the contacts stands now, by key. ``with_numbers``: opens the number to tell one abroad, called by hand."""
    said = _consents(contacts)
    links = _answerable(said.values())
    barred = excluded_of({contact.person_id for contact in contacts})
    found = {}
    for contact in contacts:
        if contact.fault:
            found[contact.pk] = _FAULTS[Fault(contact.fault)]
        elif bytes(contact.number_hash) in barred[contact.person_id].numbers:
            found[contact.pk] = Readiness.BARRED
        else:
            found[contact.pk] = _answered(said.get(contact.relative_id), links)
        if with_numbers and found[contact.pk] is Readiness.READY and is_abroad(contact.relative.phone):
            found[contact.pk] = Readiness.BY_HAND
    return found


def agreed_without_place(person_id: UUID) -> int:
    """How many of the person's family agreed to be called and stand in no place: asked on the family's page."""
    given = Consent.objects.filter(
        person_id=person_id, purpose=Purpose.EMERGENCY, state=ConsentState.GIVEN, relative__removed_at__isnull=True
    )
    return given.exclude(relative_id__in=Contact.objects.filter(person_id=person_id).values("relative_id")).count()


def staff_on(day: date) -> MembershipQuerySet:
    """Everybody who works at the open school on ``day``: the bureau's people do not."""
    return Membership.objects.current(day).filter(roles__overlap=sorted(EMPLOYEES))


def is_small(school: Tenant, name: str, moment: datetime) -> bool:
    """Whether ``name`` leads to a department of the school that has too few people to be named (``fewest_people``).

    It leads there as it is called; else where it stands in what was typed, or begins or ends it: 体艺组的老师, 体艺.
    """
    asked = name_key(name)
    keys = list(Department.objects.values_list("pk", "key"))
    near = {pk for pk, key in keys if key in asked or (len(asked) > 1 and asked in key)}
    meant = {pk for pk, key in keys if key == asked} or near
    if not meant:
        return False
    people = staff_on(school.day_of(moment)).filter(department__in=meant).values_list("department").order_by()
    many = dict(people.annotate(many=Count("pk")))
    return min(many.get(pk, 0) for pk in meant) < school.settings.fewest_people


class Staff:
    """The rows that say who works here and who of them has somebody, to be asked in one message with others (``asked``).

    What hangs on a contact is read bare: a school of five thousand has ten thousand of them.
    """

    def __init__(self, day: date) -> None:
        self._contacts = Contact.objects.values_list("person_id", "relative_id", "number_hash", "fault")
        said = Consent.objects.filter(purpose=Purpose.EMERGENCY, relative__isnull=False)
        self._said = said.order_by("asked_at", "pk").values_list("relative_id", "state")
        self._never = NeverContact.objects.select_related("member")
        self._names = Department.objects.order_by("sort_key", "pk").values_list("pk", "name")
        self._places = staff_on(day).values_list("pk", "department_id")

    @property
    def asked(self) -> list[QuerySet[Any]]:
        """What ``tenancy.messages.together`` reads."""
        return [self._contacts, self._said, self._never, self._names, self._places]

    @property
    def keys(self) -> set[UUID]:
        """The places of everybody who works here."""
        return {pk for pk, _department in self._places}

    def reached(self) -> set[UUID]:
        """Whose contacts, one at least, agreed and can be called: by the rule of ``readiness_of``."""
        return set(self._called)

    @cached_property
    def _called(self) -> dict[UUID, list[UUID]]:
        """Person → the relatives who can be called for them; nobody without one."""
        said = dict(self._said)  # the last word of each stays
        barred = excluded_by((row.person_id, bytes(row.number_hash or b"") or None, row.member) for row in self._never)
        called: dict[UUID, list[UUID]] = defaultdict(list)
        for person, relative, number, fault in self._contacts:
            is_barred = person in barred and bytes(number) in barred[person].numbers
            if not (fault or is_barred) and said.get(relative) == ConsentState.GIVEN:
                called[person].append(relative)
        return dict(called)

    def only_by_hand(self) -> set[UUID]:
        """Who works here and is reached by contacts abroad alone: no machine calls them (chain §2).

        A number is opened for each person, until one at home is found.
        """
        keys = self.keys
        own = {person: pks for person, pks in self._called.items() if person in keys}
        rows = Relative.objects.only("tenant", "phone_sealed").in_bulk([pk for pks in own.values() for pk in pks])
        return {person for person, pks in own.items() if all(is_abroad(rows[pk].phone) for pk in pks)}

    def coverage(self, fewest: int, reached: Collection[UUID]) -> Coverage:
        """The whole, and the departments that may be told apart."""
        names = dict(self._names)
        people: dict[UUID | None, list[UUID]] = defaultdict(list)
        for pk, department in self._places:
            people[department].append(pk)
        covers = {
            key: Cover(names.get(key, ""), sum(pk in reached for pk in pks), len(pks)) for key, pks in people.items()
        }
        whole = Cover("", sum(row.reached for row in covers.values()), sum(row.whole for row in covers.values()))
        return Coverage(whole, _told_apart([covers[key] for key in (*names, None) if key in covers], fewest))


def departments_with(fewest: int, day: date) -> list[tuple[UUID, str]]:
    """Key and name of those in which so many people work: to name a smaller one would be to name people."""
    rows = staff_on(day).exclude(department=None).values("department", "department__name", "department__sort_key")
    found = rows.annotate(people=Count("pk")).filter(people__gte=fewest).order_by("department__sort_key", "department")
    return [(row["department"], row["department__name"]) for row in found]


def reached_people(day: date) -> set[UUID]:
    """Keys of the places whose people have at least one contact who agreed and can be called."""
    return Staff(day).reached()


def coverage(day: date, *, fewest: int, reached: Collection[UUID] | None = None) -> Coverage:
    """How many of the school have somebody, on ``day``. A department stands alone only with ``fewest`` people or more.

    Smaller ones are joined, and with them the smallest of the others when they are too few even so: what is left of the
    whole would else tell of one person. ``reached``: ``reached_people``, where they were asked for already.
    """
    staff = Staff(day)
    return staff.coverage(fewest, staff.reached() if reached is None else reached)


def _told_apart(rows: list[Cover], fewest: int) -> list[Cover]:
    alone = [row for row in rows if row.name and row.whole >= fewest]
    rest = [row for row in rows if row not in alone]
    if rest and sum(row.whole for row in rest) < fewest and alone:
        smallest = min(alone, key=lambda row: row.whole)
        alone, rest = [row for row in alone if row != smallest], [*rest, smallest]
    joined = Cover("", sum(row.reached for row in rest), sum(row.whole for row in rest))
    return alone + ([joined] if joined.whole >= fewest and alone else [])


def missing_people(day: date, reached: Collection[UUID] | None = None) -> QuerySet[Membership]:
    """Who has nobody and can be told so: the place is taken. ``reached`` as for ``coverage``."""
    return staff_on(day).accepted().exclude(pk__in=reached_people(day) if reached is None else reached).order_by("pk")


def lately_asked(people: Iterable[UUID]) -> set[UUID]:
    """Which of the people the school asked within ``ASK_AGAIN``."""
    rows = ContactAsked.objects.filter(person_id__in=list(people), asked_at__gt=now() - ASK_AGAIN)
    return set(rows.values_list("person_id", flat=True))


def colleague_named(day: date, name: str, department: str) -> UUID:
    """The one who works here on ``day`` under this name. Invalid for none and for several: nobody is shown to choose from."""
    wanted = name_key(name)
    people = Membership.objects.current(day).order_by("pk")
    if department:
        people = people.filter(department__in=list(Department.objects.filter(key=name_key(department))))
    found = [member.pk for member in people.only("pk", "name") if name_key(member.name) == wanted]
    if len(found) != 1:
        code = "colleague_unclear" if found else "colleague_unknown"
        raise Invalid(code, fields=(("department" if found else "colleague", code, ""),))
    return found[0]


def communities_on(day: date) -> QuerySet[Institution]:
    """The community stations with which the school has an agreement on ``day``, by name."""
    agreed = Agreement.objects.filter(
        state__in=BOOKABLE_AGREEMENTS,
        valid_from__lte=day,
        valid_until__gt=day,
        partner__kind=InstitutionKind.COMMUNITY,
        partner__state__in=BOOKABLE_INSTITUTIONS,
    )
    return Institution.objects.filter(pk__in=list(agreed.values_list("partner_id", flat=True))).order_by("name", "pk")


def _consents(contacts: Sequence[Contact]) -> dict[UUID, Consent]:
    """Relative → the last thing asked or said about emergencies. An ended consent is always older than the open one."""
    rows = Consent.objects.filter(
        relative_id__in=[contact.relative_id for contact in contacts], purpose=Purpose.EMERGENCY
    ).order_by("asked_at", "pk")
    return {row.relative_id: row for row in rows if row.relative_id is not None}


def _answerable(consents: Iterable[Consent]) -> set[UUID]:
    """Which of the consents can still be answered by a link."""
    asked = [row.pk for row in consents if row.state == ConsentState.ASKED]
    if not asked:
        return set()
    live = FamilyLink.objects.filter(
        consent_id__in=asked, act=FamilyLink.Act.ANSWER, used_at__isnull=True, expires_at__gt=now()
    )
    return set(live.values_list("consent_id", flat=True))


def _answered(consent: Consent | None, links: set[UUID]) -> Readiness:
    if consent is None:
        return Readiness.NOT_ASKED
    if consent.state == ConsentState.ASKED:
        return Readiness.ASKED if consent.pk in links else Readiness.LAPSED
    return _SAID[ConsentState(consent.state)]


def excluded_of(people: Iterable[UUID]) -> dict[UUID, Excluded]:
    """Who is never paged about each of the people. A colleague stands in it with place and with the number the school typed."""
    return excluded_in(people, ())[0]


def excluded_in(people: Iterable[UUID], incidents: Iterable[UUID]) -> tuple[dict[UUID, Excluded], dict[UUID, Excluded]]:
    """Of ``people`` who is never told about them, and of ``incidents`` who must not know of these alone. One message."""
    whose, which = list(people), list(incidents)
    never = NeverContact.objects.filter(person_id__in=whose).select_related("member")
    left_out = LeftOut.objects.filter(incident_id__in=which).select_related("member")
    together(never, left_out)
    by_person = excluded_by((row.person_id, bytes(row.number_hash or b"") or None, row.member) for row in never)
    by_incident = excluded_by((row.incident_id, bytes(row.number_hash or b"") or None, row.member) for row in left_out)
    nobody = Excluded(frozenset(), frozenset())
    return {pk: by_person.get(pk, nobody) for pk in whose}, {pk: by_incident.get(pk, nobody) for pk in which}


def left_out_in(incident: UUID) -> Excluded:
    """Who must not know of this incident alone, beside whoever is never told about its person."""
    return excluded_in((), [incident])[1][incident]


def excluded_by(rows: Iterable[tuple[UUID, bytes | None, Membership | None]]) -> dict[UUID, Excluded]:
    """What rows of a list say: person or incident concerned, then a hashed number or a colleague of the open school."""
    numbers: dict[UUID, set[bytes]] = defaultdict(set)
    members: dict[UUID, set[UUID]] = defaultdict(set)
    for about, number, member in rows:
        if member is None:
            numbers[about].add(number or b"")
            continue
        members[about].add(member.pk)
        if member.phone:
            numbers[about].add(number_hash(current_tenant_id(), member.phone))
    return {
        about: Excluded(frozenset(numbers[about]), frozenset(members[about]))
        for about in numbers.keys() | members.keys()
    }
