"""Pages of the demo schools, loaded as an editor would write them. Texts: ``content.demo_texts``."""

import random
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from content import demo_texts
from content.demo_texts import Guideline, Tip
from content.models import GuidelineIndexPage, GuidelinePage, HomePage, SchoolSite, TipIndexPage, TipPage
from kernel import clock
from tenancy.models import Tenant


@transaction.atomic
def load_pages(tenant: Tenant, *, kind: str, seed: int, as_of: date | None = None) -> int:
    """Fill the school's tree with guidelines and tips that suit ``kind``; returns how many pages were made.

    ``as_of`` is the day in the school's zone on which the newest page appeared (today when None). Pages that are there
    already, by their slug, stay as they are. SchoolSite.DoesNotExist when the school has no site yet.
    """
    chance = random.Random(f"{seed}:{tenant.slug}")  # noqa: S311 - order of demo pages, no secret
    day = as_of or clock.local_day(clock.now())
    home = SchoolSite.objects.select_related("site__root_page").get(tenant=tenant).site.root_page.specific
    _greet(home, kind)
    guidelines = GuidelineIndexPage.objects.child_of(home).get()
    tips = TipIndexPage.objects.child_of(home).get()
    _introduce(guidelines, demo_texts.GUIDELINES_INTRO)
    _introduce(tips, demo_texts.TIPS_INTRO)
    made = 0
    chosen = demo_texts.tips_for(kind)
    chance.shuffle(chosen)
    # The oldest first, so that page order and dates agree: a tip a week, a guideline a month.
    for number, tip in enumerate(chosen):
        made += _add(tips, _tip_page(tip), day - timedelta(weeks=len(chosen) - 1 - number))
    for number, guideline in enumerate(demo_texts.guidelines_for(kind)):
        published = day - timedelta(days=20 + 30 * number)
        made += _add(guidelines, _guideline_page(guideline, published), published)
    return made


def _greet(home: HomePage, kind: str) -> None:
    home.hero_title, home.intro = demo_texts.greeting_for(kind)
    home.save()


def _introduce(index: Any, intro: str) -> None:
    index.intro = intro
    index.save()


def _tip_page(tip: Tip) -> TipPage:
    return TipPage(title=tip.title, slug=tip.slug, summary=tip.summary, minutes=tip.minutes, body=list(tip.body))


def _guideline_page(text: Guideline, published: date) -> GuidelinePage:
    return GuidelinePage(
        title=text.title, slug=text.slug, summary=text.summary, audience=text.audience, body=list(text.body),
        reviewed_by=text.reviewed_by, reviewed_on=published - timedelta(days=3), review_by=published + timedelta(days=365),
    )  # fmt: skip


def _add(index: Any, page: Any, published: date) -> int:
    if index.get_children().filter(slug=page.slug).exists():
        return 0
    moment = datetime.combine(published, time(8), tzinfo=ZoneInfo(clock.SCHOOL_ZONE))
    page.first_published_at = page.last_published_at = moment
    index.add_child(instance=page)
    return 1
