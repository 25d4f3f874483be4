"""The editors' first page: what waits to be reviewed, what has grown old, what comes on a date, and one's own drafts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Trim
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component
from wagtail.models import Page, PageLogEntry, Revision

from content.checking import CHECKED, SENT_BACK
from content.hosts import is_library, school_site
from content.library import ARTICLES, copies_at
from content.models import (
    ActivityIndexPage,
    CampaignPage,
    GuidelineIndexPage,
    GuidelinePage,
    QuietIndexPage,
    ReportPage,
    SchoolSite,
    TipIndexPage,
    TipPage,
)
from kernel.clock import months_after
from ui.templatetags.ui import school_day, school_time

MOST: Final = 4
"""Rows a panel shows at once; the others are unfolded."""
_REPORTED: Final = 2
"""Months after which a campaign without a report is let go."""
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Row:
    """One page: where it is worked on, and why it stands here."""

    title: str
    href: str
    note: Text


@dataclass(frozen=True, slots=True)
class Kind:
    """One panel. ``empty`` is what it says when nothing stands in it; ``find`` gives the rows, the most urgent first."""

    key: str
    title: Text
    icon: str
    empty: Text
    find: Callable[[HttpRequest, SchoolSite], Iterable[Row]]


def _edit(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _articles(school: SchoolSite, model: Any) -> "QuerySet[Any]":
    return model.objects.filter(path__startswith=school.site.root_page.path).defer("body")


def _drafted(name: str) -> Any:
    """What the newest draft says, as text; the page's own word where there is no draft."""
    said = Cast(KeyTextTransform(name, "latest_revision__content"), TextField())
    row = Cast(name, TextField())
    return Coalesce(
        Trim(Case(When(latest_revision__isnull=True, then=row), default=said)), Value(""), output_field=TextField()
    )


def _to_review(request: HttpRequest, school: SchoolSite) -> Iterable[Row]:
    """Drafts that cannot be published before somebody is written in who has reviewed them."""
    for model in ARTICLES:
        rows = _articles(school, model).filter(Q(live=False) | Q(has_unpublished_changes=True))
        rows = rows.annotate(by=_drafted("reviewed_by"), on=_drafted("reviewed_on"))
        rows = rows.filter(Q(by="") | Q(on=""))
        if model is TipPage:
            rows = rows.filter(was_adopted=True)
        for page in rows.order_by("-latest_revision_created_at", "pk"):
            taken = page.was_adopted
            yield Row(
                page.draft_title,
                _edit(page),
                _("From the library, not reviewed yet") if taken else _("Not reviewed yet"),
            )


def _answered(request: HttpRequest, school: SchoolSite) -> Iterable[Row]:
    """Drafts that the centre has read and that nobody saved since: those to change first, then those to publish."""
    told = PageLogEntry.objects.filter(
        page__path__startswith=school.site.root_page.path,
        action__in=(CHECKED, SENT_BACK),
        revision=F("page__latest_revision"),
    ).exclude(page__live=True, page__has_unpublished_changes=False)
    for row in told.select_related("page").order_by("-action", "-timestamp", "pk"):
        note = row.data.get("note", "")
        yield Row(
            row.page.draft_title,
            _edit(row.page),
            format_lazy(_("To be changed: {note}"), note=note) if note else _("Checked, may be published"),
        )


def _stale(request: HttpRequest, school: SchoolSite) -> Iterable[Row]:
    """Published pages whose review lies back further than the school allows, or whose next review is due."""
    today = school.tenant.today()
    oldest = months_after(today, -school.tenant.settings.review_months)
    found = []
    for model in ARTICLES:
        old = Q(reviewed_on__lt=oldest)
        if model is GuidelinePage:
            old |= Q(review_by__lt=today)
        found += list(_articles(school, model).filter(old, live=True))
    for page in sorted(found, key=lambda page: (page.reviewed_on or today, page.pk)):
        if page.reviewed_on is None:
            yield Row(page.title, _edit(page), _("Review due"))
        else:
            yield Row(page.title, _edit(page), format_lazy(_("Reviewed on {day}"), day=school_day(page.reviewed_on)))


def _scheduled(request: HttpRequest, school: SchoolSite) -> Iterable[Row]:
    """Pages and changes that go out on a date, and pages that end on one."""
    coming = Revision.page_revisions.filter(
        object_id=Cast(OuterRef("pk"), CharField()), approved_go_live_at__isnull=False
    )
    pages = Page.objects.filter(path__startswith=school.site.root_page.path)
    pages = pages.annotate(goes=Subquery(coming.order_by("approved_go_live_at").values("approved_go_live_at")[:1]))
    rows = []
    for page in pages.filter(Q(goes__isnull=False) | Q(live=True, expire_at__isnull=False)):
        if page.goes is not None:
            rows.append((page.goes, page, _("Published on {at}")))
        if page.live and page.expire_at is not None:
            rows.append((page.expire_at, page, _("Ends on {at}")))
    for at, page, told in sorted(rows, key=lambda row: (row[0], row[1].pk)):
        yield Row(page.draft_title, _edit(page), format_lazy(told, at=school_time(at)))


def _newer(request: HttpRequest, school: SchoolSite) -> Iterable[Row]:
    for copy in copies_at(school.site.root_page).values():
        if copy.has_newer:
            yield Row(copy.page.draft_title, reverse("cms_library_newer", args=[copy.page.pk]), _("See what is new"))


def _mine(request: HttpRequest, school: SchoolSite) -> Iterable[Row]:
    pages = Page.objects.filter(path__startswith=school.site.root_page.path).filter(
        Q(live=False) | Q(has_unpublished_changes=True), latest_revision__user=request.user
    )
    for page in pages.order_by("-latest_revision_created_at", "pk"):
        at = page.latest_revision_created_at
        yield Row(page.draft_title, _edit(page), format_lazy(_("Changed on {at}"), at=school_time(at)))


def _reports(request: HttpRequest, school: SchoolSite) -> Iterable[Row]:
    """Campaigns and open days that are over and have no report yet; after two months nobody writes one any more."""
    today = school.tenant.today()
    over = CampaignPage.objects.live().filter(
        path__startswith=school.site.root_page.path, ends_on__lt=today, ends_on__gte=months_after(today, -_REPORTED)
    )
    told = ReportPage.objects.live().filter(campaign=OuterRef("pk"))
    for campaign in over.exclude(Exists(told)).defer("body", "activities").order_by("ends_on", "pk"):
        due = campaign.report_due_on
        note = _("Report due by {day}") if today <= due else _("Report late since {day}")
        yield Row(campaign.title, _edit(campaign), format_lazy(note, day=school_day(due)))
    awaited = ReportPage.objects.filter(
        path__startswith=school.site.root_page.path,
        live=False,
        of_open_day=True,
        happened_on__gte=months_after(today, -_REPORTED),
    )
    for report in awaited.defer("body", "pictures").order_by("happened_on", "pk"):
        note = _("Report due by {day}") if today <= report.due_on else _("Report late since {day}")
        yield Row(report.draft_title, _edit(report), format_lazy(note, day=school_day(report.due_on)))


KINDS: Final = (
    Kind("review", _("Waits for review"), "glasses", _("Nothing waits for review."), _to_review),
    Kind("answered", _("The centre has read it"), "comment", _("The centre has answered nothing new."), _answered),
    Kind("newer", _("Newer in the library"), "rotate", _("All copies are up to date."), _newer),
    Kind("stale", _("Reviewed long ago"), "history", _("No page has grown old."), _stale),
    Kind("report", _("Waits for its report"), "image", _("Every campaign has its report."), _reports),
    Kind("scheduled", _("On a date"), "calendar-alt", _("Nothing is put on a date."), _scheduled),
    Kind("mine", _("My drafts"), "draft", _("No draft of yours is open."), _mine),
)


_OF_A_SCHOOL: Final = frozenset({"answered", "newer", "report"})
"""Panels that the library has no use for."""


class StartPanel(Component):
    """What an editor most often comes for, and the way to the pages as readers see them."""

    name, order = "start", 10
    template_name = "content/cms/start.html"

    def __init__(self, school: SchoolSite) -> None:
        self.school = school

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        home = self.school.site.root_page
        return {
            "guidelines": GuidelineIndexPage.objects.child_of(home).first(),
            "tips": TipIndexPage.objects.child_of(home).first(),
            "quiet": QuietIndexPage.objects.child_of(home).first(),
            "activities": ActivityIndexPage.objects.child_of(home).first(),
            "is_library": is_library(self.school),
        }


class WaitingPanel(Component):
    """One ``Kind`` with its rows."""

    template_name = "content/cms/panel.html"

    def __init__(self, kind: Kind, order: int, request: HttpRequest, school: SchoolSite) -> None:
        self.kind, self.order, self.name = kind, order, kind.key
        self.request, self.school = request, school

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        rows = list(self.kind.find(self.request, self.school))
        return {"kind": self.kind, "rows": rows[:MOST], "count": len(rows), "more": rows[MOST:]}


def panels_for(request: HttpRequest) -> list[Component]:
    """The panels of the first page; the library has nothing newer than itself."""
    school = school_site(request)
    kinds = [kind for kind in KINDS if kind.key not in _OF_A_SCHOOL or not is_library(school)]
    return [StartPanel(school), *(WaitingPanel(kind, 20 + n, request, school) for n, kind in enumerate(kinds))]
