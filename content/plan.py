"""The editors' calendar: a month of what was published, what goes out or ends on a date, what takes place, what is due, and festivals."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe
from wagtail.models import Page, Revision

from content.festival_texts import FESTIVALS
from content.festivals import FIRST_YEAR, LAST_YEAR, coming
from content.hosts import school_site
from content.library import ARTICLES
from content.library_views import frame
from content.models import CampaignPage, GuidelinePage, SchoolSite
from kernel.clock import months_after

_INSTANT: Final = ("first_published_at", "expire_at")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """``href`` is empty for a festival, which is nobody's page."""

    day: date
    rank: int
    title: str
    note: str | Promise
    href: str


def entries(school: SchoolSite, first: date) -> list[Entry]:
    """What stands in the month that begins with ``first``, by day."""
    after = months_after(first, 1)
    found = [*_pages(school, first, after), *_due(school, first, after), *_campaigns(school, first, after)]
    found += [
        Entry(known.day, 0, str(FESTIVALS[known.festival].name), _("Festival"), "")
        for known in coming(first, months=1)
        if known.day < after
    ]
    return sorted(found, key=lambda entry: (entry.day, entry.rank, entry.title))


def _pages(school: SchoolSite, first: date, after: date) -> Iterator[Entry]:
    zone = ZoneInfo(school.tenant.time_zone)
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, after))
    planned = Revision.page_revisions.filter(
        object_id=Cast(OuterRef("pk"), CharField()), approved_go_live_at__gte=begins, approved_go_live_at__lt=ends
    )
    pages = Page.objects.filter(path__startswith=school.site.root_page.path).annotate(
        goes=Subquery(planned.order_by("approved_go_live_at").values("approved_go_live_at")[:1])
    )
    told: tuple[tuple[str, str | Promise], ...] = (
        ("first_published_at", pgettext_lazy("calendar", "Published")), ("goes", _("Goes out")), ("expire_at", pgettext_lazy("calendar", "Goes off the site")),
    )  # fmt: skip
    for name, note in told:
        for page in pages.filter(**{f"{name}__gte": begins, f"{name}__lt": ends}):
            day = getattr(page, name).astimezone(zone).date()
            yield Entry(day, 2, page.draft_title or page.title, note, _edit(page))


def _due(school: SchoolSite, first: date, after: date) -> Iterator[Entry]:
    """Reviews: the day that a guideline names, else so many months after the last one as the school allows."""
    months = school.tenant.settings.review_months
    path = school.site.root_page.path
    for model in ARTICLES:
        for page in model.objects.filter(path__startswith=path, live=True, reviewed_on__isnull=False).defer("body"):
            named = page.review_by if isinstance(page, GuidelinePage) else None
            day = named or months_after(page.reviewed_on or first, months)
            if first <= day < after:
                yield Entry(day, 3, page.title, _("Review due"), _edit(page))


def _campaigns(school: SchoolSite, first: date, after: date) -> Iterator[Entry]:
    found = CampaignPage.objects.filter(path__startswith=school.site.root_page.path).defer("body", "activities")
    for page in found.filter(ends_on__gte=first - timedelta(days=7), starts_on__lt=after):
        for day, note in ((page.starts_on, _("Begins")), (page.report_due_on, _("Report due"))):
            if first <= day < after:
                yield Entry(day, 1, page.title, note, _edit(page))


def _edit(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """One month, ``?month=2026-12``; the present one without. Http404 for a month that no calendar has."""
    school = school_site(request)
    today = school.tenant.today()
    first = _month(request.GET.get("month", ""), today)
    context = frame(
        request, _("Calendar"), entries=entries(school, first), first=first, today=today,
        before=months_after(first, -1), after=months_after(first, 1),
    )  # fmt: skip
    return render(request, "content/cms/plan.html", {**context, "header_icon": "calendar-alt"})


def _month(asked: str, today: date) -> date:
    if not asked:
        return today.replace(day=1)
    try:
        first = date.fromisoformat(f"{asked}-01")
    except ValueError as error:
        raise Http404 from error
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise Http404
    return first
