"""Whom a report means by the posts and names in it: who must not know, and who bears the name of whom it is about.

The one use of a name that a machine may make: to leave somebody out. Whom a report is about is attached by a person, never
here. A name that fits nobody exactly leaves out whoever of the chain bears the surname: one person too many is no harm,
because deputies take over, one too few is.
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.models import Membership, MembershipQuerySet
from accounts.roles import Role
from kernel.errors import Invalid
from kernel.fold import fold_name
from referrals.emergency import rota
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.reporting import MOST_NAMES, SEAT_OF, Post, posts_in
from tenancy.models import Tenant
from vault.phones import normalise_phone

_CHAIN_ROLES: Final = (Role.DUTY, Role.CENTRE, Role.HEAD, Role.PRINCIPAL, Role.MORAL, Role.DOCTOR)
_BETWEEN: Final = re.compile(r"[,，、;；/\n]|\band\b|和(?=\S)")
_DIGITS_OF_A_NUMBER: Final = 5


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
        found = set(here.filter(name__iexact=fold_name(name)).values_list("pk", flat=True))
        members |= found or _of_surname(school, here, name, moment)
    namesakes = _by_post(school, about, moment)
    if about.strip():
        namesakes |= set(
            _of_chain(school, here, moment).filter(name__iexact=fold_name(about)).values_list("pk", flat=True)
        )
    return Meant(frozenset(members), frozenset(numbers), frozenset(namesakes - members))


def _number(school: Tenant, typed: str) -> set[bytes]:
    try:
        return {number_hash(school.pk, normalise_phone(typed))}
    except Invalid:
        return set()


def _by_post(school: Tenant, name: str, moment: datetime) -> set[UUID]:
    """``王校长``: whoever holds the post that is named, those of this surname where some bear it."""
    held = _holders(school, posts_in(name), moment)
    alike = Membership.objects.filter(pk__in=held, name__istartswith=fold_name(name)[:1]) if held else None
    return set(alike.values_list("pk", flat=True)) or held if alike is not None else set()


def _of_surname(school: Tenant, here: MembershipQuerySet, name: str, moment: datetime) -> set[UUID]:
    rows = _of_chain(school, here, moment).filter(name__istartswith=fold_name(name)[:1])
    return set(rows.values_list("pk", flat=True))


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
