"""Leaving quickly at 390 px: a plain month, nobody's name, and Back shows it again instead of what was looked at."""

import pytest
from playwright.sync_api import Page

from tests.fixtures_journey import Journey
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in, watch


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    return new_school()[1]


def shown(page: Page) -> str:
    return page.locator("body").inner_text()


def test_after_leaving_quickly_back_does_not_show_what_was_left(house: House, journey: Journey, device: Opens) -> None:
    page = device().new_page()
    noted = watch(page)
    sign_in(page, house, journey.tenant, email_of(journey.members["staff"]))
    page.goto(house.url(journey.tenant, "/my/"))
    page.goto(house.url(journey.tenant, "/vouchers/"))
    page.locator("[data-quit]").click()
    page.wait_for_url("**/month/")
    assert page.get_by_role("table").is_visible()
    for trace in (journey.tenant.name, journey.members["staff"].name, "卡券", "12356"):
        assert trace not in shown(page)
        assert trace not in page.title()
    page.go_back()
    page.wait_for_url("**/month/")
    assert "我的" not in shown(page)
    page.goto(house.url(journey.tenant, "/my/"))  # typed on purpose
    page.wait_for_load_state()
    assert journey.members["staff"].name in shown(page)
    page.goto(house.url(journey.tenant, "/vouchers/"))
    page.go_back()  # an ordinary Back is an ordinary Back
    page.wait_for_url("**/my/")
    assert noted.errors == []


def test_without_script_it_is_a_link_to_the_same_page(house: House, journey: Journey, device: Opens) -> None:
    page = device(script=False).new_page()
    sign_in(page, house, journey.tenant, email_of(journey.members["staff"]))
    page.goto(house.url(journey.tenant, "/vouchers/"))
    page.locator("[data-quit]").click()
    page.wait_for_url("**/month/")
    assert journey.members["staff"].name not in shown(page)
