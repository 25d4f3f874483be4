"""The sheet of one's own details, of invitations, and of the question before a task is stopped."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _wrong_password(page: Page, town: Town) -> None:
    page.fill("input[name=password]", "wrong")
    page.click("main form button.btn")
    page.locator("[aria-invalid=true]").first.wait_for()


def _go_on(page: Page, town: Town) -> None:
    page.click("main form button.btn")
    page.locator("input[name=new_password1]").wait_for()


PEOPLE_LOOKS = [
    Look("my-details", "staff", "/accounts/profile/"),
    Look("phone-code", "staff", "/accounts/profile/phone/"),
    Look("phone-remove", "staff", "/accounts/profile/phone/remove/"),
    Look("phone-remove-wrong", "staff", "/accounts/profile/phone/remove/", act=_wrong_password),
    Look("partner-details", "partner", "/accounts/profile/"),
    Look("invitation", "public", "{invitation}"),
    Look("invitation-password", "public", "{invitation}", act=_go_on),
    Look("place-to-take", "guest", "/accounts/place/"),
    Look("invitation-ended", "public", "/accounts/invitation/none/", status=404),
    Look("admin-member-invited", "admin", "{invited}"),
    Look("admin-member-invite", "admin", "{invited}invite/"),
    Look("admin-invite-all", "admin", "/school/members/invite/"),
    Look("admin-job-stop", "admin", "{job}cancel/"),
]
