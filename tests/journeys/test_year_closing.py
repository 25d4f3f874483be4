"""A pool's year closed by two of finance, and a use taken back after it, at 390 and 1280 px; the books hold at every step (books §1)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from kernel.clock import as_of, start_of_day
from ledger.selectors import balance, difference, returned
from referrals.models import PoolOrder, Redemption, Unit, Voucher
from referrals.offices.selectors import ledger_row, movements
from referrals.subsidies.accounting import units_difference
from referrals.workflow.objecting import agree
from referrals.workflow.pools import pool_key
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.fixtures_journey import POOL_FEN, Journey
from tests.journeys.conftest import DESK, PHONE, House, Opens, email_of, new_school, sign_in
from tests.journeys.test_back import back_and_forth, ours, tried
from tests.workflow.journey_steps import answer, ask

USED = start_of_day(date(2025, 11, 20)) + timedelta(hours=9)
KEY = pool_key("counselling", 2025)
SUBSIDY = 21_000
"""What the school pays of one talk at ¥300."""


@pytest.fixture(params=[PHONE, DESK], ids=["390", "1280"])
def size(request: Any) -> dict[str, int]:
    found: dict[str, int] = request.param
    return found


@pytest.fixture
def journey(house: House) -> Iterator[Journey]:
    """A school with a talk of November 2025 that was used, and another one of that year that is still held."""
    with as_of(USED):
        _tenant, journey = new_school()
        with use_tenant(journey.tenant.id):
            booking = answer(journey, ask(journey))
            ask(journey, who=journey.staff2, days=3)
    with use_tenant(journey.tenant.id), as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral_id=booking.referral_id).code)
        agree(actor=journey.staff, redemption_id=Redemption.objects.get().pk)
    yield journey


def sums(journey: Journey) -> tuple[int, int, int, int]:
    """Available, reserved, spent and given back of the pool; the books' difference is 0."""
    with use_tenant(journey.tenant.id):
        assert difference() == units_difference() == 0
        stands = balance(KEY)
        assert stands.granted == stands.available + stands.reserved + stands.spent
        return stands.available, stands.reserved, stands.spent, returned(KEY)


def sound(page: Page) -> None:
    """One of our pages, nothing beside the screen."""
    ours(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (page.url, wide)


def test_two_close_a_year_and_what_is_taken_back_after_it_leaves_the_books(
    house: House, journey: Journey, device: Opens, size: dict[str, int]
) -> None:
    one, other, office = (device(size=size).new_page() for _ in range(3))
    for page, who in ((one, "finance"), (other, "finance2")):
        sign_in(page, house, journey.tenant, email_of(journey.members[who]))
    left = POOL_FEN - 2 * SUBSIDY
    assert sums(journey) == (left, SUBSIDY, SUBSIDY, 0)

    one.goto(house.url(journey.tenant, "/finance/"))
    sound(one)
    one.goto(house.url(journey.tenant, "/finance/pools/"))
    one.select_option("select[name=kind]", "close_year")
    one.select_option("select[name=scheme]", "counselling")
    one.select_option("select[name=year]", "2025")
    one.fill("input[name=reason]", "年末结转")
    one.click("main form .acts button.btn")
    one.wait_for_selector("input[name=confirmed]", state="attached")
    sound(one)
    assert "9,580.00" in one.inner_text("main"), "what goes back is listed before anybody asks"
    one.click("main form button.btn:not(.quiet)")
    one.wait_for_url("**/finance/orders/**")
    sound(one)
    address = one.url
    assert one.locator("a[href$='/approve/']").count() == 0, "not by whoever asked"
    assert sums(journey) == (left, SUBSIDY, SUBSIDY, 0), "nothing has moved"

    other.goto(house.url(journey.tenant, "/finance/orders/"))
    sound(other)
    assert "¥0.00" not in other.locator("main tbody tr").first.inner_text(), (
        "what goes back is not known before it is closed"
    )
    other.locator("main a[href*='/finance/orders/']:not([href*='export'])").first.click()
    other.wait_for_url(address)
    sound(other)
    other.locator("a[href$='/approve/']").click()
    other.wait_for_url("**/approve/")
    sound(other)
    back_and_forth(other)
    other.locator("main form button.btn:not(.quiet)").click()
    other.wait_for_url(address)
    sound(other)
    tried(other)
    assert sums(journey) == (0, 0, SUBSIDY, left + SUBSIDY), "the rest goes back, the held talk is carried"
    with use_tenant(journey.tenant.id):
        assert [unit.carried_to for unit in Unit.objects.filter(state="held")] == [2026]
        assert [row.state for row in PoolOrder.objects.filter(kind="close_year")] == ["approved"]

    other.goto(house.url(journey.tenant, "/finance/pools/2025/counselling/"))
    sound(other)
    assert "2025 年已结转" in other.inner_text("main")
    other.goto(house.url(journey.tenant, "/finance/pools/"))
    other.select_option("select[name=kind]", "close_year")
    other.select_option("select[name=scheme]", "counselling")
    other.select_option("select[name=year]", "2025")
    other.fill("input[name=reason]", "再结一次")
    other.click("main form .acts button.btn")
    other.wait_for_load_state()
    assert "已结转" in other.inner_text("main"), "said before it is asked again"

    sign_in(office, house, journey.platform, journey.partner_user.email or "")
    with use_tenant(journey.tenant.id):
        line = Redemption.objects.get()
    office.goto(house.url(journey.platform, f"/partner/redemptions/{line.pk}/reverse/"))
    sound(office)
    office.locator("input[name=reason]").first.check(force=True)
    office.locator("main form button.btn:not(.quiet)").click()
    office.wait_for_url("**/partner/redemptions/")
    sound(office)
    assert sums(journey) == (0, 0, 0, POOL_FEN), "the refund leaves the closed year in the same act"

    one.goto(house.url(journey.tenant, "/finance/pools/2025/counselling/"))
    sound(one)
    one.goto(house.url(journey.tenant, "/finance/ledger/"))
    sound(one)
    with use_tenant(journey.tenant.id):
        rows = [ledger_row(entry) for entry in movements(book="pool") if entry.transfer.kind in ("return", "carry")]
        named = [(row.kind, row.scheme, row.at is None) for row in rows]
        assert sorted(named) == [
            ("carry", "", True), ("carry", "", True), ("return", "", True), ("return", "counselling", False),
        ], "what follows one person's refund or reservation says neither service nor minute"  # fmt: skip
        assert {row.scheme for row in map(ledger_row, movements(scheme="counselling"))} == {"counselling"}
