"""A head of department on a phone without script: the numbers first, then the report from there."""

from playwright.sync_api import Page

from referrals.emergency.models import Incident
from tenancy.scope import use_tenant
from tests.emergency.world import make_world
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in

PAGE = "/my/report/"


def _is_seen(page: Page, selector: str) -> bool:
    """Whole and on the first screen of a phone."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= 844 and box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_on_a_phone_without_script_the_numbers_stand_first_and_the_report_goes_on(house: House, device: Opens) -> None:
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
        head = world.members["head"]
    page = device(script=False).new_page()
    sign_in(page, house, tenant, email_of(head))
    page.goto(house.url(tenant, PAGE))
    assert _is_seen(page, "main a[href='tel:120']") and _is_seen(page, "main a[href='tel:110']")
    calls = page.locator("main a[href='tel:120']").bounding_box()
    search = page.locator("#who").bounding_box()
    assert calls and search and calls["y"] < search["y"]
    page.click("main a[href$='?danger=1#who']")
    page.wait_for_url("**/my/report/?danger=1#who")
    assert page.is_checked("input[name=danger_now]")
    page.check("input[name=kind][value=psychological]")
    page.fill("textarea[name=signs]", "刚才在走廊里说不想活了")
    page.click("#report .acts button")
    page.wait_for_load_state()
    assert page.url.endswith(PAGE)
    with use_tenant(tenant.pk):
        incident = Incident.objects.get()
    assert incident.danger_now and incident.suggested == "extreme" and incident.person_id is None
    assert page.locator("main a[href='tel:120']").is_visible()
