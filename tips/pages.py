"""The school's tips as content has them: published, in its own tree."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from content.models import SchoolSite, TipPage
from tenancy.scope import current_tenant_id
from tips import rules
from tips.models import Item


def published() -> "QuerySet[TipPage]":
    """The open school's published tips, without their bodies, newest first."""
    place = SchoolSite.objects.select_related("site__root_page").filter(tenant_id=current_tenant_id()).first()
    pages: QuerySet[TipPage] = TipPage.objects.live().defer("body").order_by("-first_published_at", "-pk")
    return pages.descendant_of(place.site.root_page) if place else pages.none()  # type: ignore[attr-defined]


def titled(ids: Iterable[int]) -> dict[int, TipPage]:
    """Those of ``ids`` that are published here, by key."""
    return {page.pk: page for page in published().filter(pk__in=list(ids))}


def waiting(today: date) -> list[rules.Tip]:
    """What may be sent on ``today``: published tips of running series, by series and place."""
    running = Item.objects.select_related("series").filter(
        series__stopped_at__isnull=True, series__starts_on__lte=today
    )
    items: list[Item] = list(running.order_by("series__created_at", "series_id", "place"))
    there = titled(item.page for item in items)
    return [
        rules.Tip(item.page, str(item.series_id), item.series.starts_on, item.series.is_single, item.series.every_days)
        for item in items
        if item.page in there
    ]
