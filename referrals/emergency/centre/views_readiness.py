"""``/centre/readiness/``: would it hold if something happened tonight; what is missing, who mends it, one button each."""

from collections import Counter

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from referrals.emergency.centre.readiness_shown import proven, shown
from referrals.emergency.models import chain_moment
from referrals.emergency.readiness_facts import read_school
from referrals.emergency.rules.readiness import Level, tiles
from ui.navigation import at_desk


@require_safe
@role_required("chain.read")
def readiness(request: ActingRequest) -> HttpResponse:
    """Tiles, the worst first; then the ways out with their proofs, and departments for whoever may see how many."""
    moment = chain_moment()
    read = read_school(request.tenant, moment)
    found = tiles(read.facts)
    levels = Counter(tile.level for tile in found)
    order = list(Level)
    may_count = request.actor.may("contact.coverage")
    context = at_desk(
        request,
        "emergency",
        tiles=[shown(tile, request.actor) for tile in sorted(found, key=lambda tile: order.index(tile.level))],
        ready=levels[Level.HOLDS],
        whole=len(found),
        missing=levels[Level.MISSING],
        proofs=proven(read.proofs, moment),
        departments=read.coverage.departments if may_count else [],
        at=moment,
    )
    return render(request, "emergency/readiness.html", context)
