"""A report whose sender nobody knows, played by all parties at 390 px: two telephones of the sender, duty, centre; to its closing."""

import re

import pytest

from referrals.emergency.models import Incident, Report, ReportLetter
from tenancy.scope import use_tenant
from tests.emergency.drill_steps import work
from tests.emergency.world import make_world
from tests.journeys.by_hand import Played
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in

MAILBOX = "/report/mailbox/"


@pytest.fixture
def played(house: House, device: Opens) -> Played:
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
    return Played(tenant, world, house, device, "report")


def opens_mailbox(played: Played, who: str, receipt: str) -> str:
    """By the number, typed; what stands in it."""
    page = played.phone(who)
    page.goto(played.url(MAILBOX))
    page.fill("input[name=receipt]", receipt)
    played.presses(who, "main form button.btn")
    return played.look(who, "mailbox")


def minutes_in(text: str) -> int:
    """What a countdown says is left."""
    found = re.fullmatch(r"还剩 (\d+) 分钟", text)
    assert found, text
    return int(found[1])


def has_no_cookie(played: Played, who: str) -> None:
    assert played.pages[who].context.cookies() == [], "nothing by which the sender could be known"


def test_a_report_with_a_conversation_to_its_closing(played: Played) -> None:
    tenant = played.tenant
    sender = played.phone("sender", script=False)  # no script, and no cookie is ever kept
    sender.goto(played.url("/"))
    sender.locator("a[href='/report/']").first.click()  # one tap from any page
    sender.wait_for_url("**/report/")
    assert "120" in played.look("sender", "questions")
    sender.fill("textarea[name=words]", "隔壁办公室的老师三天没有说话，今天把东西都收走了")
    sender.locator("input[name=signs]").first.check()
    played.presses("sender", "main form.form button.alarm")
    sender.locator(".receipt").wait_for()
    played.look("sender", "receipt")
    receipt = re.sub(r"\D", "", sender.locator(".receipt").inner_text())
    assert len(receipt) == 28
    has_no_cookie(played, "sender")
    with use_tenant(tenant.pk):
        work()
        report, incident = Report.objects.get(), Incident.objects.get()
    assert "收到" in opens_mailbox(played, "sender", receipt)

    board = "/centre/emergency/"
    desk = f"{board}{incident.pk}/reports/{report.pk}/"
    played.goes("duty", board, "board")
    played.presses("duty", f"main a[href$='/{incident.pk}/']")
    played.look("duty", "incident")
    played.presses("duty", "form[action$='/school/acknowledge/'] button[value='15']")
    played.goes("duty", f"{board}{incident.pk}/reports/", "reports")
    assert "今天把东西都收走了" in played.goes("duty", desk, "report")
    duty = played.pages["duty"]
    played.presses("duty", f"form[action$='/{incident.pk}/reports/read/'] button")
    duty.goto(played.url(desk))
    duty.fill("#words", "谢谢您。您最后一次看见是几点？")
    played.presses("duty", "button[value=answer]")
    duty.reload()  # once
    duty.go_back()
    duty.go_forward()

    # Another telephone, with script: nothing but the number joins the two.
    text = opens_mailbox(played, "other", " ".join(re.findall("....", receipt)))
    other = played.pages["other"]
    assert "您最后一次看见是几点？" in text and "有人在管" in text
    other.fill("#words", "下午四点，在操场边")
    played.presses("other", "form.form button.btn")
    other.locator("blockquote").nth(1).wait_for()
    other.reload()  # the same again is no second letter
    assert "下午四点，在操场边" in opens_mailbox(played, "sender", receipt), "the first telephone reads it too"
    with use_tenant(tenant.pk):
        assert [row.by_id is None for row in ReportLetter.objects.order_by("number")] == [False, True]
        report = Report.objects.get()
        assert report.next_at is not None, "a letter waits to be read"
    wrong = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    assert "打不开" in opens_mailbox(played, "stranger", wrong)
    assert not played.pages["stranger"].locator("blockquote").count()
    for who in ("other", "stranger"):
        has_no_cookie(played, who)

    # A colleague who is signed in on that very telephone reports, and is as unknown.
    colleague = played.of("moral")
    before = {cookie["name"]: cookie["value"] for cookie in colleague.context.cookies()}
    colleague.goto(played.url("/report/"))
    assert played.world.members["moral"].name not in played.look("moral", "questions-signed-in")
    colleague.fill("textarea[name=words]", "我也看见了，是同一位老师")
    colleague.locator("input[name=signs]").first.check()
    played.presses("moral", "main form.form button.alarm")
    colleague.locator(".receipt").wait_for()
    after = {cookie["name"]: cookie["value"] for cookie in colleague.context.cookies()}
    assert after == before
    kept = colleague.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert "同一位老师" not in kept, "nor is anything of it left in the browser"
    colleague.go_back()
    colleague.locator("main form.form").wait_for()
    assert colleague.input_value("textarea[name=words]") == "", "whoever sits down here next finds nothing of it"
    assert not colleague.locator("input[name=signs]:checked").count()
    colleague.click("a.brand")
    colleague.wait_for_url(played.url("/"))
    assert colleague.evaluate("document.referrer") == "", "and no page that knows them is told where they come from"
    with use_tenant(tenant.pk):
        assert set(Report.objects.values_list("incident_id", flat=True)) == {incident.pk}
        assert Incident.objects.get().reported_by_id is None

    assert "下午四点，在操场边" in played.goes("duty", desk, "letter")
    duty.goto(played.url(f"{board}{incident.pk}/"))
    played.sure("duty", f"a[href$='/{incident.pk}/false-alarm/']", "false-alarm")
    with use_tenant(tenant.pk):
        assert Incident.objects.get().closed_at is None, "one word of two"
    played.goes("centre", f"{board}{incident.pk}/", "incident-centre")
    played.sure("centre", f"a[href$='/{incident.pk}/false-alarm/']", "false-alarm-second")
    with use_tenant(tenant.pk):
        assert Incident.objects.get().state == "false_alarm"

    for who in ("sender", "other"):
        text = opens_mailbox(played, who, receipt)
        assert not played.pages[who].locator("#words").count() and "误报" not in text, "that it ended, and never how"
        has_no_cookie(played, who)
    played.is_well()


def test_a_head_whose_own_browser_is_open_is_led_to_their_own_report_first(played: Played) -> None:
    """``/report/`` links the signed-in way before its first field, and the head's page counts the thirty minutes down."""
    page = played.phone("head")
    sign_in(page, played.house, played.tenant, email_of(played.world.members["head"]))
    page.goto(played.url("/report/"))
    link = page.locator("main a[href='/my/report/']").bounding_box()
    field = page.locator("main form.form textarea, main form.form input:not([type=hidden])").first.bounding_box()
    assert link and field and link["y"] < field["y"]
    page.click("main a[href='/my/report/']")
    page.wait_for_url("**/my/report/")
    timer = page.locator("[role=timer]")
    first = minutes_in(timer.inner_text())
    assert first in (29, 30), "the minute in which it was noticed has begun"
    played.look("head", "own-report")
    noticed = page.input_value("input[name=found_at]")
    page.evaluate("""() => {
      const field = document.querySelector("input[name=found_at]");
      const at = new Date(Date.parse(field.value + "Z") - 12 * 60000);
      field.value = at.toISOString().slice(0, 16);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }""")
    assert first - 13 <= minutes_in(timer.inner_text()) <= first - 12
    page.fill("input[name=found_at]", f"{noticed[:11]}00:00" if noticed[11:13] > "01" else "2026-01-01T00:00")
    assert timer.inner_text() == "30 分钟已过，照样请发出。"
    played.look("head", "own-report-late")
    played.is_well()
