"""At a desk: an agency's lists are lines of a table as wide as the page, an office's fields end where a line is read well."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from kernel.clock import local_day, now
from referrals.models import Booking, Voucher
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.fixtures_journey import Journey
from tests.journeys.conftest import DESK, House, Opens, email_of, new_school, sign_in
from tests.workflow.journey_steps import answer, ask

LISTS = ("/partner/", "/partner/offers/", "/partner/bookings/", "/partner/redemptions/")
LINE = 104
"""Pixels: three lines of small text and the room around them. A card of a phone is higher from two parts on."""


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    """One request waits, one appointment is to come, one voucher was redeemed."""
    made = new_school()[1]
    with use_tenant(made.tenant.id):
        ask(made)
        answer(made, ask(made))
        booking = answer(made, ask(made, days=2))
        Booking.objects.filter(pk=booking.pk).update(starts_at=now(), ends_at=now() + timedelta(minutes=50))
        voucher = Voucher.objects.get(booking=booking)
        Voucher.objects.filter(pk=voucher.pk).update(valid_from=local_day(now()), valid_until=local_day(now()))
        code = voucher.code
    redeem(actor=made.partner_counter, text=code)
    return made


def entries(page: Page) -> list[dict[str, float]]:
    found = page.locator("main .rows > *").evaluate_all(
        "all => all.map(one => { const box = one.getBoundingClientRect(); return {width: box.width, height: box.height} })"
    )
    assert found, page.url
    return found


def test_on_a_desk_a_list_is_lines(house: House, journey: Journey, device: Opens) -> None:
    page = device(size=DESK).new_page()
    sign_in(page, house, journey.platform, journey.partner_user.email or "")
    for path in LISTS:
        page.goto(house.url(journey.platform, path))
        for box in entries(page):
            assert box["width"] > 1_000 and box["height"] < LINE, (path, box)


def test_what_can_be_done_stands_on_one_line_of_a_desk(house: House, journey: Journey, device: Opens) -> None:
    page = device(size=DESK).new_page()
    sign_in(page, house, journey.platform, journey.partner_user.email or "")
    for path in ("/partner/bookings/", "/partner/redemptions/"):
        page.goto(house.url(journey.platform, path))
        tops = page.locator("main .rows .acts").evaluate_all(
            "all => all.map(one => new Set([...one.children].map(act => act.offsetTop)).size)"
        )
        assert tops and set(tops) == {1}, (path, tops)


def test_what_can_be_asked_for_is_a_menu_on_a_desk_and_cards_on_a_phone(
    house: House, journey: Journey, device: Opens
) -> None:
    for page, widest, highest in ((device(size=DESK).new_page(), 1_280, LINE), (device().new_page(), 390, 400)):
        sign_in(page, house, journey.tenant, email_of(journey.members["staff"]))
        page.goto(house.url(journey.tenant, "/apply/"))
        boxes = page.locator("main .menu > li").evaluate_all(
            "all => all.map(one => { const box = one.getBoundingClientRect(); return [box.width, box.height] })"
        )
        assert boxes and all(0.8 * widest < width < widest and height < highest for width, height in boxes), boxes


def test_a_line_of_the_ledger_is_short_on_a_phone(house: House, journey: Journey, device: Opens) -> None:
    page = device().new_page()
    sign_in(page, house, journey.tenant, email_of(journey.members["finance"]))
    page.goto(house.url(journey.tenant, "/finance/ledger/"))
    heights = page.locator("main .dense tbody tr").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) > 4 and max(heights) < 190, heights


def test_a_list_within_a_card_draws_no_second_card(house: House, journey: Journey, device: Opens) -> None:
    page = device(size=DESK).new_page()
    sign_in(page, house, journey.platform, journey.partner_user.email or "")
    page.goto(house.url(journey.platform, "/partner/agency/"))
    drawn = page.locator("main .card .rows").evaluate_all("all => all.map(one => getComputedStyle(one).borderTopWidth)")
    assert drawn and set(drawn) == {"0px"}, drawn


def test_on_a_phone_an_entry_is_a_card(house: House, journey: Journey, device: Opens) -> None:
    page = device().new_page()
    sign_in(page, house, journey.platform, journey.partner_user.email or "")
    for path in LISTS:
        page.goto(house.url(journey.platform, path))
        for box in entries(page):
            assert box["width"] < 390 and box["height"] > LINE, (path, box)


def admin_of(journey: Journey) -> str:
    with use_tenant(journey.tenant.id):
        return email_of(make_person(journey.tenant, "admin"))


def test_fields_of_an_office_end_at_a_readable_width(house: House, journey: Journey, device: Opens) -> None:
    page = device(size=DESK).new_page()
    sign_in(page, house, journey.tenant, admin_of(journey))
    for path in ("/school/departments/", "/school/settings/", "/school/members/new/"):
        page.goto(house.url(journey.tenant, path))
        fields = page.locator("main form.form .field").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().width)"
        )
        assert fields and max(fields) <= 704, (path, fields)


def test_what_opens_is_seen_to_open(house: House, journey: Journey, device: Opens) -> None:
    """A sign behind the words, or an icon among them: the browser's own triangle is gone."""
    page = device(size=DESK).new_page()
    sign_in(page, house, journey.tenant, admin_of(journey))
    page.goto(house.url(journey.tenant, "/school/roster/"))
    sign = page.locator("main summary").first.evaluate("one => getComputedStyle(one, '::after').width")
    assert float(sign.removesuffix("px")) > 4


def test_what_follows_a_heading_stands_together(house: House, journey: Journey, device: Opens) -> None:
    page = device(size=DESK).new_page()
    sign_in(page, house, journey.tenant, email_of(journey.members["finance"]))
    page.goto(house.url(journey.tenant, "/finance/"))
    ends = (
        page.locator("main .head")
        .first.locator("> *")
        .evaluate_all(
            "all => all.map(one => { const box = one.getBoundingClientRect(); return [box.left, box.right] })"
        )
    )
    assert len(ends) == 3
    assert ends[2][0] - ends[1][1] < 40, ends
