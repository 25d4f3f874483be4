"""The sheet of open days: what everybody reads, the family's pages, the organiser's desk, the gate."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _check(page: Page, town: Town) -> None:
    page.locator("label.pick:has(input[name=child][value='1'])").click()
    page.fill("input[name=address]", "王女士")
    page.click("main form button.btn")
    page.locator("button[name=sure]").wait_for()


def _nothing(page: Page, town: Town) -> None:
    page.click("main form button.btn")
    page.locator("[aria-invalid=true], .errorlist").first.wait_for()


def _empty(page: Page, town: Town) -> None:
    page.click("main form button.btn")
    page.locator(".notice.wait").wait_for()


def _in(page: Page, town: Town) -> None:
    page.fill("#find", "王女士")
    page.click("[data-find] button")
    page.locator("[data-pass]").wait_for()


OPENDAY_LOOKS = [
    Look("open-days", "public", "/open-days/"),
    Look("open-day", "public", "{openday_page}"),
    Look("open-day-invitation", "public", "{openday_invitation}"),
    # Before the next one: the browser keeps for a while what a family has typed there.
    Look("open-day-nothing", "public", "{openday_invitation}", status=200, act=_nothing),
    Look("open-day-check", "public", "{openday_invitation}", act=_check),
    Look("open-day-late", "public", "{openday_late}"),
    Look("open-day-party", "public", "{openday_party}"),
    Look("open-day-here", "public", "{openday_here}"),
    Look("open-day-gone", "public", "{openday_gone}"),
    Look("open-day-photos", "public", "{openday_photos}"),
    Look("open-day-change", "public", "{openday_here}change/"),
    Look("open-day-leave", "public", "{openday_party}leave/"),
    Look("open-day-shut", "public", "/open-day/f/nothing/", status=404),
    Look("open-day-gate", "public", "{openday_gate}", act=_in),
    Look("open-day-gate-shut", "public", "/open-day/gate/nothing/", status=404),
    Look("my-open-days", "staff", "/my/open-days/"),
    Look("my-open-days-new", "fresh", "/my/open-days/"),
    Look("my-open-day-remove", "staff", "{openday_party_mine}remove/"),
    Look("union-open-days", "union", "/union/open-days/"),
    Look("union-open-day-new", "union", "/union/open-days/new/", act=_nothing),
    Look("union-open-day", "union", "{openday_desk}"),
    Look("union-open-day-change", "union", "{openday_desk}change/"),
    Look("union-open-day-publish", "union", "{openday_draft}publish/"),
    Look("union-open-day-call-off", "union", "{openday_desk}call-off/"),
    Look("union-open-day-session", "union", "{openday_session}"),
    Look("union-open-day-session-new", "union", "{openday_desk}sessions/new/"),
    Look("union-open-day-session-drop", "union", "{openday_session}drop/"),
    Look("survey", "public", "{survey_open}"),
    Look("survey-empty", "public", "{survey_open}", act=_empty),
    Look("survey-over", "public", "{survey_over}"),
    Look("survey-thanks", "public", "/survey/thanks/"),
    Look("union-open-day-questions-close", "union", "{openday_today}questions/close/"),
    Look("union-open-day-over", "union", "{openday_over}"),
    Look("union-open-day-report-told", "union", "{openday_over}report/"),
    Look("union-open-day-pictures", "union", "{openday_over}pictures/"),
    Look("union-open-day-report", "union", "{openday_today}report/"),
    Look("union-open-day-report-before", "union", "{openday_desk}report/"),
    Look("union-open-day-visitors", "union", "{openday_today}visitors/"),
    Look("union-open-day-visitors-none", "union", "{openday_draft}visitors/"),
]
