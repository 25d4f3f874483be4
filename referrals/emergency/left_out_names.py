"""Whom a report means by the posts and names in it: who must not know, and who bears the name of whom it is about.

The one use of a name that a machine may make: to leave somebody out. Whom a report is about is attached by a person, never
here. A name that fits nobody exactly leaves out whoever of the chain bears the surname: one person too many is no harm,
because deputies take over, one too few is.
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import CharField, F, Func, Q, Value
from django.db.models.functions import Length, StrIndex, Upper

from accounts.models import Membership, MembershipQuerySet
from accounts.roles import Role
from accounts.same_person import everywhere
from kernel.errors import Invalid
from kernel.fold import NARROW_SIGNS, WIDE_SIGNS, fold_name, narrow_signs
from referrals.emergency import rota
from referrals.emergency.models import Chain
from referrals.emergency.models.contacts import number_hash, number_hashes
from referrals.emergency.rules.reporting import MOST_NAMES, SEAT_OF, Post, posts_in
from referrals.emergency.rules.step_rules import SeatKind
from tenancy.models import Tenant
from vault.phones import normalise_phone

_CHAIN_ROLES: Final = (Role.DUTY, Role.CENTRE, Role.HEAD, Role.PRINCIPAL, Role.MORAL, Role.DOCTOR)
_BETWEEN: Final = re.compile(r"[,，、;；/\n]|\band\b|和(?=\S)")
_DIGITS_OF_A_NUMBER: Final = 5
_SHORTEST_NAME: Final = 2
_TITLED: Final = re.compile(r"(\w{1,2})(?:老师|主任|校长|书记|组长|校医|医生|大夫)")
"""A surname stands before a title, wherever that stands in what was typed: ``语文组王老师``."""


class Meant(NamedTuple):
    """``members`` and ``numbers``: must not know. ``namesakes``: bear the name of whom it is about."""

    members: frozenset[UUID]
    numbers: frozenset[bytes]
    namesakes: frozenset[UUID]

    @property
    def all(self) -> frozenset[UUID | bytes]:
        """By which two reports that leave the same people out are told."""
        return self.members | self.numbers | self.namesakes


def meant(school: Tenant, moment: datetime, *, posts: Collection[Post], names: str, about: str) -> Meant:
    """Of the open school as it is at ``moment``. Nobody where nothing was said."""
    if not posts and not names.strip() and not about.strip():
        return Meant(frozenset(), frozenset(), frozenset())
    day = school.day_of(moment)
    here = Membership.objects.current(day)
    members, numbers = _holders(school, posts, moment), set[bytes]()
    for name in [part.strip() for part in _BETWEEN.split(names) if part.strip()][:MOST_NAMES]:
        if sum(sign.isdecimal() for sign in name) >= _DIGITS_OF_A_NUMBER:
            numbers |= _number(school, name)
            continue
        members |= _by_post(school, name, moment)
        members |= _named_in(here, name) or _of_surname(school, here, name, moment)
    namesakes = about_whom(school, moment, about)
    numbers -= _operators(school)
    return Meant(frozenset(members), frozenset(numbers), frozenset(namesakes - members))


def about_whom(school: Tenant, moment: datetime, about: str) -> frozenset[UUID]:
    """Whoever of the chain may be whom a report is about, by name, post or surname: ``王芳老师``, ``王校长``, ``王老师``."""
    if not about.strip():
        return frozenset()
    here = Membership.objects.current(school.day_of(moment))
    posts, named = _by_post(school, about, moment), _named_in(here, about)
    if not posts and not named:
        return frozenset(_of_surname(school, here, about, moment))
    chain = _of_chain(school, here, moment).filter(pk__in=named)
    return frozenset(posts | set(chain.values_list("pk", flat=True)))


def _named_in(here: MembershipQuerySet, typed: str) -> set[UUID]:
    """Whose whole name stands somewhere in what was typed."""
    signs = Value(WIDE_SIGNS, CharField()), Value(NARROW_SIGNS, CharField())
    name = Upper(Func(F("name"), *signs, function="translate", output_field=CharField()))
    said = Upper(Value(narrow_signs(fold_name(typed)), CharField()))
    rows = here.alias(long=Length("name"), at=StrIndex(said, name))
    return set(rows.filter(long__gte=_SHORTEST_NAME, at__gt=0).values_list("pk", flat=True))


def _number(school: Tenant, typed: str) -> set[bytes]:
    try:
        return {number_hash(school.pk, normalise_phone(typed))}
    except Invalid:
        return set()


def _operators(school: Tenant) -> set[bytes]:
    """The line that hears when nobody answers: it is told nothing of anybody, and no report takes it away (chain §2)."""
    lines = Chain.objects.exclude(operator_line=None).values_list("operator_line__number", flat=True)
    return {number_hash(school.pk, number) for number in lines}


def _by_post(school: Tenant, name: str, moment: datetime) -> set[UUID]:
    """``王校长``: whoever holds the post that is named, those of this surname where some bear it."""
    held = _holders(school, posts_in(name), moment)
    alike = Membership.objects.filter(pk__in=held, name__istartswith=fold_name(name)[:1]) if held else None
    return set(alike.values_list("pk", flat=True)) or held if alike is not None else set()


def _of_surname(school: Tenant, here: MembershipQuerySet, name: str, moment: datetime) -> set[UUID]:
    plain = fold_name(name)
    begins = Q(name__istartswith=plain[:1])
    for sign in {sign for found in _TITLED.findall(plain) for sign in found}:
        begins |= Q(name__istartswith=sign)
    return set(_of_chain(school, here, moment).filter(begins).values_list("pk", flat=True))


def _of_chain(school: Tenant, here: MembershipQuerySet, moment: datetime) -> MembershipQuerySet:
    """Whoever may come to know of an incident by what they are."""
    on_duty = {shift.who for shift in rota.duty_at(school, moment).values() if shift.is_person}
    seats = rota.seats_on(school.day_of(moment)).values_list("holder_id", "deputy_id")
    held = {pk for pair in seats for pk in pair if pk} | on_duty
    return here.filter(Q(roles__overlap=[role.value for role in _CHAIN_ROLES]) | Q(pk__in=held))


def _holders(school: Tenant, posts: Iterable[Post], moment: datetime) -> set[UUID]:
    """Who has these posts now; whoever stands in for them is not left out."""
    posts = set(posts)
    if not posts:
        return set()
    found: set[UUID] = set()
    day = school.day_of(moment)
    if Post.ON_DUTY in posts:
        found |= {shift.who for shift in rota.duty_at(school, moment).values() if shift.is_person}
    if Post.PSYCHOLOGISTS in posts:
        roles = [Role.DUTY.value, Role.CENTRE.value]
        found |= set(Membership.objects.current(day).filter(roles__overlap=roles).values_list("pk", flat=True))
    seats = [SEAT_OF[post].value for post in posts if post in SEAT_OF]
    if seats:
        found |= {pk for pk in rota.seats_on(day).filter(kind__in=seats).values_list("holder_id", flat=True) if pk}
    return found


def hears(school: Tenant, moment: datetime, out: Collection[UUID | bytes]) -> bool:
    """Whether anybody is left, beside ``out`` (places, and hashes of numbers), of those whom the school's side calls first: on
    duty at ``moment``, the head of the centre, and whoever stands in. Who is out is out under every account of theirs.
    """
    day = school.day_of(moment)
    them = everywhere([one for one in out if isinstance(one, UUID)])
    out = frozenset(out) | them.members | number_hashes(school.pk, them.phones)
    duty = list(rota.rows_between(moment, moment + timedelta(microseconds=1)))
    seats = list(rota.seats_on(day).filter(kind=SeatKind.CENTRE_HEAD.value))
    people = [row.holder for row in duty] + [one for seat in seats for one in (seat.holder, seat.deputy)]
    lines = [row.line for row in duty] + [line for seat in seats for line in (seat.holder_line, seat.deputy_line)]
    called = [(one.pk, one.phone) for one in people if one is not None and one.is_current(day) and not one.waits]
    called += [(line.pk, line.number) for line in lines if line is not None and line.is_active]
    return any(pk not in out and not (number and number_hash(school.pk, number) in out) for pk, number in called)
