"""An editor looks at a page before it is published: the preview beside the form shows the page itself."""

import pytest
from wagtail.models import Page

from content.models import GuidelinePage
from content.schools import grant_editor
from tests.conftest import make_person
from tests.fixtures_journey import Journey
from tests.journeys.conftest import House, Opens, new_school, sign_in, watch


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    return new_school()[1]


def test_the_preview_shows_the_page(house: House, journey: Journey, device: Opens) -> None:
    editor = make_person(journey.tenant, "editor", name="邵编辑").user
    grant_editor(editor, journey.tenant)
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
