"""The sheet of reports: as anybody sees them, and as the school's people do."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _open_all(page: Page, town: Town) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")


def _nothing_said(page: Page, town: Town) -> None:
    page.click("main form.form .acts button")
    page.locator(".summary").wait_for()


def _sent(page: Page, town: Town) -> None:
    page.fill("textarea[name=words]", "她一个人坐在天台边上，叫她也不应。")
    page.check("input[name=danger_now]")
    page.click("main form.form .acts button")
    page.locator(".receipt").wait_for()


def _wrong_receipt(page: Page, town: Town) -> None:
    page.fill("input[name=receipt]", "1234 5678")
    page.click("main form .acts button")
    page.locator("[aria-invalid=true]").first.wait_for()


def _mailbox(page: Page, town: Town) -> None:
    page.fill("input[name=receipt]", town.paths["receipt"])
    page.click("main form .acts button")
    page.locator("textarea[name=words]").wait_for()


REPORT_LOOKS = [
    Look("report", "chain_passer", "/report/"),
    Look("report-danger", "chain_passer", "/report/?danger=1", act=_open_all),
    Look("report-nothing", "chain_passer", "/report/", act=_nothing_said),
    Look("report-sent", "chain_passer", "/report/", act=_sent),
    Look("report-off", "reporter", "/report/"),
    Look("report-receipt", "chain_passer", "/report/mailbox/"),
    Look("report-receipt-wrong", "chain_passer", "/report/mailbox/", act=_wrong_receipt),
    Look("report-mailbox", "chain_passer", "/report/mailbox/", act=_mailbox),
    Look("reports", "chain_second", "{reports}"),
    Look("reports-one", "chain_second", "{report}"),
    Look("reports-incident", "chain_second", "{incident_reports}"),
    Look("reports-signs", "chain_centre", "/centre/emergency/signs/"),
]
