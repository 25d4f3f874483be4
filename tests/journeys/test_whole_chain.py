"""Played whole by hand at 390 px: a report that nobody knows the sender of, to its closing; a drill, from its plan to its report."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Drill, Incident, Report, ReportLetter
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.drill_steps import work
from tests.emergency.world import World, make_world
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in, watch

NOT_NOW = "a.btn.quiet:has-text('不')"
WORD = "停止演练"


@pytest.fixture
def place(house: House) -> tuple[Tenant, World]:
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        return tenant, make_world(tenant)


def words(page: Page) -> str:
    return page.locator("main").inner_text()


def opened_as(post: str, place: tuple[Tenant, World], house: House, device: Opens) -> Page:
    page = device().new_page()
    sign_in(page, house, place[0], email_of(place[1].members[post]))
    return page


def sure(page: Page, door: str) -> None:
    """The page before an act that cannot be undone: *not now* leads back and nothing is done; then it is pressed."""
    here = page.url
    page.click(door)
    page.wait_for_url(lambda url: url != here)
    page.click(NOT_NOW)
    page.wait_for_url(here)
    page.click(door)
    page.wait_for_url(lambda url: url != here)
    page.click("main form button.btn:not(.quiet)")
    page.wait_for_load_state()


def test_a_report_whose_sender_nobody_knows_to_its_closing(
    place: tuple[Tenant, World], house: House, device: Opens
) -> None:
    tenant, world = place
    sender = device().new_page()
    noted = watch(sender)
    sender.goto(house.url(tenant, "/report/"))
    sender.fill("textarea[name=words]", "隔壁办公室的老师三天没有说话，今天把东西都收走了")
    sender.click("main form.form button.alarm")
    sender.locator(".receipt").wait_for()
    receipt = re.sub(r"\D", "", sender.locator(".receipt").inner_text())
    assert len(receipt) == 28
    with use_tenant(tenant.pk):
        decide_school()
        report, incident = Report.objects.get(), Incident.objects.get()

    duty = opened_as("duty", place, house, device)
    board = house.url(tenant, "/centre/emergency/")
    duty.goto(board)
    duty.click(f"main a[href$='/{incident.pk}/']")
    duty.locator("form[action$='/school/acknowledge/'] button[value='15']").first.click()
    duty.wait_for_load_state()
    duty.goto(f"{board}{incident.pk}/reports/{report.pk}/")
    assert "今天把东西都收走了" in words(duty)
    duty.click(f"form[action$='/{incident.pk}/reports/read/'] button")
    duty.wait_for_load_state()
    duty.goto(f"{board}{incident.pk}/reports/{report.pk}/")
    duty.fill("#words", "谢谢您。您最后一次看见是几点？")
    duty.click("button[value=answer]")
    duty.wait_for_load_state()
    duty.reload()  # once
    duty.go_back()
    duty.go_forward()

    sender.goto(house.url(tenant, "/report/mailbox/"))
    sender.fill("input[name=receipt]", receipt)
    sender.click("main form button.btn")
    sender.locator("blockquote").first.wait_for()
    assert "您最后一次看见是几点？" in words(sender) and "有人在管" in words(sender)
    sender.fill("#words", "下午四点，在操场边")
    sender.click("form.form button.btn")
    sender.locator("blockquote").nth(1).wait_for()
    sender.go_back()
    sender.goto(house.url(tenant, "/report/"))  # whatever Back shows, the house is one address away
    with use_tenant(tenant.pk):
        assert [row.by_id is None for row in ReportLetter.objects.order_by("number")] == [False, True]

    duty.goto(f"{board}{incident.pk}/reports/{report.pk}/")
    assert "下午四点，在操场边" in words(duty)
    duty.goto(f"{board}{incident.pk}/")
    sure(duty, f"a[href$='/{incident.pk}/false-alarm/']")
    with use_tenant(tenant.pk):
        assert Incident.objects.get().closed_at is None, "one word of two"
    centre = opened_as("centre", place, house, device)
    centre.goto(f"{board}{incident.pk}/")
    sure(centre, f"a[href$='/{incident.pk}/false-alarm/']")
    with use_tenant(tenant.pk):
        assert Incident.objects.get().state == "false_alarm"

    sender.goto(house.url(tenant, "/report/mailbox/"))
    sender.fill("input[name=receipt]", receipt)
    sender.click("main form button.btn")
    sender.locator("blockquote").first.wait_for()
    assert not sender.locator("#words").count() and "误报" not in words(sender), "that it ended, and never how"
    assert noted.errors == []
    assert not sender.context.cookies(), "nothing by which the sender could be known"


def test_a_drill_from_its_plan_to_its_report(place: tuple[Tenant, World], house: House, device: Opens) -> None:
    tenant, world = place
    leader = opened_as("centre", place, house, device)
    noted = watch(leader)
    leader.goto(house.url(tenant, "/centre/emergency/drills/"))
    leader.click("main a[href$='/drills/new/suicide/']")
    leader.wait_for_url("**/drills/new/suicide/")
    leader.fill("input[name=title]", "期末前的演练")
    for post in ("duty", "second"):
        leader.check(f"input[name=themselves][value='{world.members[post].pk}']")
    leader.select_option("select[name=part_contact_1]", str(world.members["moral"].pk))
    leader.click("main form button.btn:not(.quiet)")
    leader.wait_for_url(re.compile(r"/drills/[0-9a-f-]{36}/$"))
    own = leader.url
    leader.go_back()  # to the form, and forward again: one plan
    leader.go_forward()
    leader.wait_for_url(own)
    with use_tenant(tenant.pk):
        drill = Drill.objects.get()
    leader.click("button[value=begin]")
    leader.wait_for_load_state()
    assert is_now(tenant, "planned"), "not everybody has read it"

    players = {post: opened_as(post, place, house, device) for post in ("duty", "second", "moral")}
    for page in players.values():
        page.goto(own)
        page.click("button[value=read]")
        page.wait_for_load_state()
    leader.goto(own)
    leader.click("button[value=begin]")
    leader.wait_for_load_state()
    assert is_now(tenant, "running")
    with use_tenant(tenant.pk):
        work()
    duty = players["duty"]
    duty.goto(own)
    duty.click(f"main a[href$='/centre/emergency/{incident_of(tenant).pk}/']")
    assert duty.locator(".band").is_visible()
    duty.locator("form[action$='/school/acknowledge/'] button[value='15']").first.click()
    duty.wait_for_load_state()
    assert duty.locator(".band").is_visible()

    leader.goto(own)
    sure(leader, f"a[href$='/drills/{drill.pk}/sure/end/']")
    assert is_now(tenant, "ended")
    leader.goto(own)
    leader.fill("textarea[name=words]", "社区的电话找了四分钟。")
    leader.click("button[value=learnt]")
    leader.wait_for_load_state()
    leader.click("main a[href$='/report/']")
    leader.wait_for_url("**/report/")
    assert "社区的电话找了四分钟。" in words(leader)
    leader.go_back()
    leader.wait_for_url(own)
    assert "社区的电话找了四分钟。" in leader.locator("textarea[name=words]").input_value()
    assert noted.errors == []
    with use_tenant(tenant.pk):
        assert not Incident.objects.filter(is_drill=False).exists()


def is_now(tenant: Tenant, state: str) -> bool:
    with use_tenant(tenant.pk):
        return bool(Drill.objects.get().state == state)


def incident_of(tenant: Tenant) -> Any:
    with use_tenant(tenant.pk):
        return Drill.objects.get().incident
