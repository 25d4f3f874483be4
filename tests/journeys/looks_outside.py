"""The sheet of what people outside see, whom the chain has called."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town
from tests.journeys.town_outside import NUMBER


def _shown(page: Page, town: Town) -> None:
    """The last four digits open the card in this browser, and it stays open."""
    if not page.locator("input[name=digits]").count():
        return
    page.fill("input[name=digits]", NUMBER[-4:])
    page.click("button[value=prove]")
    page.locator(".kv").wait_for()


def _wrong_digits(page: Page, town: Town) -> None:
    page.fill("input[name=digits]", "12")
    page.click("button[value=prove]")
    page.locator("[aria-invalid=true]").first.wait_for()


def _rung(page: Page, town: Town) -> None:
    """The code of a call is asked for; asked again it is the same call."""
    if not page.locator("input[name=code]").count():
        page.click("button[value=ring]")
        page.locator("input[name=code]").wait_for()


def _no_code(page: Page, town: Town) -> None:
    page.fill("input[name=code]", "123 456 789")
    page.click("main form .acts button")
    page.locator("[aria-invalid=true]").first.wait_for()


OUTSIDE_LOOKS = [
    Look("outside-code", "passer", "/a/"),
    Look("outside-code-wrong", "passer", "/a/", act=_no_code),
    Look("outside-gone", "passer", f"/a/{'A' * 27}/", status=404),
    Look("outside-ask", "passer", "{outside_ask}"),
    Look("outside-prove", "passer", "{outside_prove}"),
    Look("outside-prove-rung", "passer", "{outside_rung}", act=_rung),
    Look("outside-prove-wrong", "passer", "{outside_prove}", act=_wrong_digits),
    *(
        Look(f"outside-{name}", "passer", f"{{outside_{name}}}", act=_shown)
        for name in ("card", "there", "done", "family", "community", "over")
    ),
    *(
        Look(f"outside-{name}", "passer", f"{{outside_{name}}}")
        for name in ("taken", "held", "declined", "wrong", "past")
    ),
]
