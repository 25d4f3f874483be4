"""Whether two accounts, or two members of a school, are one person: four eyes are those of two people (books §1, §5; chain §3)."""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import F, Func, Q, QuerySet, Value

from accounts.models import Membership, User, phone_index, place_phone_index
from kernel.errors import Forbidden
from kernel.fold import DASHES, fold_key
from tenancy.scope import current_tenant_id
from vault.phones import normalise_phone

_DASHES_AND_BLANK: Final = f"{DASHES} "
"""As ``fold_key`` reads them; every dash is one, and a blank is none."""


class People(NamedTuple):
    """Some people of the open school under every account of theirs. ``given``: the places that were asked for, ``phones``: by
    which these are known, ``rows``: every place that is one of theirs, not asked yet.
    """

    given: tuple[Membership, ...]
    phones: frozenset[str]
    rows: QuerySet[Membership]

    @property
    def members(self) -> frozenset[UUID]:
        """The keys of ``rows``. One query."""
        return frozenset(self.rows.values_list("pk", flat=True))


def everywhere(members: Collection[UUID]) -> People:
    """The same people under every account: whoever shares a telephone or a staff number with one of ``members``, as
    ``same_member`` finds it of two. One query.
    """
    given = tuple(Membership.objects.filter(pk__in=members).select_related("user")) if members else ()
    phones = frozenset(_phones(number for member in given for number in _given(member)))
    staff_numbers = {_staff_number(member) for member in given} - {""}
    shared, school = Q(pk__in=members), current_tenant_id()
    if phones:
        shared |= Q(phone_hash__in=[place_phone_index(school, number) for number in phones])
        shared |= Q(user__phone_hash__in=[phone_index(number) for number in phones])
    if not staff_numbers:
        return People(given, phones, Membership.objects.filter(shared))
    lower = Func(F("staff_no"), function="lower")
    spelt = Func(lower, Value(_DASHES_AND_BLANK), Value("-" * (len(_DASHES_AND_BLANK) - 1)), function="translate")
    return People(given, phones, Membership.objects.alias(spelt=spelt).filter(shared | Q(spelt__in=staff_numbers)))


def same_person(one: UUID | None, other: UUID | None) -> bool:
    """Whether both are one account, or share a telephone or a staff number in the open school.

    A number counts whichever of the two gave it: the account's own, or the one that the school writes to. Nobody (None) is
    nobody's second person, and so the same as everybody.
    """
    if one is None or other is None or one == other:
        return True
    numbers: dict[UUID, set[str]] = {one: set(), other: set()}
    for user in User.objects.filter(pk__in=numbers):
        numbers[user.pk] |= _phones([user.phone])
    for member in Membership.objects.filter(user__in=numbers):
        assert member.user_id is not None
        numbers[member.user_id] |= _numbers(member)
    return bool(numbers[one] & numbers[other])


def same_member(one: UUID | None, other: UUID | None) -> bool:
    """The same for two members of the open school, who may have one account, or none yet; somebody unknown is nobody."""
    if one is None or other is None or one == other:
        return True
    found = list(Membership.objects.filter(pk__in=(one, other)).select_related("user"))
    if len(found) < 2:
        return True
    return are_same(*found)


def are_same(first: Membership, second: Membership) -> bool:
    """The same for two places that were read with their accounts (``user``)."""
    if first.pk == second.pk or (first.user_id is not None and first.user_id == second.user_id):
        return True
    numbers = [_numbers(member) | _phones(_given(member)) for member in (first, second)]
    return bool(numbers[0] & numbers[1])


def require_second(user_id: UUID | None, first: UUID | None) -> None:
    """Raises Forbidden ``same_person`` unless ``user_id`` is another person than ``first``, who drafted or asked."""
    if same_person(user_id, first):
        raise Forbidden("same_person")


def _numbers(member: Membership) -> set[str]:
    """What the school knows somebody by: the telephone that it writes to, and the staff number."""
    staff_no = _staff_number(member)
    return _phones([member.phone]) | ({f"no {staff_no}"} if staff_no else set())


def _staff_number(member: Membership) -> str:
    """In the one spelling in which two are compared; ``""`` for who has none."""
    return "".join(fold_key(member.staff_no).split())


def _given(member: Membership) -> list[str]:
    """Both telephones: the school's and the account's."""
    return [member.phone, *([member.user.phone] if member.user else [])]


def _phones(numbers: Iterable[str]) -> set[str]:
    return {normalise_phone(number) for number in numbers if number}
