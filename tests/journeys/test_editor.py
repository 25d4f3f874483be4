"""An editor looks at a page before it is published, and at the pages the work begins with."""

import os
from datetime import date, timedelta
from typing import Any

import pytest
from wagtail.models import Page

from content.demo import load_library, renew_library
from content.library import copies_at, library_pages, take_all
from content.models import GuidelinePage
from kernel.clock import now
from tests.conftest import make_person
from tests.fixtures_journey import Journey, make_platform
from tests.journeys.conftest import DESK, PHONE, House, Opens, new_school, sign_in, watch
from tests.journeys.looking import left_in_english


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    return new_school()[1]


def test_the_preview_shows_the_page(house: House, journey: Journey, device: Opens) -> None:
    editor = make_person(journey.tenant, "editor", name="邵编辑").user
    home = Page.objects.get(sites_rooted_here__hostname=journey.tenant.host.partition(":")[0])
    guideline = GuidelinePage.objects.descendant_of(home).first()
    assert guideline is not None
    page = device().new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    noted = watch(page)
    sign_in(page, house, journey.tenant, editor.email or "")
    page.goto(house.url(journey.tenant, f"/cms/pages/{guideline.pk}/edit/"))
    page.locator("[data-side-panel-toggle=preview]").click()
    frame = page.frame_locator("iframe[data-w-preview-target=iframe]").last
    frame.get_by_role("heading", name=guideline.title).first.wait_for()
    assert [error for error in noted.errors if "frame" in error.lower()] == []


@pytest.fixture(scope="module")
def stocked(journey: Journey) -> Any:
    """The school has taken the library; one page has grown old, one is put on a date, one is newer there."""
    platform = make_platform()
    load_library(platform)
    take_all(tenant=journey.tenant)
    renew_library(platform)
    editor = make_person(journey.tenant, "editor", name="邵编辑").user
    home = Page.objects.get(sites_rooted_here__hostname=journey.tenant.host.partition(":")[0])
    old, coming, *_rest = GuidelinePage.objects.live().descendant_of(home)
    GuidelinePage.objects.filter(pk=old.pk).update(reviewed_on=date(2020, 9, 1))
    coming.go_live_at = now() + timedelta(days=3)
    coming.save_revision(user=editor).publish(user=editor, skip_permission_checks=True)
    return editor, home


def test_the_cms_wears_our_dress(house: House, journey: Journey, device: Opens, stocked: Any) -> None:
    """Every page an editor begins with: Chinese, as wide as the screen, in light and in dark, without a fault."""
    editor, home = stocked
    source = library_pages().first()
    copy = next(copy.page for copy in copies_at(home).values() if copy.has_newer)
    page = device().new_page()
    noted = watch(page)
    sign_in(page, house, journey.tenant, editor.email or "")
    faults = []
    for name, path in {
        "dashboard": "/cms/",
        "library": "/cms/library/",
        "library-found-nothing": "/cms/library/?q=没有这样的词",
        "library-page": f"/cms/library/{source.pk}/",
        "library-newer": f"/cms/library/newer/{copy.pk}/",
        "copy": f"/cms/pages/{copy.pk}/edit/",
        "explorer": f"/cms/pages/{home.pk}/",
        "pictures": "/cms/images/",
    }.items():
        page.goto(house.url(journey.tenant, path))
        for scheme in ("light", "dark"):
            for size in (PHONE, DESK):
                page.set_viewport_size(size)  # type: ignore[arg-type]
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    faults.append(f"{name} {size['width']} scrolls sideways")
                if folder := os.environ.get("LOOK_SHOTS"):
                    page.wait_for_timeout(400)
                    page.screenshot(path=f"{folder}/cms-{name}-{scheme}-{size['width']}.png", full_page=True)
        faults += [f"{name} {fault}" for fault in left_in_english(page)]
        words = page.locator("body").inner_text() + page.title()
        faults += [f"{name} says {word}" for word in ("Wagtail", "推荐", "editor guide") if word in words]
        faults += [f"{name} console: {error}" for error in noted.errors]
        noted.forget()
    assert faults == []


def test_a_first_page_where_nothing_waits(house: House, device: Opens) -> None:
    tenant, _journey = new_school("新安中学")
    editor = make_person(tenant, "editor", name="邵编辑").user
    page = device().new_page()
    noted = watch(page)
    sign_in(page, house, tenant, editor.email or "")
    page.goto(house.url(tenant, "/cms/"))
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        if folder := os.environ.get("LOOK_SHOTS"):
            page.screenshot(path=f"{folder}/cms-dashboard-empty-light-{size['width']}.png", full_page=True)
    assert page.locator(".xq-panel li").count() == 0
    assert page.locator(".xq-panel .xq-note").count() == 7
    assert left_in_english(page) == []
    assert noted.errors == []
