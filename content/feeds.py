"""``/feed.xml``: what a school has published last, for whoever reads feeds (RFC 4287). Of one school alone, no draft, no body."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe
from wagtail.models import Page

from content.models import CampaignPage, GuidelinePage, LessonPage, ReportPage, SchoolSite, TipPage
from content.models.adopted import LIBRARY_HOST
from kernel.clock import SCHOOL_ZONE
from tenancy.middleware import HostRequest
from tenancy.models import Tenant
from ui.page_cache import keep
from ui.public import origin_of

MOST: Final = 20
_KINDS: Final = (GuidelinePage, TipPage, LessonPage, CampaignPage, ReportPage)


@require_safe
def feed(request: HostRequest) -> HttpResponse:
    """The newest twenty. Http404 on a host without pages."""
    tenant: Tenant | None = getattr(request, "tenant", None)
    home = SchoolSite.objects.filter(tenant=tenant).exclude(site__hostname=LIBRARY_HOST)
    path = home.values_list("site__root_page__path", flat=True).first() if tenant else None
    if tenant is None or path is None:
        raise Http404
    origin = origin_of(request)
    written = Atom1Feed(
        title=tenant.name, link=f"{origin}/", feed_url=f"{origin}/feed.xml", description="", language="zh-Hans"
    )
    for page in _newest(path):
        written.add_item(
            title=page.title, link=origin + page.href, description=page.summary, unique_id=origin + page.href,
            pubdate=_local(page.first_published_at), updateddate=_local(page.last_published_at),
        )  # fmt: skip
    return keep(HttpResponse(written.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"), tenant)


def _newest(path: str) -> Any:
    live = Page.objects.live().filter(path__startswith=path, first_published_at__isnull=False).exact_type(*_KINDS)
    return live.order_by("-first_published_at", "-pk").specific(defer=False)[:MOST]


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(ZoneInfo(SCHOOL_ZONE)) if moment else None
