"""An office finds the colleague for whom it asks or writes: by name, at most a page of them."""

from typing import Any, Final

from django.urls import reverse

from accounts.actor import ActingRequest
from accounts.models import Membership
from accounts.search import contains
from accounts.told_apart import told_apart
from kernel.clock import now

_MOST: Final = 20
_LONGEST: Final = 60


def finding(request: ActingRequest, then: str) -> dict[str, Any]:
    """For ``referrals/office/find_colleague.html``: ``q`` as it was asked, and ``rows`` of whom it finds, each with the address
    of the page named ``then`` about that colleague.
    """
    q = request.GET.get("q", "")[:_LONGEST]
    rows = [
        (reverse(then, args=[member.pk]), name, member.department.name if member.department else "")
        for member, name in _found(request, q)
    ]
    return {"q": q, "rows": rows}


def _found(request: ActingRequest, q: str) -> list[tuple[Membership, str]]:
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
