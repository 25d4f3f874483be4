"""The sheet of the emergency desk: the board, an incident as each reads it, opening, a head's report."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _nothing_typed(page: Page, town: Town) -> None:
    page.click("main form.form .acts button.btn")
    page.locator(".summary").wait_for()


def _all_open(page: Page, town: Town) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")


def _changed(page: Page, town: Town) -> None:
    page.evaluate("document.querySelector('.changed').hidden = false")


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
    Look("emergency-unknown", "chain_duty", "{incident_unknown}"),
    Look("emergency-who", "chain_duty", "{incident_unknown}person/?q=老师"),
    Look("emergency-who-chosen", "chain_duty", "{incident_unknown}person/?person={incident_person}"),
    Look("contact-sheet", "chain_centre", "/centre/emergency/sheet/"),
    Look("emergency-hold", "chain_duty", "{incident}family/hold/"),
    Look("emergency-behalf", "chain_duty", "{incident}family/behalf/"),
    Look("emergency-grade", "chain_centre", "{incident}grade/"),
    Look("emergency-close", "chain_centre", "{incident}close/"),
    Look("emergency-hand-over", "chain_doctor", "{incident}team/hand_over/"),
    Look("emergency-asked", "chain_moral", "{incident}"),
    Look("emergency-refuse", "chain_duty", "{incident_taken}family/refuse/"),
    Look("emergency-replace", "chain_duty", "{incident_called}medical/replace/"),
    Look("emergency-call-by-hand", "chain_second", "{incident}family/call_by_hand/"),
    Look("emergency-call-number", "chain_duty", "{incident}call/{incident_contact}/"),
    Look("emergency-never-of-duty", "chain_duty", "{incident}never/"),
    Look("emergency-task-later", "chain_centre", "{incident}tasks/{incident_task}/later/"),
    Look("emergency-agreed", "chain_centre", "{incident_taken}agreed/"),
    Look("emergency-agreed-write", "chain_centre", "{incident_taken}agreed/write/"),
    Look("emergency-looks", "chain_centre", "{incident}looks/"),
    Look("emergency-told", "chain_deputy", "/my/incidents/"),
    Look("emergency-new", "chain_duty", "/centre/emergency/new/?person={incident_person}"),
    Look("emergency-new-wrong", "chain_duty", "/centre/emergency/new/", act=_nothing_typed),
    Look("emergency-report", "chain_head", "/my/report/"),
    Look("emergency-report-danger", "chain_head", "/my/report/?danger=1"),
    Look("emergency-incident-changed", "chain_duty", "{incident}", act=_changed),
    # changed duties
    Look("duties-office", "chain_centre", "{incident}duties/"),
    Look("duties-renew", "chain_centre", "/centre/emergency/changed-duties/{incident_duties}/renew/"),
    Look("duties-end", "chain_centre", "/centre/emergency/changed-duties/{incident_duties}/end/"),
    Look("duties-mine", "chain_head", "/my/duties/"),
    Look("duties-own", "chain_person", "/my/duties/"),
    Look("duties-none", "chain_doctor", "/my/duties/"),
    # crisis relief
    Look("relief-which", "chain_centre", "{incident}relief/"),
    Look("relief", "chain_centre", "{incident_relief}"),
]
