"""The sheet of a school's birth and page at the operator's, of its own settings, and of what waits for the union."""

from playwright.sync_api import Page

from tests.journeys.looks import Act, Look
from tests.journeys.town import Town


def _wrong(field: str, value: str) -> Act:
    """Sent as a browser without checks of its own sends it."""

    def act(page: Page, town: Town) -> None:
        page.fill(f"input[name={field}]", value)
        page.evaluate("document.querySelector('main form.form').noValidate = true")
        page.click("main form.form button.btn:not(.quiet)")
        page.locator("[aria-invalid=true]").first.wait_for()

    return act


SCHOOL_LOOKS = [
    Look("operator-school-wrong", "operator", "/operator/schools/new/", act=_wrong("administrator_email", "gu@")),
    Look("operator-school", "operator", "{school_own}"),
    Look("operator-school-born", "operator", "{school_born}"),
    Look("operator-school-change", "operator", "{school_own}change/"),
    Look("operator-school-administrator", "operator", "{school_born}administrator/"),
    Look("operator-second-step", "operator", "/operator/second-step/"),
    Look("operator-second-step-wrong", "operator", "/operator/second-step/", act=_wrong("email", "gu@")),
    Look("operator-library", "operator", "/operator/library/"),
    Look("school-settings", "admin", "/school/settings/"),
    Look("school-settings-wrong", "admin", "/school/settings/", act=_wrong("free_cancel_hours", "999")),
    Look("channels", "admin", "/school/channels/"),
    Look("channel", "admin", "/school/channels/aliyun/sms/"),
    Look("channel-voice", "admin", "/school/channels/aliyun/voice/"),
    Look("channel-new", "admin", "/school/channels/tencent/sms/"),
    Look("channel-wrong", "admin", "/school/channels/tencent/sms/", act=_wrong("callback_number", "13800138000")),
    Look("union-waiting", "union", "/union/"),
    Look("union-decision", "union", "{union_decision}"),
    Look("union-approve", "union", "{union_decision}approve/"),
    Look("union-decline", "union", "{union_decision}decline/"),
    Look("staff-asked-union", "staff2", "{asked_union}"),
]
