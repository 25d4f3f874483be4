"""Whether accounts, or members of a school, are one person: four eyes are those of two people (books §1, §5; chain §2, §3).

One question: a person is whoever shares an account, a telephone or a staff number, and whoever shares one with those. A
telephone counts whoever gave it: the account's own, or the one that the school writes to. A name says nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self
from uuid import UUID

from django.db.models import F, Func, QuerySet, Value

from accounts.models import Membership, MembershipQuerySet, User, phone_index, place_phone_index
from kernel.errors import Forbidden
from kernel.fold import DASHES, fold_key
from tenancy.messages import together
from tenancy.page_memory import OnceAPage
from tenancy.scope import current_tenant_id
from vault.phones import normalise_phone

_DASHES_AND_BLANK: Final = f"{DASHES} "
"""As ``fold_key`` reads them; every dash is one, and a blank is none."""


@dataclass(frozen=True)
class People:
    """Some people of the open school, and all by which they are known: places, accounts, telephones (E.164) and staff numbers
    in the one spelling in which two are compared.
    """

    members: frozenset[UUID] = frozenset()
    accounts: frozenset[UUID] = frozenset()
    phones: frozenset[str] = frozenset()
    staff_numbers: frozenset[str] = frozenset()

    @classmethod
    def of(cls, places: Iterable[Membership], accounts: Iterable[User] = ()) -> Self:
        """Those of ``places``, which were read with their accounts (``user``), and of ``accounts``; what they hold, no more."""
        places, own = list(places), list(accounts)
        own += [place.user for place in places if place.user is not None]
        typed = {normalise_phone(place.phone) for place in places if place.phone_sealed}
        indexes = {phone_index(number) for number in typed}
        proved = {normalise_phone(one.phone) for one in own if one.phone_hash and bytes(one.phone_hash) not in indexes}
        return cls(
            frozenset(place.pk for place in places),
            frozenset(one.pk for one in own),
            frozenset(typed | proved),
            frozenset({_staff_number(place) for place in places} - {""}),
        )

    def holds(self, place: Membership) -> bool:
        """Whether ``place``, read with its account, is one of theirs. Opens no number: what is kept sealed is compared by its hash."""
        return (
            place.pk in self.members
            or bool(place.phone_hash and bytes(place.phone_hash) in self._hashes_of_places)
            or _staff_number(place) in self.staff_numbers
            or (place.user is not None and self.holds_account(place.user))
        )

    def holds_account(self, account: User) -> bool:
        """The same of an account."""
        known = account.phone_hash and bytes(account.phone_hash) in self._hashes_of_accounts
        return account.pk in self.accounts or bool(known)

    def joined(self, places: Iterable[Membership]) -> Self:
        """With every one of ``places`` that is theirs, and what these are known by besides."""
        found: Self = self
        others = [place for place in places if place.pk not in self.members]
        while own := [place for place in others if found.holds(place)]:
            found = found._with(self.of(own))
            others = [place for place in others if place.pk not in found.members]
        return found

    def everywhere(self) -> Self:
        """With every place of the school that is theirs. One query, one more when it finds somebody; while a page is made, once."""
        return _everywhere(self)

    def _with(self, other: Self) -> Self:
        return type(self)(
            self.members | other.members,
            self.accounts | other.accounts,
            self.phones | other.phones,
            self.staff_numbers | other.staff_numbers,
        )

    def others(self) -> list[Membership]:
        """Places of the school that share something with them, beside those that are known."""
        asked: list[QuerySet[Membership]] = []
        places = Membership.objects.exclude(pk__in=self.members).select_related("user").order_by()
        if self.phones:
            asked.append(places.filter(phone_hash__in=self._hashes_of_places))
            asked.append(places.filter(user__phone_hash__in=self._hashes_of_accounts))
        if self.staff_numbers:
            spelt = Func(
                Func(F("staff_no"), function="lower"), Value(_DASHES_AND_BLANK), Value(_ONE_DASH), function="translate"
            )
            asked.append(places.alias(spelt=spelt).filter(spelt__in=self.staff_numbers))
        together(*asked)
        return list({place.pk: place for rows in asked for place in rows}.values())

    @cached_property
    def _hashes_of_places(self) -> frozenset[bytes]:
        school = current_tenant_id()
        return frozenset(place_phone_index(school, number) for number in self.phones)

    @cached_property
    def _hashes_of_accounts(self) -> frozenset[bytes]:
        return frozenset(phone_index(number) for number in self.phones)


_ONE_DASH: Final = "-" * len(DASHES)
"""The blank stands last among what is compared, so that it has no sign to become."""


def with_accounts(places: MembershipQuerySet) -> MembershipQuerySet:
    """``places``, each read with its account, as ``People`` asks it: who compares looks into no account themself."""
    return places.select_related("user")


@OnceAPage
def place_of(pk: UUID) -> Membership | None:
    """One place with its account. Whoever reads a page is known without asking (``accounts.places``)."""
    return Membership.objects.select_related("user").filter(pk=pk).first()


@OnceAPage
def _everywhere[Some: People](people: Some) -> Some:
    found = people
    while others := found.others():
        found = found.joined(others)
    return found


def everywhere(members: Collection[UUID]) -> People:
    """The people of these places under every account; a key that is nobody's is left out. Two queries; while a page is made
    once, and one where its reader is meant.
    """
    return People.of(_places(members)).everywhere()


def places_of_person(member: UUID) -> frozenset[UUID]:
    """The places of one person in the open school, ``member`` among them: what somebody may have once, or so much of, is counted
    over all of these (rules §1). Two queries; while a page is made once, and one where its reader is meant.
    """
    return everywhere((member,)).members | {member}


def each_everywhere(places: Collection[Membership]) -> dict[UUID, People]:
    """The same of each of ``places``, which were read with their accounts, by key. One query, one more when it finds somebody."""
    people, every = People.of(places), list(places)
    while others := people.others():
        people, every = people.joined(others), every + others
    return {place.pk: People.of([place]).joined(every) for place in places}


def first_places(members: Collection[UUID]) -> dict[UUID, UUID]:
    """For each of these places of the open school the first one of its person, so that who has two is counted as one. Two
    queries, one more when it finds somebody; however many they are, each is looked at once.
    """
    every = _places(members)
    people = People.of(every)
    while others := people.others():
        people, every = people.joined(others), every + others
    above: dict[tuple[str, object], tuple[str, object]] = {}

    def root(of: tuple[str, object]) -> tuple[str, object]:
        while (over := above.setdefault(of, of)) != of:
            above[of] = of = above[over]
        return of

    for place in every:
        own = People.of([place])
        known = [("account", one) for one in own.accounts] + [("phone", one) for one in own.phones]
        for by in (*known, *(("number", one) for one in own.staff_numbers)):
            above[root(by)] = root(("place", place.pk))
    first: dict[tuple[str, object], UUID] = {}
    for place in every:
        at = root(("place", place.pk))
        first[at] = min(first.get(at, place.pk), place.pk)
    return {pk: first.get(root(("place", pk)), pk) for pk in members}


def same_member(one: UUID | None, other: UUID | None) -> bool:
    """Whether two members of the open school, who may have one account, or none yet, are one person. Nobody (None), and
    somebody unknown, is nobody's second person, and so the same as everybody.
    """
    if one is None or other is None or one == other:
        return True
    found = _places((one, other))
    if len(found) < 2:
        return True
    first, second = found if place_of.is_known(found[0].pk) else reversed(found)
    people = People.of([first])
    return people.holds(second) or second.pk in people.everywhere().members


def _places(members: Collection[UUID]) -> list[Membership]:
    known = [place for pk in members if place_of.is_known(pk) and (place := place_of(pk)) is not None]
    asked = set(members) - {place.pk for place in known}
    found = list(Membership.objects.select_related("user").filter(pk__in=asked)) if asked else []
    return known + found


def same_person(one: UUID | None, other: UUID | None) -> bool:
    """The same of two accounts, by what the open school knows of them too; one that has no place in it is somebody."""
    if one is None or other is None or one == other:
        return True
    places = list(Membership.objects.select_related("user").filter(user__in=(one, other)))
    accounts = {place.user_id: place.user for place in places if place.user is not None}
    if missing := {one, other} - accounts.keys():
        accounts |= {user.pk: user for user in User.objects.filter(pk__in=missing)}
    if len(accounts) < 2:
        return False
    people = People.of([place for place in places if place.user_id == one], [accounts[one]]).everywhere()
    return people.holds_account(accounts[other]) or any(
        people.holds(place) for place in places if place.user_id == other
    )


def require_second(user_id: UUID | None, first: UUID | None) -> None:
    """Raises Forbidden ``same_person`` unless ``user_id`` is another person than ``first``, who drafted or asked."""
    if same_person(user_id, first):
        raise Forbidden("same_person")


def _staff_number(place: Membership) -> str:
    """In the one spelling in which two are compared; ``""`` for who has none."""
    return "".join(fold_key(place.staff_no).split())
