"""The main job by hand, on a phone: from a published page to a redeemed voucher, and back (issue A, §3)."""

import io
import re
from collections.abc import Iterator

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from audit.models import AuditEntry
from audit.verify import verify
from ledger.selectors import difference
from referrals.models import Redemption, Referral, Voucher
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.journeys.conftest import House, Opens, email_of, fill_sign_in, new_school, sign_in, watch

TOLD = frozenset({"referral.submit", "offer.open", "booking.confirm", "voucher.redeem", "voucher.reverse"})
"""What the record must hold at the end."""


@pytest.fixture
def school(house: House, browser: object) -> Iterator[tuple[Tenant, Journey]]:
    yield new_school()


def words(page: Page) -> str:
    return page.locator("main").inner_text()


def pool_figures(page: Page, house: House, tenant: Tenant) -> list[str]:
    """Available, granted, reserved, spent of the counselling pool, as finance reads them."""
    page.goto(house.url(tenant, "/finance/"))
    card = page.locator(".grid section.card", has_text="心理咨询").first
    return re.findall(r"¥[\d,.]+", card.inner_text())


def apply_from_the_guideline(page: Page, house: House, tenant: Tenant, journey: Journey) -> Referral:
    """Guideline → price → sign-in → times → consent → check → done."""
    page.goto(house.url(tenant, "/"))
    page.click("a[href*='/guidelines/']")
    page.goto(house.url(tenant, "/guidelines/when-you-are-worn-out/"))
    page.locator("main a.task[href='/services/#counselling']").first.click()
    page.wait_for_url("**/services/#counselling")
    assert "¥210.00" in words(page)
    assert "¥90.00" in words(page)
    assert page.locator("main form input[type=text]").count() == 0  # the price stands before the first field
    page.click(f"a[href$='{journey.counselling.pk}/']")
    page.wait_for_url("**/accounts/login/**")
    fill_sign_in(page, email_of(journey.members["staff"]))
    page.wait_for_url("**/apply/*/when/?service=*")
    for box in page.locator("label.pick").all():  # any time: the first is today
        box.click()
    page.locator("label.pick:has(input[name=wish_gender][value=female])").click()
    page.click("button[value=times]")
    page.locator("aside.see").wait_for()
    assert not page.is_checked("input[name=consent]")  # nothing is ticked beforehand
    assert not page.locator("textarea[name=note]").count()  # nobody at the school would read it
    page.check("input[name=consent]")
    page.click("button[value=consent]")
    page.locator("button[value=send]").wait_for()
    assert "女性" in words(page)
    with use_tenant(tenant.id):
        assert not Referral.objects.exists()  # looking and quoting wrote nothing
    page.click("button[value=send]")
    page.wait_for_url("**/apply/done/**")
    with use_tenant(tenant.id):
        sent = Referral.objects.get()
    assert sent.number in words(page)
    return sent


def confirm_as_partner(page: Page, house: House, journey: Journey, sent: Referral) -> None:
    sign_in(page, house, journey.platform, journey.partner_user.email or "")
    page.goto(house.url(journey.platform, "/partner/"))
    page.locator("main a[href^='/partner/offers/']").first.click()
    page.locator("input[name=starts_at]:checked").first.wait_for(state="attached")
    assert journey.members["staff"].name not in words(page)  # an offer has no name (rules §5)
    assert sent.number not in words(page)
    page.locator("form:has(input[name=starts_at]) button.btn").last.click()
    page.wait_for_load_state()


def read_code(picture: bytes) -> str:
    """What a camera reads from the screen."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert len(found) == 1
    return found[0].text


def look_up(page: Page, house: House, journey: Journey, code: str) -> None:
    """The keypad of the counter: twelve digits, grouped by themselves."""
    page.goto(house.url(journey.platform, "/partner/scan/"))
    page.click("input[name=code]")
    page.keyboard.type(code)
    assert page.input_value("input[name=code]") == f"{code[:4]} {code[4:8]} {code[8:]}"
    page.click("form[data-scan] button:not([type=button])")


def test_from_a_published_page_to_a_redeemed_voucher_and_back(
    school: tuple[Tenant, Journey], house: House, device: Opens
) -> None:
    tenant, journey = school
    staff, partner, finance = (device().new_page() for _ in range(3))
    notes = [watch(page) for page in (staff, partner, finance)]
    sign_in(finance, house, tenant, email_of(journey.members["finance"]))
    untouched = pool_figures(finance, house, tenant)
    sent = apply_from_the_guideline(staff, house, tenant, journey)
    reserved = pool_figures(finance, house, tenant)
    assert reserved != untouched
    confirm_as_partner(partner, house, journey, sent)

    with use_tenant(tenant.id):
        voucher = Voucher.objects.get(referral=sent)
    staff.goto(house.url(tenant, f"/my/referrals/{sent.pk}/"))
    staff.click(f"a[href='/vouchers/{voucher.pk}/']")
    face = staff.locator(".face svg")
    box = face.bounding_box()
    assert box is not None
    assert box["width"] >= 240
    address = read_code(staff.locator(".face").screenshot())
    assert re.fullmatch(rf"http://localhost:{house.port}/v/[A-Za-z0-9_-]{{20,}}/", address)
    code = re.sub(r"\D", "", staff.locator(".face b").inner_text())
    assert len(code) == 12

    look_up(partner, house, journey, code)
    partner.locator("form[action$='/redeem/'] button").wait_for()
    assert "¥90.00" in words(partner)
    with use_tenant(tenant.id):
        assert not Redemption.objects.exists()  # looking spends nothing
    partner.click("form[action$='/redeem/'] button")
    result = partner.locator(".result.ok")
    result.wait_for()
    assert "¥90.00" in result.inner_text()
    result_box = result.bounding_box()
    assert result_box is not None
    assert result_box["width"] >= 350
    spent = pool_figures(finance, house, tenant)
    assert spent != reserved

    staff.goto(house.url(tenant, f"/vouchers/{voucher.pk}/"))
    assert "¥90.00" in words(staff)
    assert staff.locator("#used").count() == 1
    look_up(partner, house, journey, code)
    partner.locator(".result.wait, .result.bad").wait_for()  # a second time: calm, and nothing is spent

    with use_tenant(tenant.id):
        redemption = Redemption.objects.get()
    partner.goto(house.url(journey.platform, f"/partner/redemptions/{redemption.pk}/reverse/"))
    partner.check("input[name=reason][value=scanned_by_mistake]")
    partner.click("main form button.alarm")
    partner.wait_for_url("**/partner/redemptions/")
    assert pool_figures(finance, house, tenant) == reserved
    _the_record_tells_it(tenant)
    assert [note.errors for note in notes] == [[], [], []]


def _the_record_tells_it(tenant: Tenant) -> None:
    with use_tenant(tenant.id):
        acts = set(AuditEntry.objects.values_list("action", flat=True))
        assert difference() == 0
    assert acts >= TOLD, TOLD - acts
    assert verify(tenant.id).broken is None


def test_the_same_request_without_script(school: tuple[Tenant, Journey], house: House, device: Opens) -> None:
    tenant, journey = school
    staff, partner = device(script=False).new_page(), device(script=False).new_page()
    sent = apply_from_the_guideline(staff, house, tenant, journey)
    confirm_as_partner(partner, house, journey, sent)
    with use_tenant(tenant.id):
        voucher = Voucher.objects.get(referral=sent)
    partner.goto(house.url(journey.platform, "/partner/scan/"))
    partner.fill("input[name=code]", voucher.code)
    partner.click("form[data-scan] button:not([type=button])")
    partner.click("form[action$='/redeem/'] button")
    partner.locator(".result.ok").wait_for()
