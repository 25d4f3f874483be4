"""Who arranges somebody's changed duties, and which changes a colleague has to arrange; read from the rows at that moment.

It is the head of the department to which the person belongs today; where it has none who may know, whoever holds the seat of
moral education, whose task in the chain it is to find cover (chain §6). Left out as everywhere: the person, and by person and
by number whoever is never to be told about them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.models import Membership, not_left
from accounts.roles import Role
from accounts.same_person import People, each_everywhere, with_accounts
from referrals.emergency.models import DutyChange
from referrals.emergency.models.contacts import number_hashes
from referrals.emergency.rota import seats_on
from referrals.emergency.rules.duties import DutyState
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.selectors import Excluded, excluded_in
from tenancy.messages import together
from tenancy.scope import current_tenant_id


def arrangers_of(about: Mapping[UUID, Membership], day: date) -> Mapping[UUID, list[Membership]]:
    """By incident, with its person: the heads of their department on ``day`` of the school, else who sits for moral
    education; empty for nobody. Whoever must not know of that incident is none of them.
    """
    wanted = about.values()
    never, left_out = excluded_in([one.pk for one in wanted], about)
    heads: dict[UUID | None, list[Membership]] = defaultdict(list)
    departments = {one.department_id for one in wanted if one.department_id}
    leading = with_accounts(Membership.objects.current(day).accepted()).order_by("pk")
    leading = leading.filter(department_id__in=departments, roles__contains=[Role.HEAD.value])
    seats = seats_on(day).filter(kind=SeatKind.MORAL.value).select_related("holder__user", "deputy__user")
    together(leading, seats)
    for head in leading:
        heads[head.department_id].append(head)
    posts = [one for seat in seats for one in (seat.holder, seat.deputy) if one is not None]
    seated = [one for one in posts if one.is_current(day) and not one.waits]
    people = each_everywhere([*leading, *seated])  # who is asked is nobody's second account
    found = {}
    for incident, one in about.items():
        out = (never[one.pk], left_out[incident])
        own = [head for head in heads[one.department_id] if _may_know(people[head.pk], one, out)]
        other = [sitter for sitter in seated if _may_know(people[sitter.pk], one, out)]
        found[incident] = own or other[:1]
    return found


def _may_know(colleague: People, person: Membership, out: Iterable[Excluded]) -> bool:
    hashes = number_hashes(current_tenant_id(), colleague.phones)
    return person.pk not in colleague.members and not any(
        colleague.members & never.members or hashes & never.numbers for never in out
    )


def current(day: date) -> QuerySet[DutyChange]:
    """Those that run on ``day`` or are still to come, the earliest first, of people who belong to the school."""
    rows = DutyChange.objects.filter(not_left(day, "person"), ended_at__isnull=True, until__gte=day)
    return rows.prefetch_related("person__department").order_by("starts_on", "pk")


def own_changes(actor: Actor, day: date) -> list[DutyChange]:
    """The actor's own, as agreed with them."""
    return list(current(day).filter(person_id=actor.membership_id)) if actor.membership_id else []


def to_arrange(actor: Actor, day: date) -> list[DutyChange]:
    """What the actor arranges on ``day``; nothing for everybody who is neither head of a department nor on that seat."""
    member = actor.membership_id
    if member is None:
        return []
    seat = Q(holder_id=member) | Q(deputy_id=member)
    if Role.HEAD not in actor.roles and not seats_on(day).filter(seat, kind=SeatKind.MORAL.value).exists():
        return []
    rows = list(current(day))
    arrangers = arrangers_of({row.incident_id: row.person for row in rows}, day)
    return [row for row in rows if member in {one.pk for one in arrangers[row.incident_id]}]


def is_received(change: DutyChange) -> bool:
    """Whether somebody of the department in which the person is now has received it."""
    return change.received_at is not None and change.department_id == change.person.department_id


def is_arranged(change: DutyChange) -> bool:
    """Whether they have arranged it as well."""
    return change.arranged_at is not None and is_received(change)


def state_of(change: DutyChange, day: date) -> DutyState:
    """What the sign says on ``day`` of the school."""
    if change.ended_at is not None or change.until < day:
        return DutyState.OVER
    if is_arranged(change):
        return DutyState.ARRANGED
    return DutyState.RECEIVED if is_received(change) else DutyState.SENT
