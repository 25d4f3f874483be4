"""The sheet of tips by e-mail and of what everyone is to have."""

from playwright.sync_api import Page

from tests.journeys.looks import Look
from tests.journeys.town import Town


def _half(page: Page, town: Town) -> None:
    """Sent with one answer: each of the others is marked."""
    page.locator("input[type=radio]").first.check()
    page.click("main form.form button.btn")
    page.locator("[role=alert]").first.wait_for()


KNOWING_LOOKS = [
    Look("tips-family-on", "public", "{tips_on}"),
    Look("tips-family-waiting", "public", "{tips_waiting}"),
    Look("tips-ask", "public", "{tips_on}tips/"),
    Look("tips-ask-by-number", "public", "{tips_on}tips/number/"),
    Look("tips-code", "public", "{tips_waiting}tips/code/"),
    Look("tips-off", "public", "{tips_on}tips/off/"),
    Look("tips-stop", "public", "{tips_on}stop/"),
    Look("tips-desk", "tips_editor", "/school/tips/"),
    Look("tips-new", "tips_editor", "/school/tips/new/"),
    Look("tips-single", "tips_editor", "/school/tips/single/"),
    Look("tips-series", "tips_editor", "{tips_series}"),
    Look("tips-series-empty", "tips_editor", "{tips_empty}"),
    Look("tips-preview", "tips_editor", "{tips_series}preview/"),
    Look("tips-stop-series", "tips_editor", "{tips_series}stop/"),
    Look("knowing-mine", "staff", "/my/to-read/"),
    Look("knowing-read", "staff", "{know_read}"),
    Look("knowing-quiz", "staff", "{know_quiz}"),
    Look("knowing-paper", "staff", "{know_paper}"),
    Look("knowing-desk", "centre", "/school/to-read/"),
    Look("knowing-new", "centre", "/school/to-read/new/"),
    Look("knowing-given", "centre", "{given}"),
    Look("knowing-newer", "centre", "{given_newer}"),
    Look("knowing-renew", "centre", "{given_newer}renew/"),
    Look("knowing-hand-over", "centre", "{given}hand-over/"),
    Look("knowing-leave", "centre", "{given_leave}"),
    Look("how-to", "public", "/how-to/"),
    Look("how-to-mine", "centre", "/how-to/"),
    *(
        Look(f"how-to-{slug}", "public", f"/how-to/{slug}/")
        for slug in (
            "staff",
            "family",
            "head",
            "centre",
            "duty",
            "union",
            "finance",
            "principal",
            "administrator",
            "editor",
        )
    ),
    Look("how-to-counter", "counter", "/how-to/counter/"),
    Look("knowing-take-over", "admin", "{know_orphan}take-over/"),
    Look("training", "admin", "/school/training/"),
    Look("training-half", "admin", "/school/training/", act=_half),
    Look("knowing-end", "centre", "{given}end/"),
]
