"""The sheet of the pages about emergency contacts."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _save_nothing(page: Page, town: Town) -> None:
    for box in page.locator("input[name=grades]").all():
        box.uncheck()
    page.click("main form .acts button")
    page.locator("[aria-invalid=true]").first.wait_for()


def _unknown(page: Page, town: Town) -> None:
    page.fill("input[name=colleague]", "查无此人")
    page.click("main form .acts button")
    page.locator("[aria-invalid=true]").first.wait_for()


CONTACT_LOOKS = [
    Look("contacts", "staff", "/my/contacts/"),
    Look("contacts-empty", "fresh", "/my/contacts/"),
    Look("contacts-by-hand", "staff2", "/my/contacts/"),
    Look("contact", "staff", "{contact}"),
    Look("contact-agreed", "staff", "{contact_agreed}"),
    Look("contact-failing", "staff2", "{contact_failing}"),
    Look("contact-abroad", "staff2", "{contact_abroad}"),
    Look("contact-choose", "centre", "/my/contacts/new/"),
    Look("contact-new", "centre", "{contact_new}"),
    Look("contact-new-wrong", "centre", "{contact_new}", act=_save_nothing),
    Look("contact-change", "staff", "{contact}change/"),
    Look("contact-remove", "staff", "{contact}remove/"),
    Look("contact-ask", "staff", "{contact_ask}"),
    Look("contacts-still-right", "staff", "/my/contacts/still-right/"),
    Look("never", "staff", "/my/contacts/never/"),
    Look("never-empty", "fresh", "/my/contacts/never/"),
    Look("never-number", "staff", "/my/contacts/never/number/"),
    Look("never-colleague", "staff", "/my/contacts/never/colleague/"),
    Look("never-colleague-unknown", "staff", "/my/contacts/never/colleague/", act=_unknown),
    Look("never-take-off", "staff", "{never}take-off/"),
    Look("community", "staff", "/my/contacts/community/"),
    Look("community-remove", "staff", "/my/contacts/community/remove/"),
    Look("coverage", "union", "/union/contacts/"),
    Look("coverage-centre", "centre", "/centre/contacts/"),
    Look("coverage-ask", "union", "/union/contacts/ask/"),
    Look("coverage-ask-centre", "centre", "/centre/contacts/ask/"),
]
