"""The sheet of pages that are looked at: who opens what, and what they do then."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.test import override_settings
from playwright.sync_api import Page

from accounts import brake
from tests.journeys.town import Town

Act = Callable[[Page, Town], None]


@dataclass(frozen=True)
class Look:
    """One page as one person sees it. ``act`` is what they do after opening ``path``; {name} is one of ``Town.paths``."""

    name: str
    who: str
    path: str
    status: int = 200
    act: Act | None = None
    both: bool = False
    """Chinese and English stand on one page: it is drawn without translations."""
    is_file: bool = False
    """Served as a file, with no policy of its own."""


def _wrong_password(page: Page, town: Town) -> None:
    page.fill("input[name=login]", "nobody@example.com")
    page.fill("input[name=password]", "wrong")
    page.click("main form button.btn:not(.quiet)")
    page.locator(".errorlist, .errors, [role=alert]").first.wait_for()


def _wrong_method(page: Page, town: Town) -> None:
    page.evaluate("document.querySelector('form:has(input[name=next])').action = '/my/'")
    page.locator("form[action='/my/'] button").click()
    page.locator("main h1").wait_for()


def _answered(page: Page, status: int) -> None:
    """Send the sign-in form; the browser shows our page, not its own."""
    with page.expect_navigation() as answer:
        page.click("main form button.btn:not(.quiet)")
    assert answer.value.status == status
    page.locator("main h1").wait_for()


def _too_long(page: Page, town: Town) -> None:
    page.fill("input[name=login]", "nobody@example.com")
    page.evaluate("document.querySelector('input[name=password]').value = 'a'.repeat(5_000_000)")
    _answered(page, 413)


def _other_alphabet(page: Page, town: Town) -> None:
    """No form of ours is sent so; an old browser, or what stands between, may."""
    page.fill("input[name=login]", "nobody@example.com")
    page.fill("input[name=password]", "wrong")
    kind = "application/x-www-form-urlencoded; charset=gbk"
    page.route(
        "**/accounts/login/",
        lambda route: route.continue_(headers={**route.request.headers, "content-type": kind}),
        times=1,
    )
    _answered(page, 415)


def _refused_without_end(page: Page, town: Town) -> None:
    """One refusal too many: the next page asks for a pause. Nobody after this has to wait for it."""
    caller, answer = str(town.people["staff"].pk), None
    with override_settings(REFUSALS_PER_MINUTE=3):
        while answer is None or answer.status != 429:  # a minute may end between the last refusal and the look
            for _ in range(3):
                brake.count(caller, 403)
            answer = page.reload()
    assert answer.headers["retry-after"]
    cache.clear()


def _no_times(page: Page, town: Town) -> None:
    page.click("button[value=times]")
    page.locator(".summary").wait_for()


def _many(page: Page, town: Town) -> None:
    page.fill("input[name=units]", "8")
    page.locator("input[name=units]").blur()
    page.locator("#whole").wait_for()


def _to_consent(page: Page, town: Town) -> None:
    page.locator("label.pick").first.click()
    page.locator("label.pick:has(input[name=wish_gender][value=female])").click()
    page.check("input[name=wish_access_step_free]")
    page.click("button[value=times]")
    page.locator("input[name=consent]").wait_for()


def _to_check(page: Page, town: Town) -> None:
    _to_consent(page, town)
    page.check("input[name=consent]")
    page.click("button[value=consent]")
    page.locator("button[value=send]").wait_for()


def _typed(code: str) -> Act:
    def act(page: Page, town: Town) -> None:
        known = {"live": town.code, "spent": town.spent_code, "several": town.several_code}
        page.fill("input[name=code]", known.get(code, code))
        page.click("form[data-scan] button:not([type=button])")
        page.locator("form[action$='/redeem/'], .result, .errorlist").first.wait_for()

    return act


def _no_code_in_photo(page: Page, town: Town) -> None:
    page.click("summary:has-text('照片'), summary:has-text('photo')")
    page.set_input_files("input[name=photo]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    page.click("form:has(input[name=photo]) button")
    page.locator("#scan-photo_error").wait_for()


def _stale_form(page: Page, town: Town) -> None:
    page.evaluate("document.querySelector('main form [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    page.fill("input[name=login]", "nobody@example.com")
    page.fill("input[name=password]", "wrong")
    page.click("main form button.btn:not(.quiet)")
    page.locator("main a[href='/']").first.wait_for()


def _new_roles(page: Page, town: Town) -> None:
    page.check("input[name=roles][value=union]")
    page.click("main form button.btn:not(.quiet)")
    page.locator("input[name=confirmed]").wait_for(state="attached")


def _money(page: Page, town: Town) -> None:
    page.fill("input[name=amount]", "500")
    page.fill("input[name=reason]", "年度预算")
    page.click("main form button.btn:not(.quiet)")
    page.locator("input[name=confirmed]").wait_for(state="attached")


LOOKS = [
    Look("home", "public", "/"),
    Look("help", "public", "/help/"),
    Look("month", "public", "/month/"),
    Look("district", "bureau", "/district/"),
    Look("guidelines", "public", "/guidelines/"),
    Look("guideline", "public", "/guidelines/talking-with-parents/"),
    Look("tips", "public", "/tips/"),
    Look("services", "public", "/services/"),
    Look("search", "public", "/search/?q=家长"),
    Look("search-empty", "public", "/search/?q=没有这样的词"),
    Look("missing", "public", "/nothing-here/", status=404),
    Look("error-400", "public", "/fails/400/", status=400, both=True),
    Look("error-403", "public", "/fails/403/", status=403),
    Look("error-409", "staff", "/fails/409/", status=409),
    Look("error-429", "public", "/fails/429/", status=429),
    Look("error-413", "public", "/accounts/login/", act=_too_long),
    Look("error-415", "public", "/accounts/login/", act=_other_alphabet),
    Look("error-503", "public", "/fails/503/", status=503, both=True),
    Look("error-429-pause", "staff", "/my/messages/", act=_refused_without_end),
    Look("error-405", "staff", "/my/messages/", act=_wrong_method),
    Look("error-500", "public", "/fails/500/", status=500, both=True),
    Look("error-stale", "public", "/accounts/login/", act=_stale_form),
    Look("help-static", "public", "/static/ui/help.html", both=True, is_file=True),
    Look("voucher-check", "passer", "{check}"),
    Look("landing", "passer", "/"),
    Look("landing-signed-in", "partner", "/"),
    Look("login", "public", "/accounts/login/"),
    Look("login-wrong", "public", "/accounts/login/", act=_wrong_password),
    Look("password-reset", "public", "/accounts/password/reset/"),
    Look("family", "public", "{family}"),
    Look("staff-home", "staff", "/my/"),
    Look("staff-home-empty", "fresh", "/my/"),
    Look("staff-requests", "staff", "/my/referrals/"),
    Look("staff-requests-empty", "fresh", "/my/referrals/"),
    Look("staff-request", "staff", "{referral}"),
    Look("staff-cancel", "staff", "{cancel}"),
    Look("staff-none-fits", "staff", "{none_fits}"),
    Look("partner-booking-cancel", "partner", "{booking_cancel}"),
    Look("staff-course", "union", "{course}"),
    Look("staff-course-cancel", "union", "{course_cancel}"),
    Look("staff-course-stop", "union", "{course}stop/"),
    Look("centre-course-stop", "centre", "{course_of_office}stop/"),
    Look("staff-declined", "finance2", "{declined}"),
    Look("staff-again", "finance2", "{again}"),
    Look("staff-messages", "staff", "/my/messages/"),
    Look("staff-messages-empty", "fresh", "/my/messages/"),
    Look("staff-preferences", "staff", "/my/messages/preferences/"),
    Look("staff-security", "staff", "/accounts/2fa/"),
    Look("staff-logout", "staff", "/accounts/logout/"),
    Look("apply", "staff", "/apply/"),
    Look("apply-nothing", "staff", "/apply/?kind=meals"),
    Look("apply-times", "staff", "{apply}"),
    Look("apply-times-child", "staff", "{apply_child}"),
    Look("apply-times-wrong", "staff", "{apply}", act=_no_times),
    Look("apply-times-many", "staff", "{apply}", act=_many),
    Look("apply-unfinished", "centre", "/apply/"),
    Look("apply-unfinished-home", "centre", "/my/"),
    Look("apply-another-service", "centre", "/apply/?draft={draft}"),
    Look("apply-throw-away", "centre", "/apply/{draft}/throw-away/"),
    Look("apply-consent", "staff", "{apply}", act=_to_consent),
    Look("apply-check", "staff", "{apply}", act=_to_check),
    Look("apply-done", "staff", "{done}"),
    Look("wallet", "staff", "/vouchers/"),
    Look("wallet-empty", "fresh", "/vouchers/"),
    Look("voucher", "staff", "{voucher}"),
    Look("partner-home", "partner", "/partner/"),
    Look("partner-home-empty", "newcomer", "/partner/"),
    Look("partner-offer", "partner", "{offer}"),
    Look("partner-propose", "partner", "{offer}propose/"),
    Look("partner-decline", "partner", "{offer}decline/"),
    Look("partner-appointment", "partner", "{course_next}"),
    Look("move", "centre", "{move}"),
    Look("move-check", "centre", "{move_check}"),
    Look("move-request", "centre", "{moved_request}"),
    Look("move-wish-answer", "centre", "{wish_answer}"),
    Look("move-wish-mine", "centre", "{wish_mine}"),
    Look("partner-move", "partner", "{partner_move}"),
    Look("partner-reassign", "beside", "{partner_reassign}"),
    Look("partner-move-check", "partner", "{partner_move_check}"),
    Look("partner-wish-answer", "partner", "{partner_wish_answer}"),
    Look("partner-wish-ours", "partner", "{partner_wish_ours}"),
    Look("partner-bookings", "partner", "/partner/bookings/"),
    Look("partner-redemptions", "partner", "/partner/redemptions/"),
    Look("partner-redemptions-empty", "newcomer", "/partner/redemptions/"),
    Look("partner-offers", "partner", "/partner/offers/"),
    Look("partner-offers-empty", "newcomer", "/partner/offers/"),
    Look("partner-offers-nothing", "partner", "/partner/offers/?state=expired"),
    Look("partner-scan", "counter", "/partner/scan/"),
    Look("partner-scan-wrong", "counter", "/partner/scan/", act=_typed("123412341234")),
    Look("partner-scan-photo", "counter", "/partner/scan/", act=_no_code_in_photo),
    Look("partner-preview", "counter", "/partner/scan/", act=_typed("live")),
    Look("partner-preview-several", "counter", "/partner/scan/", act=_typed("several")),
    Look("partner-result-wait", "counter", "/partner/scan/", act=_typed("spent")),
    Look("partner-result-ok", "partner", "{redeemed}"),
    Look("partner-reverse", "partner", "{reverse}"),
    Look("centre", "centre", "/centre/"),
    Look("centre-request", "centre", "{decision}"),
    Look("centre-approve", "centre", "{decision}approve/"),
    Look("centre-decline", "centre", "{decision}decline/"),
    Look("union", "union", "/union/?state=offered"),
    Look("union-empty", "union", "/union/?kind=camp"),
    Look("union-request", "union", "{union_request}"),
    Look("union-agreements", "union", "/union/agreements/"),
    Look("union-agreement", "union", "{union_agreement}"),
    Look("union-agreement-new", "union", "/union/agreements/new/"),
    Look("union-agreement-end", "union", "{union_agreement}end/"),
    Look("finance", "finance", "/finance/"),
    Look("finance-empty", "finance", "/finance/?year=2019"),
    Look("finance-totals", "union", "/finance/", both=True),
    Look("finance-pools", "finance", "/finance/pools/"),
    Look("finance-grant", "finance", "/finance/pools/", act=_money),
    Look("finance-pool", "finance", "{pool}"),
    Look("finance-payers", "finance", "/finance/payers/"),
    Look("finance-payer", "finance", "/finance/payers/union/"),
    Look("finance-orders", "finance", "/finance/orders/"),
    Look("finance-orders-empty", "finance", "/finance/orders/?kind=close_year"),
    Look("finance-order", "finance2", "{order}"),
    Look("finance-order-approve", "finance2", "{order}approve/"),
    Look("finance-order-decline", "finance2", "{order}decline/"),
    Look("finance-order-withdraw", "finance", "{order}withdraw/"),
    Look("finance-ledger", "finance", "/finance/ledger/"),
    Look("finance-policies", "finance", "/finance/policies/"),
    Look("finance-policy", "finance", "{policy}"),
    Look("finance-policy-approve", "finance2", "{policy}approve/"),
    Look("finance-policy-end", "finance2", "{policy_open}end/"),
    Look("finance-policy-edit", "finance", "{policy}edit/"),
    Look("finance-policy-return", "finance2", "{policy}return/"),
    Look("finance-policy-withdraw", "finance", "{policy}withdraw/"),
    Look("finance-policy-new", "finance", "/finance/policies/new/"),
    Look("finance-agreements", "finance", "/finance/agreements/"),
    Look("finance-agreement", "finance", "{finance_agreement}"),
    Look("finance-agreement-approve", "finance", "{finance_agreement}approve/"),
    Look("finance-agreement-end", "finance", "{finance_agreement}end/"),
    Look("union-agreement-suspend", "union", "{union_agreement}suspend/"),
    Look("finance-agreement-suspend", "finance", "{open_agreement}suspend/"),
    Look("finance-agreement-terminate", "finance", "{open_agreement}terminate/"),
    Look("finance-agreement-suspended", "finance", "{suspended_agreement}"),
    Look("finance-agreement-resume", "finance", "{suspended_agreement}resume/"),
    Look("admin", "admin", "/school/"),
    Look("admin-members", "admin", "/school/members/"),
    Look("admin-member", "admin", "{member}"),
    Look("admin-member-new", "admin", "/school/members/new/"),
    Look("admin-departments", "admin", "/school/departments/"),
    Look("admin-member-change", "admin", "{member}", act=_new_roles),
    Look("admin-department", "admin", "{department}"),
    Look("admin-record", "admin", "/school/record/"),
    Look("admin-record-empty", "admin", "/school/record/?since=2019-01-01&until=2019-01-02"),
    Look("admin-roster", "admin", "/school/roster/"),
    Look("admin-roster-preview", "admin", "{roster}"),
    Look("admin-job", "admin", "{job}"),
    Look("admin-tokens", "admin", "/accounts/tokens/"),
    Look("operator-schools", "operator", "/operator/schools/"),
    Look("operator-school-new", "operator", "/operator/schools/new/"),
    Look("operator-institutions", "operator", "/operator/institutions/"),
    Look("operator-institution", "operator", "{institution}"),
    Look("operator-institution-new", "operator", "/operator/institutions/new/"),
    Look("operator-service-new", "operator", "{institution}services/new/"),
    Look("operator-paper-new", "operator", "{institution}papers/new/"),
    Look("operator-person-new", "operator", "{institution}people/new/"),
    Look("operator-move", "operator", "{institution}move/suspend/"),
    Look("operator-move-end", "operator", "{institution}move/terminate/"),
    Look("operator-record", "operator", "/operator/record/"),
]
