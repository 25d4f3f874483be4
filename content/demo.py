"""Pages of the demo schools, loaded as an editor would write them. Texts: ``content.demo_texts``."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from wagtail.models import Page

from content import demo_texts
from content.demo_texts import Guideline, Tip
from content.demo_together import load_together
from content.models import GuidelineIndexPage, GuidelinePage, HomePage, SchoolSite, TipIndexPage, TipPage
from kernel import clock
from tenancy.models import Tenant


@transaction.atomic
def load_pages(tenant: Tenant, *, kind: str, seed: int, as_of: date | None = None) -> int:
    """Fill the school's tree with guidelines and tips that suit ``kind``; returns how many pages were made.

    ``as_of`` is the day in the school's zone on which the newest page appeared (today when None). Pages that are published
    already, by their slug, stay as they are; a draft from the library is read by the school and published. SchoolSite.DoesNotExist when the school has no site yet.
    """
    chance = random.Random(f"{seed}:{tenant.slug}")  # noqa: S311 - order of demo pages, no secret
    day = as_of or clock.local_day(clock.now())
    home = SchoolSite.objects.select_related("site__root_page").get(tenant=tenant).site.root_page.specific
    _greet(home, kind)
    guidelines = GuidelineIndexPage.objects.child_of(home).get()
    tips = TipIndexPage.objects.child_of(home).get()
    _introduce(guidelines, demo_texts.GUIDELINES_INTRO, demo_texts.GUIDELINES_INTRO_EN)
    _introduce(tips, demo_texts.TIPS_INTRO, demo_texts.TIPS_INTRO_EN)
    made = 0
    chosen = demo_texts.tips_for(kind)
    chance.shuffle(chosen)
    # The oldest first, so that page order and dates agree: a tip a week, a guideline a month.
    for number, tip in enumerate(chosen):
        made += _add(tips, _tip_page(tip), day - timedelta(weeks=len(chosen) - 1 - number))
    for number, guideline in enumerate(demo_texts.guidelines_for(kind)):
        published = day - timedelta(days=20 + 30 * number)
        made += _add(guidelines, _guideline_page(guideline, published), published)
    return made + load_together(home, day, _add)


def _greet(home: HomePage, kind: str) -> None:
    home.hero_title, home.intro, home.hero_title_en, home.intro_en = demo_texts.greeting_for(kind)
    home.save()


def _introduce(index: Any, intro: str, intro_en: str) -> None:
    index.intro, index.intro_en = intro, intro_en
    index.save()


def _tip_page(tip: Tip) -> TipPage:
    return TipPage(title=tip.title, slug=tip.slug, summary=tip.summary, minutes=tip.minutes, body=list(tip.body))


def _guideline_page(text: Guideline, published: date) -> GuidelinePage:
    return GuidelinePage(
        title=text.title, slug=text.slug, summary=text.summary, audience=text.audience, body=list(text.body),
        reviewed_by=text.reviewed_by, reviewed_on=published - timedelta(days=3), review_by=published + timedelta(days=365),
    )  # fmt: skip


def _add(index: Any, page: Any, published: date) -> int:
    moment = datetime.combine(published, time(8), tzinfo=ZoneInfo(clock.SCHOOL_ZONE))
    there = index.get_children().filter(slug=page.slug).first()
    if there is not None:
        return _review(there.specific, page, moment)
    page.first_published_at = page.last_published_at = moment
    index.add_child(instance=page)
    return 1


def _review(copy: Any, page: Any, moment: datetime) -> int:
    """Publish what was taken from the library, as ``page`` says it was reviewed."""
    if copy.live or getattr(copy, "adopted_from_id", None) is None:
        return 0
    copy.reviewed_by = page.reviewed_by or "教职工心理服务中心"
    copy.reviewed_on = page.reviewed_on or moment.date()
    if isinstance(copy, GuidelinePage):
        copy.review_by = page.review_by
    _publish(copy, moment)
    return 1


def _publish(page: Any, moment: datetime) -> None:
    """Publish as if it had been done at ``moment``."""
    page.save_revision().publish()
    Page.objects.filter(pk=page.pk).update(first_published_at=moment, last_published_at=moment)


@transaction.atomic
def load_library(tenant: Tenant) -> int:
    """Fill the operator's library with the guidelines and tips of all kinds of school; how many pages were made."""
    home = SchoolSite.objects.select_related("site__root_page").get(tenant=tenant).site.root_page
    day = clock.local_day(clock.now()) - timedelta(days=240)
    moment = datetime.combine(day, time(8), tzinfo=ZoneInfo(clock.SCHOOL_ZONE))
    guidelines, tips = GuidelineIndexPage.objects.child_of(home).get(), TipIndexPage.objects.child_of(home).get()
    pages = [(guidelines, _guideline_page(text, day)) for text in demo_texts.every_guideline()]
    pages += [(tips, _tip_page(tip)) for tip in demo_texts.every_tip()]
    made = 0
    for index, page in pages:
        if not index.get_children().filter(slug=page.slug).exists():
            page.live = False
            _publish(index.add_child(instance=page), moment)
            made += 1
    return made


def offer_guideline(tenant: Tenant) -> None:
    """The bureau offers its first guideline to the schools of its district (ADR 0062)."""
    home = SchoolSite.objects.select_related("site__root_page").get(tenant=tenant).site.root_page
    page = GuidelinePage.objects.live().descendant_of(home).order_by("path").first()
    if page is not None:
        page.is_offered = True
        page.save_revision().publish()


def renew_library(tenant: Tenant) -> None:
    """The operator adds a paragraph to one tip, as every school that has taken it is then told."""
    home = SchoolSite.objects.select_related("site__root_page").get(tenant=tenant).site.root_page
    tip = TipPage.objects.live().descendant_of(home).order_by("path").first()
    if tip is not None:
        tip.body = [*tip.body.get_prep_value(), *({"type": kind, "value": value} for kind, value in demo_texts.ADDED)]
        tip.save_revision().publish()
