"""The sheet of readiness: tiles, vacations and calendar, kits, experts, the card at the change of a shift."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town

HERE = "/centre/emergency"


def _medicine(page: Page, town: Town) -> None:
    page.fill("input[name=name]", "安定")
    page.locator("label:has(input[name=kind][value=medicine])").click()
    page.fill("input[name=expires_on]", "2027-01-31")
    page.click("main form button.btn")
    page.locator(".summary").wait_for()


def _past(page: Page, town: Town) -> None:
    page.fill("input[name=first_day]", "2024-12-31")
    page.fill("input[name=last_day]", "2025-01-02")
    page.click("section.form button.btn")
    page.locator(".summary").wait_for()


def _new_feed(page: Page, town: Town) -> None:
    page.locator("form[action$='calendar/new/'] button").click()
    page.locator("#feed-url").wait_for()


READY_LOOKS = [
    Look("readiness", "centre", "/centre/readiness/"),
    Look("readiness-principal", "principal", "/centre/readiness/"),
    Look("away", "centre", f"{HERE}/duty/away/"),
    Look("away-past", "centre", f"{HERE}/duty/away/", act=_past),
    Look("away-feed", "on_duty", f"{HERE}/duty/away/", act=_new_feed),
    Look("kits", "centre", f"{HERE}/kits/"),
    Look("kit-place-new", "centre", f"{HERE}/kits/new/"),
    Look("kit-place", "centre", "{kit_place}"),
    Look("kit-medicine", "centre", "{kit_cupboard}new/", act=_medicine),
    Look("kit-item", "centre", "{kit_item}"),
    Look("kit-item-remove", "centre", "{kit_item}remove/"),
    Look("experts", "centre", f"{HERE}/experts/"),
    Look("expert-new", "centre", f"{HERE}/experts/new/"),
    Look("expert", "centre", "{expert}"),
    Look("expert-end", "centre", "{expert}end/"),
    Look("duty-handed", "chain_duty", f"{HERE}/duty/"),
]
