"""The sheet of the emergency desk: the board, an incident as each reads it, opening, a head's report."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _nothing_typed(page: Page, town: Town) -> None:
    page.click("main form.form .acts button.btn")
    page.locator(".summary").wait_for()


def _all_open(page: Page, town: Town) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")


EMERGENCY_LOOKS = [
    Look("emergency-board", "chain_duty", "/centre/emergency/"),
    Look("emergency-board-centre", "chain_centre", "/centre/emergency/"),
    Look("emergency-incident", "chain_duty", "{incident}"),
    Look("emergency-incident-centre", "chain_centre", "{incident}", act=_all_open),
    Look("emergency-incident-called", "chain_second", "{incident_called}"),
    Look("emergency-incident-ended", "chain_centre", "{incident_ended}"),
    Look("emergency-incident-principal", "chain_principal", "{incident}"),
    Look("emergency-incident-doctor", "chain_doctor", "{incident}"),
    Look("emergency-incident-head", "chain_head", "{incident}"),
    Look("emergency-hold", "chain_duty", "{incident}family/hold/"),
    Look("emergency-behalf", "chain_duty", "{incident}family/behalf/"),
    Look("emergency-grade", "chain_centre", "{incident}grade/"),
    Look("emergency-close", "chain_centre", "{incident}close/"),
    Look("emergency-new", "chain_duty", "/centre/emergency/new/?person={incident_person}"),
    Look("emergency-new-wrong", "chain_duty", "/centre/emergency/new/", act=_nothing_typed),
    Look("emergency-report", "chain_head", "/my/report/"),
]
