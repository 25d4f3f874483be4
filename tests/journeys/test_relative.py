"""A relative's whole way on their own phone: the link, tips by a proved address, a tip, the open day, another answer, an end."""

import os
import re

import pytest
from django.core import mail
from playwright.sync_api import Page

from content.opendays.models import Guest, Party
from families.models import Consent
from families.workflow import ask_consent, register_relative
from tenancy.scope import use_tenant
from tests.journeys.conftest import DESK, PHONE, House, Opens, new_school, watch
from tests.journeys.looking import inspect
from tests.opendays.world import World, make_world
from tips.models import Subscription


@pytest.fixture(scope="module")
def asked(house: House, browser: object) -> tuple[World, str, str]:
    """A school with an open day, and a relative who is asked for tips and for open days."""
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
        mother = register_relative(actor=world.host, relation="parent", name="陈秀英", phone="13800138000")
        tips, days = (
            ask_consent(actor=world.host, relative_id=mother.pk, purpose=purpose) for purpose in ("tips", "open_day")
        )
        return world, tips, days


def press(page: Page, words: str) -> None:
    page.locator("main").get_by_role("button", name=words, exact=True).click()
    page.wait_for_load_state()


def follow(page: Page, words: str) -> None:
    page.locator("main").get_by_role("link", name=words).first.click()
    page.wait_for_load_state()


def said(page: Page) -> str:
    return page.locator("main").inner_text()


def look(page: Page, name: str) -> list[str]:
    """On the phone in their hand, and on a large screen."""
    faults = []
    for size, way in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        faults += [f"{name} {way}: {fault}" for fault in inspect(page, way)]
        if folder := os.environ.get("LOOK_SHOTS"):
            page.screenshot(path=f"{folder}/relative-{name}-{size['width']}.png", full_page=True)
    return faults


def test_from_the_link_to_the_open_day_and_out_again(
    house: House, asked: tuple[World, str, str], device: Opens
) -> None:
    world, tips, days = asked
    page = device(size=PHONE).new_page()
    noted = watch(page)
    own, faults = house.url(world.school, f"/family/{tips}/"), []

    page.goto(own)
    assert "下一次开放日" not in said(page)
    press(page, "我同意")

    # Tips, by an address that is proved.
    follow(page, "用邮件接收")
    page.fill("input[name=address]", "chen@example.com")
    faults += look(page, "ask")
    press(page, "把验证码寄给我")
    with use_tenant(world.school.pk):
        assert Subscription.objects.get().confirmed_at is None, "nothing is sent before the code is typed"
    letter = mail.outbox[-1]
    assert letter.to == ["chen@example.com"]
    code = re.search(r"\b\d{6}\b", letter.body.replace("是", " "))
    assert code
    page.fill("input[name=code]", code[0])
    press(page, "开始接收")
    assert "c•••@example.com" in said(page) and page.url == own
    with use_tenant(world.school.pk):
        assert Subscription.objects.get().confirmed_at is not None

    # A tip, and from it to help in one step.
    page.locator("section[aria-labelledby=tips] a").first.click()
    page.wait_for_load_state()
    assert "/tips/" in page.url
    assert page.locator("main a[href^='/services/'], main a[href='/help/']").count() >= 1, "a tip leads on to help"
    faults += look(page, "tip")

    # The other question: open days.
    page.goto(house.url(world.school, f"/family/{days}/"))
    press(page, "我同意")
    assert world.day.title in said(page) and "怎么来" in said(page)
    faults += look(page, "card")
    page.goto(own)
    assert world.day.title in said(page), "one page for all that they agreed to"
    faults += look(page, "own")
    follow(page, world.day.title)
    assert "/open-days/" in page.url

    # The invitation came from home.
    page.goto(house.url(world.school, f"/open-day/i/{world.invitation.token}/"))
    page.locator("label.pick:has(input[name=adult][value='2'])").click()
    page.locator("label.check", has_text="听一节课").click()
    page.fill("input[name=address]", "陈女士")
    press(page, "核对一下，再报名")
    press(page, "确认报名")
    answer = page.url
    assert "/open-day/f/" in answer and "到时见" in said(page)
    faults += look(page, "answer")
    with use_tenant(world.school.pk):
        assert sorted(Guest.objects.values_list("band", flat=True)) == ["adult", "adult"]
    follow(page, "改人数和活动")
    page.locator("label.pick:has(input[name=adult][value='1'])").click()
    page.locator("label.pick:has(input[name=child][value='1'])").click()
    press(page, "保存")
    assert page.url == answer
    with use_tenant(world.school.pk):
        assert sorted(Guest.objects.values_list("band", flat=True)) == ["adult", "child"]
        assert Party.objects.get().left_at is None

    # Out again: letters first, then both agreements, from one page.
    page.goto(own)
    follow(page, "不再收信")
    press(page, "是的，不再收信")
    assert "不会再寄信了" in page.locator("body").inner_text()
    with use_tenant(world.school.pk):
        assert bytes(Subscription.objects.get().address_sealed) == b""
    press(page, "撤回：开放日")
    assert world.day.title not in said(page)
    press(page, "撤回同意")
    assert "谢谢您的答复" in page.locator("h1").inner_text()
    faults += look(page, "thanks")
    with use_tenant(world.school.pk):
        assert set(Consent.objects.filter(relative__isnull=False).values_list("state", flat=True)) == {"withdrawn"}
        assert Party.objects.get().left_at is None, "the answer is the family's own: it stands"
    assert faults == []
    assert noted.errors == []
