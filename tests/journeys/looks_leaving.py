"""The sheet of who has left: their own pages behind a link, and the office that sends it once more."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _choose(page: Page, town: Town) -> None:
    """Choose a time; the page before the click is shown."""
    page.locator("label.slot:has(input:enabled)").first.click()
    page.click("main form .acts button")
    page.locator("main h1").wait_for()


LEAVING_LOOKS = [
    Look("left", "public", "{left}"),
    Look("left-voucher", "public", "{left_voucher}"),
    Look("left-cancel", "public", "{left_cancel}"),
    Look("left-move", "public", "{left_move}"),
    Look("left-move-check", "public", "{left_move}", act=_choose),
    Look("left-wish", "public", "{left_wish}"),
    Look("left-took-place", "public", "{left_took_place}"),
    Look("left-use", "public", "{left_use}"),
    Look("left-use-dispute", "public", "{left_use_dispute}"),
    Look("left-answers", "public", "{left_answers}"),
    Look("left-over", "public", "/left/over/"),
    Look("left-shut", "public", "/left/nothing/", status=404),
    Look("left-place", "staff2", "{left_place}"),
    Look("left-place-over", "staff", "{left_place_over}"),
    Look("left-begin", "left", "/left/"),
    Look("left-people", "admin", "/school/left/"),
    Look("left-people-nobody", "admin", "/school/left/?q=zzzz"),
    Look("left-link", "admin", "{left_link}"),
]
