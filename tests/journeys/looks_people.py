"""The sheet of one's own details, of invitations, and of the question before a task is stopped."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _wrong_password(page: Page, town: Town) -> None:
    page.fill("input[name=password]", "wrong")
    page.click("main form button.btn")
    page.locator("[aria-invalid=true]").first.wait_for()


PEOPLE_LOOKS = [
    Look("my-details", "staff", "/accounts/profile/"),
    Look("my-details-wrong", "staff", "/accounts/profile/", act=_wrong_password),
    Look("partner-details", "partner", "/accounts/profile/"),
    Look("invitation", "public", "{invitation}"),
    Look("invitation-ended", "public", "/accounts/invitation/none/", status=404),
    Look("admin-member-invited", "admin", "{invited}"),
    Look("admin-member-invite", "admin", "{invited}invite/"),
    Look("admin-job-stop", "admin", "{job}cancel/"),
]
