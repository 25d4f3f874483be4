"""Whether two accounts are one person: four eyes are those of two people, not of two accounts (books §1, §5)."""

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
        numbers[member.user_id] |= _phones([member.phone])
        if staff_no := "".join(fold_key(member.staff_no).split()):
            numbers[member.user_id].add(f"no {staff_no}")
    return bool(numbers[one] & numbers[other])


def require_second(user_id: UUID | None, first: UUID | None) -> None:
    """Raises Forbidden ``same_person`` unless ``user_id`` is another person than ``first``, who drafted or asked."""
    if same_person(user_id, first):
        raise Forbidden("same_person")


def _phones(numbers: Iterable[str]) -> set[str]:
    return {normalise_phone(number) for number in numbers if number}
