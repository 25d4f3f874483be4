"""The sheet of working time: an agency's hours and closures, the times it chooses, a school's calendar."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _hours_wrong(page: Page, town: Town) -> None:
    page.fill("input[name=day_0]", "从早到晚")
    page.click("main form button.btn:not(.quiet)")
    page.locator("[aria-invalid=true]").first.wait_for()


def _two_days(page: Page, town: Town) -> None:
    page.locator("label.slot:has(input[name=start])").first.click()
    page.locator("button.day[name=day]:not([aria-current])").first.click()
    page.locator("label.slot.wide").first.wait_for()


def _nothing_chosen(page: Page, town: Town) -> None:
    page.locator("form:has(input[name=start]) .acts button.btn").click()
    page.locator(".summary").wait_for()


HOURS_LOOKS = [
    Look("partner-opening", "partner", "/partner/opening/"),
    Look("partner-opening-wrong", "partner", "/partner/opening/", act=_hours_wrong),
    Look("partner-opening-empty", "newcomer", "/partner/opening/"),
    Look("partner-closure", "partner", "/partner/opening/closures/new/"),
    Look("partner-propose-two-days", "partner", "{offer}propose/", act=_two_days),
    Look("partner-propose-nothing", "partner", "{offer}propose/", act=_nothing_chosen),
    Look("school-calendar", "admin", "/school/settings/calendar/"),
]
