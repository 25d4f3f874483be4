"""A family's way at 390 px: named at school, asked by link, answered on the relative's own phone, and taken back."""

import re

import pytest
from playwright.sync_api import Page

from families.models import Consent
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in, watch
from tests.journeys.looking import inspect


@pytest.fixture(scope="module")
def journey(house: House) -> Journey:
    return new_school()[1]


def press(page: Page, words: str) -> None:
    page.locator("main").get_by_role("button", name=words).click()
    page.wait_for_load_state()


def follow(page: Page, words: str) -> None:
    page.locator("main").get_by_role("link", name=words).first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_relative_is_named_asked_agrees_and_withdraws(
    house: House, journey: Journey, device: Opens, script: bool
) -> None:
    staff, who = device(script=script).new_page(), "周小敏" if script else "周晓明"
    noted = watch(staff)
    sign_in(staff, house, journey.tenant, email_of(journey.members["staff"]))
    staff.goto(house.url(journey.tenant, "/my/"))
    follow(staff, "我的家人")
    follow(staff, "添加家人")
    staff.locator("label", has_text="配偶").click()
    staff.fill("input[name=name]", who)
    staff.fill("input[name=phone]", "139 0000 0009")
    press(staff, "保存")
    assert "没有通知任何人" in staff.locator("main").inner_text()
    follow(staff, "征求同意 紧急联系")
    press(staff, "生成链接")
    address = staff.input_value("#address")
    assert staff.locator(".qr svg").bounding_box()["width"] >= 240  # type: ignore[index]
    assert staff.get_by_role("button", name="复制").is_visible() is script
    faults = inspect(staff, "phone") if script else []

    relative = device(script=script).new_page()
    relative.goto(address)
    shown = relative.locator("main").inner_text()
    assert "值班心理老师" in shown
    assert who not in shown
    if script:
        faults += inspect(relative, "phone")
    press(relative, "晚点再说")
    assert "不着急" in relative.locator("main").inner_text()
    staff.goto(house.url(journey.tenant, "/my/family/"))
    assert "对方说晚点再答" in staff.locator("a.card", has_text=who).inner_text()
    press(relative, "我同意")
    assert relative.url == address
    staff.reload()
    assert "已同意" in staff.locator("a.card", has_text=who).inner_text()

    later = device(script=script).new_page()  # another day, from the same message
    later.goto(address)
    press(later, "撤回同意")
    assert "谢谢您的答复" in later.locator("h1").inner_text()
    again = later.goto(address)
    assert again is not None
    assert again.status == 404
    staff.reload()
    assert "已撤回" in staff.locator("a.card", has_text=who).inner_text()
    with use_tenant(journey.tenant.id):
        assert Consent.objects.filter(relative__isnull=False).latest("asked_at").state == "withdrawn"
    assert faults == []
    assert noted.errors == []


def test_a_child_is_entered_on_the_way_to_a_request(house: House, journey: Journey, device: Opens) -> None:
    page = device().new_page()
    sign_in(page, house, journey.tenant, email_of(journey.members["staff2"]))
    page.goto(house.url(journey.tenant, f"/apply/{journey.childcare.pk}/"))
    follow(page, "添加孩子")
    page.fill("input[name=name]", "王小满")
    page.fill("input[name=born]", "2019-03-04")
    press(page, "保存")
    assert re.search(r"/apply/[0-9a-f-]{36}/when/\?service=[0-9a-f-]{36}$", page.url)
    assert page.locator("label", has_text="王小满").locator("input").is_checked()
    assert inspect(page, "phone") == []
