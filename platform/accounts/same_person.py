"""Whether two accounts, or two members of a school, are one person: four eyes are those of two people (books §1, §5; chain §3)."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Membership, User
from kernel.errors import Forbidden
from kernel.fold import fold_key
from vault.phones import normalise_phone


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
    first, second = found
    if first.user_id is not None and first.user_id == second.user_id:
        return True
    numbers = [_numbers(member) | _phones([member.user.phone] if member.user else []) for member in found]
    return bool(numbers[0] & numbers[1])


def require_second(user_id: UUID | None, first: UUID | None) -> None:
    """Raises Forbidden ``same_person`` unless ``user_id`` is another person than ``first``, who drafted or asked."""
    if same_person(user_id, first):
        raise Forbidden("same_person")


def _numbers(member: Membership) -> set[str]:
    """What the school knows somebody by: the telephone that it writes to, and the staff number."""
    staff_no = "".join(fold_key(member.staff_no).split())
    return _phones([member.phone]) | ({f"no {staff_no}"} if staff_no else set())


def _phones(numbers: Iterable[str]) -> set[str]:
    return {normalise_phone(number) for number in numbers if number}
