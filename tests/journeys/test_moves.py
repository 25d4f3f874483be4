"""An appointment that moves, as a person and an agency do it at 390 px: Back and "not now" on every step lose nothing (books §4)."""

import pytest
from playwright.sync_api import Page

from referrals.models import Booking, Reschedule
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in
from tests.journeys.test_back import back_and_forth, ours, tried
from tests.workflow.journey_steps import answer, ask


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    return new_school()[1]


def booked(journey: Journey) -> Booking:
    with use_tenant(journey.tenant.id):
        return answer(journey, ask(journey, days=3))


def wishes(journey: Journey) -> list[str]:
    with use_tenant(journey.tenant.id):
        return list(Reschedule.objects.order_by("pk").values_list("state", flat=True))


def another_time(page: Page, start: str) -> None:
    """Choose the first time of another day that is open, go on, and come back once by "no" and once by Back."""
    page.goto(start)
    page.locator("main a[href*='day=']").last.click()
    page.wait_for_load_state()
    page.locator("input[name=start]").first.check(force=True)
    chosen = page.locator("input[name=start]:checked").get_attribute("value")
    page.click("main form .acts button.btn")
    page.wait_for_url("**/move/check/**")
    back_and_forth(page)
    tried(page)
    page.click("main form a.quiet")
    page.wait_for_url("**/move/?**")
    assert page.locator("input[name=start]:checked").get_attribute("value") == chosen, "not now keeps the choice"
    page.go_back()
    page.wait_for_url("**/move/check/**")
    page.locator("main form button.btn").first.click()


def test_the_person_asks_and_the_agency_says_yes(house: House, journey: Journey, device: Opens) -> None:
    booking = booked(journey)
    mine, theirs = device().new_page(), device().new_page()
    sign_in(mine, house, journey.tenant, email_of(journey.members["staff"]))
    home = house.url(journey.tenant, f"/my/referrals/{booking.referral_id}/")
    another_time(mine, f"{home}appointments/{booking.pk}/move/")
    mine.wait_for_url(home)
    mine.go_back()
    ours(mine)
    assert wishes(journey) == ["open"], "Back asks for nothing a second time"
    sign_in(theirs, house, journey.platform, journey.partner_user.email or "")
    theirs.goto(house.url(journey.platform, "/partner/"))
    theirs.locator("main a[href*='/partner/wishes/']").first.click()
    theirs.wait_for_url("**/partner/wishes/**")
    tried(theirs)
    theirs.locator("form[action$='/accept/'] button").click()
    theirs.wait_for_load_state()
    ours(theirs)
    theirs.go_back()
    ours(theirs)
    tried(theirs)
    assert wishes(journey) == ["accepted"]
    with use_tenant(journey.tenant.id):
        moved = Booking.objects.get(pk=booking.pk)
    assert (moved.sequence, moved.starts_at != booking.starts_at) == (1, True)
    mine.goto(home)
    ours(mine)


def test_the_agency_asks_and_the_person_says_no(house: House, journey: Journey, device: Opens) -> None:
    booking = booked(journey)
    before = wishes(journey)
    mine, theirs = device().new_page(), device().new_page()
    sign_in(theirs, house, journey.platform, journey.partner_user.email or "")
    another_time(theirs, house.url(journey.platform, f"/partner/bookings/{booking.pk}/move/"))
    theirs.wait_for_load_state()
    ours(theirs)
    assert wishes(journey) == [*before, "open"]
    sign_in(mine, house, journey.tenant, email_of(journey.members["staff"]))
    home = house.url(journey.tenant, f"/my/referrals/{booking.referral_id}/")
    mine.goto(home)
    mine.locator("main a[href*='/wishes/']").first.click()
    mine.wait_for_url("**/wishes/**")
    tried(mine)
    mine.locator("form[action$='/decline/'] button").click()
    mine.wait_for_url(home)
    mine.go_back()
    ours(mine)
    assert wishes(journey) == [*before, "declined"]
    with use_tenant(journey.tenant.id):
        stands = Booking.objects.get(pk=booking.pk)
    assert (stands.state, stands.starts_at) == ("confirmed", booking.starts_at)
