"""The sheet of signing in: password, code, second factor, passkeys, and what a mail's link opens."""

from django.conf import settings
from playwright.sync_api import Page

from tests.journeys.looks import Act, Look
from tests.journeys.town import Town

FILLED = "main form button.btn:not(.quiet)"


def _ask_code(page: Page, town: Town) -> None:
    if page.locator("input[name=code]").count():
        return  # asked for already, in the other language
    page.fill("input[name=email]", "nobody@example.com")
    page.click(FILLED)
    page.locator("input[name=code]").wait_for()


def _wrong_code(page: Page, town: Town) -> None:
    _ask_code(page, town)
    page.fill("input[name=code]", "000000")
    page.click(FILLED)
    page.locator("[aria-invalid=true]").wait_for()


def _empty(page: Page, town: Town) -> None:
    page.evaluate("document.querySelectorAll('[required]').forEach((field) => { field.required = false })")
    page.click(FILLED)
    page.locator("[aria-invalid=true], .errorlist").first.wait_for()


def _no_first_password(page: Page, town: Town) -> None:
    page.click(FILLED)
    page.locator("input[name=new_password1]").wait_for()
    _empty(page, town)


def _second_step(page: Page, town: Town) -> None:
    if page.locator("input[name=code]").count():
        return  # the password was given already, in the other language
    page.fill("input[name=login]", town.people["settled"].email or "")
    page.fill("input[name=password]", settings.DEMO_PASSWORD)
    page.click(FILLED)
    page.locator("input[name=code]").wait_for()


def _press(wanted: str) -> Act:
    def act(page: Page, town: Town) -> None:
        page.click(FILLED)
        page.locator(wanted).first.wait_for()

    return act


ACCOUNT_LOOKS = [
    Look("account-closed", "public", "/accounts/inactive/"),
    Look("account-no-sign-up", "public", "/accounts/signup/"),
    Look("invitation-wrong", "public", "{invitation}", act=_no_first_password),
    Look("code", "public", "/accounts/login/code/"),
    Look("code-empty", "public", "/accounts/login/code/", act=_press("[role=alert], .errorlist")),
    Look("code-sent", "coder", "/accounts/login/code/", act=_ask_code),
    Look("code-wrong", "miscoder", "/accounts/login/code/", act=_wrong_code),
    Look("password-reset-sent", "public", "/accounts/password/reset/done/"),
    Look("password-reset-old-link", "public", "/accounts/password/reset/key/3-none/"),
    Look("password-reset-choose", "public", "{reset_key}"),
    Look("password-reset-choose-wrong", "public", "{reset_key}", act=_empty),
    Look("password-reset-done", "public", "/accounts/password/reset/key/done/"),
    Look("password-change", "staff", "/accounts/password/change/"),
    Look("password-change-wrong", "staff", "/accounts/password/change/", act=_empty),
    Look("password-set", "passwordless", "/accounts/password/set/"),
    Look("email", "staff", "/accounts/email/"),
    Look("email-waiting", "settled", "/accounts/email/"),
    Look("email-confirm", "public", "{confirm_email}"),
    Look("email-confirm-old", "public", "/accounts/confirm-email/none/"),
    Look("email-sent", "public", "/accounts/confirm-email/"),
    Look("again-password", "staff", "/accounts/reauthenticate/"),
    Look("again-app", "settled", "/accounts/2fa/reauthenticate/"),
    Look("again-passkey", "settled", "/accounts/2fa/webauthn/reauthenticate/"),
    Look("second-step", "stranger", "/accounts/login/", act=_second_step),
    Look("security", "settled", "/accounts/2fa/"),
    Look("app-set-up", "staff", "/accounts/2fa/totp/activate/"),
    Look("app-set-up-wrong", "staff", "/accounts/2fa/totp/activate/", act=_empty),
    Look("app-off", "settled", "/accounts/2fa/totp/deactivate/"),
    Look("passkeys", "settled", "/accounts/2fa/webauthn/"),
    Look("passkeys-none", "staff", "/accounts/2fa/webauthn/"),
    Look("passkey-new", "staff", "/accounts/2fa/webauthn/add/"),
    Look("passkey-rename", "settled", "{key}edit/"),
    Look("passkey-remove", "settled", "{key}remove/"),
    Look("spare-codes", "settled", "/accounts/2fa/recovery-codes/"),
    Look("spare-codes-new", "settled", "/accounts/2fa/recovery-codes/generate/"),
    Look("spare-codes-shown", "settled", "/accounts/2fa/recovery-codes/generate/", act=_press(".codes")),
]
