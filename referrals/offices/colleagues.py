"""The union finds the colleague for whom it asks: by name, at most a page of them."""

from typing import Final

from accounts.actor import ActingRequest
from accounts.models import Membership
from accounts.search import contains
from accounts.told_apart import told_apart
from kernel.clock import now

_MOST: Final = 20


def colleagues_found(request: ActingRequest, q: str) -> list[tuple[Membership, str]]:
    """Members of today with an account whose name holds ``q``, without oneself, told apart; none without a name."""
    if not q.strip():
        return []
    rows = Membership.objects.current(request.tenant.day_of(now())).accepted().filter(contains(q, "name"))
    found = list(
        rows.exclude(pk=request.actor.membership_id).select_related("department").order_by("sort_key", "id")[:_MOST]
    )
    names = told_apart(found)
    return [(member, names[member.pk]) for member in found]


def colleague(request: ActingRequest, person_id: object) -> Membership | None:
    """One of them, or None."""
    return (
        Membership.objects.current(request.tenant.day_of(now()))
        .accepted()
        .exclude(pk=request.actor.membership_id)
        .filter(pk=person_id)
        .first()
    )
