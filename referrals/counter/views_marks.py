"""``/partner/marks/``: what an agency may know of its marks: whole lots, bands alone, never a school or a person (rules §5)."""

from collections import defaultdict

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from referrals.access import institution_of
from referrals.after import Question, added, band_of
from referrals.after_texts import ABOUT, BANDS
from referrals.models import AgencyRating
from tenancy.scope import use_partner


@require_safe
@role_required("partner.read")
def marks(request: ActingRequest) -> HttpResponse:
    """By school year, the newest first, all schools together."""
    by_year: dict[int, list[AgencyRating]] = defaultdict(list)
    with use_partner(institution_of(request.actor)):
        for row in AgencyRating.objects.filter(people__gt=0).order_by("-year", "pk"):
            by_year[row.year].append(row)
    years = []
    for year, rows in by_year.items():
        sums = added(*(row.marks for row in rows))
        told = [(ABOUT[question], BANDS[band_of(sums[question])]) for question in Question]
        years.append({"from": year, "to": year + 1, "people": sum(row.people for row in rows), "rows": told})
    return render(request, "referrals/partner/marks.html", {"years": years})
