"""The sheet of the family's pages: those of a member of the staff, and those behind a link."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _later(page: Page, town: Town) -> None:
    page.click("button[value=later]")
    page.locator("[role=status] .notice").wait_for()


def _save_nothing(page: Page, town: Town) -> None:
    page.click("main form .acts button")
    page.locator("[aria-invalid=true]").first.wait_for()


def _make_link(page: Page, town: Town) -> None:
    page.click("main form .acts button")
    page.locator("#address").wait_for()


FAMILY_LOOKS = [
    Look("family-link-later", "public", "{family_later}", act=_later),
    Look("family-link-agreed", "public", "{family_agreed}"),
    Look("family-link-shut", "public", "/family/nothing/", status=404),
    Look("family-link-thanks", "public", "/family/thanks/"),
    Look("my-family", "staff", "/my/family/"),
    Look("my-family-empty", "fresh", "/my/family/"),
    Look("relative", "staff", "{relative}"),
    Look("relative-new", "staff", "/my/family/relatives/new/"),
    Look("relative-new-wrong", "staff", "/my/family/relatives/new/", act=_save_nothing),
    Look("relative-change", "staff", "{relative}change/"),
    Look("relative-remove", "staff", "{relative}remove/"),
    Look("relative-ask", "staff", "{mother}ask/open_day/"),
    Look("relative-link", "staff", "{mother}ask/open_day/", act=_make_link),
    Look("relative-end", "staff", "{consent_end}"),
    Look("child-new", "staff", "{child_new}"),
    Look("child-new-wrong", "staff", "/my/family/children/new/", act=_save_nothing),
    Look("child-change", "staff", "{child_change}"),
    Look("child-remove", "staff", "{child_remove}"),
    Look("apply-times-no-child", "fresh", "{apply_child}"),
]
