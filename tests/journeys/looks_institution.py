"""The sheet of the operator's desk for one institution: papers, services, people, and what is asked before it is done."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _open_earlier(page: Page, town: Town) -> None:
    page.locator("main details summary").click()
    page.evaluate("scrollTo(0, 0)")  # the bar that stays at the top would lie over whatever was scrolled under it


def _end_today(page: Page, town: Town) -> None:
    page.click("main form button.btn:not(.quiet)")
    page.locator("input[name=confirmed]").wait_for(state="attached")


def _end_too_early(page: Page, town: Town) -> None:
    page.fill("input[name=on]", "2000-01-01")
    page.click("main form button.btn:not(.quiet)")
    page.locator("[aria-invalid=true]").first.wait_for()


INSTITUTION_LOOKS = [
    Look("operator-institution-earlier", "operator", "{institution}", act=_open_earlier),
    Look("operator-institution-papers-missing", "operator", "{prospect}"),
    Look("operator-paper-change", "operator", "{paper}"),
    Look("operator-paper-end", "operator", "{paper}end/"),
    Look("operator-paper-end-wrong", "operator", "{paper}end/", act=_end_too_early),
    Look("operator-paper-end-confirm", "operator", "{paper}end/", act=_end_today),
    Look("operator-service-change", "operator", "{service}"),
    Look("operator-service-shut", "operator", "{service}switch/"),
    Look("operator-person-change", "operator", "{place}"),
    Look("operator-person-invite", "operator", "{waiting_place}invite/"),
    Look("operator-person-end", "operator", "{place}end/"),
    Look("operator-move-vet", "operator", "{vettable}move/vet/"),
]
