"""How colleagues are called where several stand in one list: two who are called alike are told apart."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

from accounts.models import Department, Membership

_BETWEEN: Final = " · "


def told_apart(members: Iterable[Membership]) -> dict[UUID, str]:
    """Place → form of address; behind one that stands there twice the department, and where that is the same or missing too,
    the name behind the title and at last the staff number. Asks for departments only where two are called alike.
    """
    found = {member.pk: member for member in members}
    called = {pk: member.address for pk, member in found.items()}
    if not (alike := _alike(called)):
        return called
    wanted = {found[pk].department_id for pk in alike} - {None}
    departments = dict(Department.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    more: tuple[Callable[[Membership], str], ...] = (
        lambda member: departments.get(member.department_id, ""),
        lambda member: member.name if member.name != member.address else "",
        lambda member: member.staff_no,
    )
    for of in more:
        for pk in _alike(called):
            called[pk] = _BETWEEN.join(part for part in (called[pk], of(found[pk])) if part)
    return called


def _alike(called: dict[UUID, str]) -> list[UUID]:
    """Those whose words somebody else bears as well."""
    times = Counter(called.values())
    return [pk for pk, words in called.items() if times[words] > 1]
