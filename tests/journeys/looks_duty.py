"""The sheet of the emergency desk: rota, seats, lines, plans, going live."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town

HERE = "/centre/emergency"


def _service_number(page: Page, town: Town) -> None:
    page.fill("input[name=name]", "急救")
    page.fill("input[name=number]", "0571-120")
    page.fill("input[name=answers]", "全天")
    page.locator("label:has(input[name=kind])").first.click()
    page.click("main form button.btn")
    page.locator(".summary").wait_for()


def _overlap(page: Page, town: Town) -> None:
    page.locator("select[name=who]").select_option(index=1)
    page.click("main form button.btn")
    page.locator(".summary").wait_for()


DUTY_LOOKS = [
    Look("duty", "centre", f"{HERE}/duty/"),
    Look("duty-on-duty", "on_duty", f"{HERE}/duty/"),
    Look("duty-take", "centre", f"{HERE}/duty/take/"),
    Look("duty-new", "centre", f"{HERE}/duty/new/"),
    Look("duty-new-overlap", "centre", f"{HERE}/duty/new/", act=_overlap),
    Look("duty-week", "centre", f"{HERE}/duty/week/"),
    Look("duty-swap-new", "on_duty", "{swap_shift}swap/"),
    Look("duty-swap-asked", "asked", "{swap}"),
    Look("duty-swap-asks", "on_duty", "{swap}"),
    Look("duty-swap-agreed", "on_duty", "{swap_agreed}"),
    Look("duty-of-asked", "asked", f"{HERE}/duty/"),
    Look("duty-remove", "centre", "{shift_coming}remove/"),
    Look("duty-end", "centre", "{shift_running}end/"),
    Look("chain-seats", "centre", f"{HERE}/seats/"),
    Look("chain-seat", "centre", f"{HERE}/seats/moral/"),
    Look("chain-seat-end", "centre", f"{HERE}/seats/principal/end/"),
    Look("chain-lines", "centre", f"{HERE}/lines/"),
    Look("chain-line-new", "centre", f"{HERE}/lines/new/", act=_service_number),
    Look("chain-line", "centre", "{chain_line}"),
    Look("chain-line-end", "centre", "{chain_line}end/"),
    Look("chain-plans", "centre", f"{HERE}/plans/"),
    Look("chain-plan", "principal", "{chain_plan}"),
    Look("chain-plan-draft", "centre", "{chain_draft}"),
    Look("chain-plan-use", "centre", "{chain_draft}use/"),
    Look("chain-plan-discard", "centre", "{chain_draft}discard/"),
    Look("chain-plan-retire", "centre", "{chain_plan}retire/"),
    Look("chain-step", "centre", "{chain_step}"),
    Look("chain-step-new", "centre", "{chain_draft}community/new/"),
    Look("chain-live", "centre", f"{HERE}/chain/"),
    Look("chain-switch", "principal", f"{HERE}/chain/switch_off/"),
    Look("chain-operator", "centre", f"{HERE}/chain/line/"),
]
