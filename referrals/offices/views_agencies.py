"""``/union/agencies/``: how often each agency called off itself, and how often an office took a use back from it (books §3)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from referrals.agency_counts import AgencyCounts, Count, counts_of, month_begins
from ui.navigation import at_desk


@require_safe
@role_required("referral.read.union")
def agencies(request: ActingRequest) -> HttpResponse:
    """By school year and agency, up to the last whole month; figures of few people are left out."""
    tenant, moment = request.tenant, now()
    fewest = tenant.settings.fewest_people
    years: dict[int, list[dict[str, Any]]] = {}
    for row in counts_of(tenant, moment):
        years.setdefault(row.year, []).append(_line(row, fewest))
    context = at_desk(
        request,
        "union",
        years=[{"begins": year, "ends": year + 1, "rows": rows} for year, rows in years.items()],
        until=month_begins(tenant, moment),
        fewest=fewest,
    )
    return render(request, "referrals/office/agencies.html", context)


def _line(row: AgencyCounts, fewest: int) -> dict[str, Any]:
    return {
        "name": row.name,
        "called_off": _text(row.called_off, fewest),
        "taken_back": _text(row.taken_back, fewest),
    }


def _text(count: Count, fewest: int) -> str:
    if count.times is None:
        return _("fewer than %(fewest)s people") % {"fewest": fewest}
    return str(count.times)
