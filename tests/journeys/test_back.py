"""Back, a reload and the language switch on every step of every form of several steps: nothing is lost, no browser's page.

Chromium itself fails the navigation (``ERR_CACHE_MISS``) where it would ask to send a form again.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from kernel.clock import local_day, now
from referrals.models import Booking, Offer, Redemption, Referral, Voucher
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.fixtures_journey import Journey
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in
from tests.workflow.journey_steps import answer, ask


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    return new_school()[1]


def ours(page: Page) -> None:
    page.locator("main#main").wait_for(
        state="attached"
    )  # what comes back from the browser's own cache is asked for anew
    assert page.locator(".help, [href='tel:12356']").count() > 0, page.url


def tried(page: Page) -> None:
    """Reload, the other language and back again: the same address, and a page of ours each time."""
    address = page.url
    page.reload()
    ours(page)
    for _ in range(2):
        page.locator("footer form button[name=language]").click()
        page.wait_for_load_state()
        assert page.url == address
        ours(page)


def back_and_forth(page: Page) -> None:
    here = page.url
    page.go_back()
    ours(page)
    page.go_forward()
    ours(page)
    assert page.url == here


def answered(page: Page) -> None:
    """The page that is shown now was an answer to a form."""
    page.locator("html[data-answers=post]").wait_for(state="attached")


def send_empty(page: Page) -> None:
    """Send the page's form as it is; the browser's own check is not asked."""
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true; })")
    page.locator("main form button.btn:not(.quiet)").first.click()
    answered(page)


@pytest.mark.parametrize("script", [True, False])
def test_asking_loses_nothing_on_any_step(house: House, journey: Journey, device: Opens, script: bool) -> None:
    page = device(script=script).new_page()
    who = make_person_of(journey)
    sign_in(page, house, journey.tenant, who)
    page.goto(house.url(journey.tenant, "/apply/"))
    page.click(f"a[href$='{journey.counselling.pk}/']")
    page.wait_for_load_state()
    first = page.url
    page.fill("input[name=units]", "4")  # more than the first ones: an office looks, and reads a note
    if script:
        page.locator("input[name=units]").blur()
        page.locator("#whole").wait_for()  # the price of four, under their number
        assert page.url == first
    page.locator("label", has=page.locator("[name=box_workday_morning]")).click()
    page.click("button[value=times]")
    page.wait_for_url("**/consent/")
    page.go_back()
    ours(page)
    assert page.url == first
    assert page.is_checked("[name=box_workday_morning]")
    assert page.input_value("input[name=units]") == "4"
    tried(page)
    assert page.is_checked("[name=box_workday_morning]")
    page.click("button[value=times]")
    page.wait_for_url("**/consent/")
    tried(page)
    page.click("button[value=consent]")  # without the tick: told at its field
    page.wait_for_url("**/consent/?check=1")
    tried(page)
    page.fill("textarea[name=note]", "晚上更方便")
    page.check("input[name=consent]")
    page.click("button[value=consent]")
    page.wait_for_url("**/check/")
    back_and_forth(page)
    tried(page)
    page.goto(house.url(journey.tenant, "/my/"))  # the browser was closed
    page.locator("main a.btn[href$='/check/']").click()
    assert "晚上更方便" in page.locator("main").inner_text()
    page.click("button[value=send]")
    page.wait_for_url("**/apply/done/**")
    done = page.url
    page.go_back()  # to what was sent: its request
    ours(page)
    assert page.url == done
    tried(page)
    with use_tenant(journey.tenant.id):
        assert Referral.objects.filter(person__email=who).count() == 1


def make_person_of(journey: Journey) -> str:
    with use_tenant(journey.tenant.id):
        return email_of(make_person(journey.tenant, "staff"))


def test_not_now_keeps_what_is_half_typed(house: House, journey: Journey, device: Opens) -> None:
    page = device(script=False).new_page()
    sign_in(page, house, journey.tenant, make_person_of(journey))
    page.goto(house.url(journey.tenant, f"/apply/{journey.counselling.pk}/"))
    page.fill("input[name=units]", "3")
    page.click("button[value=later]")
    page.wait_for_url("**/my/")
    page.locator("main a.btn[href$='/when/']").click()
    assert page.input_value("input[name=units]") == "3"
    tried(page)
    page.click("button[value=times]")  # no box is ticked
    page.locator(".errorlist, [aria-invalid=true]").first.wait_for()
    tried(page)
    assert page.input_value("input[name=units]") == "3"


@pytest.mark.parametrize("path", ["/my/family/relatives/new/", "/finance/pools/", "/my/report/"])
def test_the_language_switch_loses_nothing_that_was_typed(
    house: House, journey: Journey, device: Opens, path: str
) -> None:
    page = device().new_page()
    with use_tenant(journey.tenant.id):
        who = make_person(journey.tenant, "staff", "head", "finance")
    sign_in(page, house, journey.tenant, email_of(who))
    page.goto(house.url(journey.tenant, path))
    typed = page.locator("main form :is(input[type=text], input:not([type]), textarea):visible")
    names = {f"[name={name}]" for name in typed.evaluate_all("fields => fields.map((field) => field.name)")}
    ticked = page.locator("main form [type=radio]").last
    assert names
    for name in names:
        page.locator(name).first.fill("王老师 1")
    if ticked.count():
        ticked.evaluate("(field) => { field.checked = true; }")
    for _ in range(2):
        page.locator("footer form button[name=language]").click()
        page.wait_for_load_state()
        ours(page)
    assert {name for name in names if page.locator(name).first.input_value() != "王老师 1"} == set()
    assert not ticked.count() or ticked.is_checked()
    assert page.evaluate("sessionStorage.typed") is None, "nothing of it stays behind"


TYPED = "main form[method=post i] :is(input[type=text], input:not([type]), textarea):visible"


def typed_names(page: Page) -> set[str]:
    """Selectors of the fields of the page's form that take words."""
    return {f"main form [name={name}]" for name in page.locator(TYPED).evaluate_all("all => all.map((f) => f.name)")}


def is_kept(page: Page) -> bool:
    return page.evaluate("sessionStorage.kept") is not None


@pytest.mark.parametrize("path", ["/my/family/relatives/new/", "/finance/pools/", "/my/report/"])
def test_back_and_a_reload_lose_nothing_that_was_typed(
    house: House, journey: Journey, device: Opens, path: str
) -> None:
    """Of a private page the browser keeps nothing; a tab of its own does, until the form is sent or somebody else sits down."""
    page = device().new_page()
    with use_tenant(journey.tenant.id):
        who = make_person(journey.tenant, "staff", "head", "finance")
    sign_in(page, house, journey.tenant, email_of(who))
    page.goto(house.url(journey.tenant, path))
    names = typed_names(page)
    assert names
    for again in ("王老师 1", "王老师 2"):
        for name in names:
            page.locator(name).first.fill(again)
        page.locator("nav.tabs a").first.click()
        page.wait_for_url("**/my/")
        page.go_back()
        ours(page)
        assert {name for name in names if page.locator(name).first.input_value() != again} == set()
        page.reload()
        ours(page)
        assert {name for name in names if page.locator(name).first.input_value() != again} == set()
    page.goto(house.url(journey.tenant, path))  # asked for on purpose: a fresh form
    assert {page.locator(name).first.input_value() for name in names} == {""}


def test_nothing_is_kept_for_whoever_sits_down_next(house: House, journey: Journey, device: Opens) -> None:
    page = device().new_page()
    with use_tenant(journey.tenant.id):
        who = make_person(journey.tenant, "staff", "head")
    sign_in(page, house, journey.tenant, email_of(who))
    report = house.url(journey.tenant, "/my/report/")

    def half_typed() -> None:
        page.goto(report)
        page.fill("[name=signs]", "一直哭")
        page.goto(house.url(journey.tenant, "/my/"))
        assert is_kept(page)

    half_typed()
    page.go_back()
    page.locator("[data-quit]").click()
    page.wait_for_url("**/month/")
    assert not is_kept(page)
    half_typed()
    page.goto(house.url(journey.tenant, "/accounts/logout/"))
    page.locator("main form button.btn").first.click()
    page.wait_for_load_state()
    page.goto(house.url(journey.tenant, "/"))
    assert not is_kept(page)
    sign_in(page, house, journey.tenant, email_of(who))
    page.goto(house.url(journey.tenant, "/accounts/password/change/"))
    for field in page.locator("main [type=password]").all():
        field.fill("geheim-2026")
    page.goto(house.url(journey.tenant, "/my/"))
    assert not is_kept(page), "never a password"


def test_looking_up_a_name_loses_nothing_of_the_report(house: House, journey: Journey, device: Opens) -> None:
    page = device().new_page()
    with use_tenant(journey.tenant.id):
        who = make_person(journey.tenant, "staff", "head")
    sign_in(page, house, journey.tenant, email_of(who))
    page.goto(house.url(journey.tenant, "/my/report/"))
    page.fill("[name=signs]", "在办公室一直哭")
    page.locator("main [type=radio][name=grade]").nth(1).check()
    page.fill("[name=q]", "没有这个人")
    page.locator("form", has=page.locator("[name=q]")).locator("button").click()
    page.wait_for_url("**q=*")
    ours(page)
    assert page.input_value("[name=signs]") == "在办公室一直哭"
    assert page.locator("main [type=radio][name=grade]").nth(1).is_checked()
    page.locator("nav.tabs a").first.click()
    assert page.evaluate("sessionStorage.typed") is None


def test_the_counter_s_three_screens(house: House, journey: Journey, device: Opens) -> None:
    with use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey))
        voucher = Voucher.objects.get(booking=booking)
        # Its appointment is now: nothing is spent before its day.
        Booking.objects.filter(pk=booking.pk).update(starts_at=now(), ends_at=now() + timedelta(minutes=50))
        Voucher.objects.filter(pk=voucher.pk).update(valid_from=local_day(now()), valid_until=local_day(now()))
        code = voucher.code
    page = device().new_page()
    sign_in(page, house, journey.platform, journey.counter_user.email or "")
    page.goto(house.url(journey.platform, "/partner/scan/"))
    page.fill("input[name=code]", "123412341234")
    page.click("form[data-scan] button:not([type=button])")
    answered(page)
    page.reload()
    ours(page)
    assert page.url.endswith("/partner/scan/")
    page.fill("input[name=code]", code)
    page.click("form[data-scan] button:not([type=button])")
    page.locator("form[action$='/redeem/']").wait_for()
    back_and_forth(page)
    tried(page)
    page.click("form[action$='/redeem/'] a.quiet")  # not now
    page.wait_for_url("**/partner/scan/")
    page.go_back()
    page.locator("form[action$='/redeem/'] button").click()
    page.wait_for_url("**/done/")
    page.go_back()
    ours(page)
    tried(page)
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.count() == 1


def test_an_agency_s_answers(house: House, journey: Journey, device: Opens) -> None:
    with use_tenant(journey.tenant.id):
        offer = Offer.objects.get(referral=ask(journey))
    page = device().new_page()
    sign_in(page, house, journey.platform, journey.partner_user.email or "")
    for way in ("propose", "decline"):
        page.goto(house.url(journey.platform, f"/partner/offers/{offer.pk}/"))
        page.goto(house.url(journey.platform, f"/partner/offers/{offer.pk}/{way}/"))
        send_empty(page)
        back_and_forth(page)
        tried(page)


def test_a_policy_and_money_for_a_pool(house: House, journey: Journey, device: Opens) -> None:
    page = device().new_page()
    sign_in(page, house, journey.tenant, email_of(journey.members["finance"]))
    for path in ("/finance/policies/new/", "/finance/pools/"):
        page.goto(house.url(journey.tenant, "/finance/"))
        page.goto(house.url(journey.tenant, path))
        send_empty(page)
        back_and_forth(page)
        tried(page)
