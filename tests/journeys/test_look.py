"""How every page looks, measured in a real browser: axe, targets, no sideways scrolling, weight, questions asked (experience §Budgets).

Six pages are looked at in all eight ways (language × light or dark × phone or desk), the rest in the two that differ most.
``LOOK_SHOTS=<folder>`` keeps a picture of each, and what was found.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import DESK, PHONE, House, watch
from tests.journeys.town import Town, build_town

KB = 1024
HTML, CSS, JS, ALL = 20 * KB, 26 * KB, 14 * KB, 90 * KB
HELP = 30 * KB
REQUESTS, QUERIES, TARGET_PX = 8, 15, 44
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERY_WAY = [
    (lang, scheme, size) for lang in ("zh", "en") for scheme in ("light", "dark") for size in ("phone", "desk")
]
TWO_WAYS = [("zh", "light", "phone"), ("en", "dark", "desk")]
SIZES = {"phone": PHONE, "desk": DESK}
LANGUAGES = {"zh": "zh-hans", "en": "en"}

Act = Callable[[Page, Town], None]


@dataclass(frozen=True)
class Look:
    """One page as one person sees it. ``act`` is what they do after opening ``path``; {name} is one of ``Town.paths``."""

    name: str
    who: str
    path: str
    key: bool = False
    status: int = 200
    act: Act | None = None


def _wrong_password(page: Page, town: Town) -> None:
    page.fill("input[name=login]", "nobody@example.com")
    page.fill("input[name=password]", "wrong")
    page.click("main form button.btn:not(.quiet)")
    page.locator(".errorlist, .errors, [role=alert]").first.wait_for()


def _no_times(page: Page, town: Town) -> None:
    page.click("button[value=times]")
    page.locator("[aria-invalid=true]").first.wait_for()


def _to_consent(page: Page, town: Town) -> None:
    page.evaluate(
        """() => { const at = new Date(Date.now() + 864e5 * 8).toISOString().slice(0, 10);
        document.querySelector('[name=start_1]').value = at + 'T10:00';
        document.querySelector('[name=end_1]').value = at + 'T12:00'; }"""
    )
    page.click("button[value=times]")
    page.locator("input[name=consent]").wait_for()


def _to_check(page: Page, town: Town) -> None:
    _to_consent(page, town)
    page.check("input[name=consent]")
    page.click("button[value=consent]")
    page.locator("button[value=send]").wait_for()


def _typed(code: str) -> Act:
    def act(page: Page, town: Town) -> None:
        page.fill("input[name=code]", {"live": town.code, "spent": town.spent_code}.get(code, code))
        page.click("form[data-scan] button:not([type=button])")
        page.locator("form[action$='/redeem/'], .result, .errorlist").first.wait_for()

    return act


LOOKS = [
    Look("home", "public", "/", key=True),
    Look("help", "public", "/help/"),
    Look("guidelines", "public", "/guidelines/"),
    Look("guideline", "public", "/guidelines/talking-with-parents/", key=True),
    Look("tips", "public", "/tips/"),
    Look("search", "public", "/search/?q=家长"),
    Look("search-empty", "public", "/search/?q=没有这样的词"),
    Look("missing", "public", "/nothing-here/", status=404),
    Look("login", "public", "/accounts/login/"),
    Look("login-wrong", "public", "/accounts/login/", act=_wrong_password),
    Look("password-reset", "public", "/accounts/password/reset/"),
    Look("family", "public", "{family}"),
    Look("staff-home", "staff", "/my/", key=True),
    Look("staff-home-empty", "fresh", "/my/"),
    Look("staff-requests", "staff", "/my/referrals/"),
    Look("staff-requests-empty", "fresh", "/my/referrals/"),
    Look("staff-request", "staff", "{referral}"),
    Look("staff-cancel", "staff", "{cancel}"),
    Look("staff-messages", "staff", "/my/messages/"),
    Look("staff-messages-empty", "fresh", "/my/messages/"),
    Look("staff-preferences", "staff", "/my/messages/preferences/"),
    Look("staff-security", "staff", "/accounts/2fa/"),
    Look("staff-logout", "staff", "/accounts/logout/"),
    Look("apply", "staff", "/apply/"),
    Look("apply-nothing", "staff", "/apply/?kind=meals"),
    Look("apply-times", "staff", "{apply}", key=True),
    Look("apply-times-child", "staff", "{apply_child}"),
    Look("apply-times-wrong", "staff", "{apply}", act=_no_times),
    Look("apply-consent", "staff", "{apply}", act=_to_consent),
    Look("apply-check", "staff", "{apply}", act=_to_check),
    Look("apply-done", "staff", "{done}"),
    Look("wallet", "staff", "/vouchers/"),
    Look("wallet-empty", "fresh", "/vouchers/"),
    Look("voucher", "staff", "{voucher}", key=True),
    Look("partner-home", "partner", "/partner/"),
    Look("partner-home-empty", "newcomer", "/partner/"),
    Look("partner-offer", "partner", "{offer}"),
    Look("partner-propose", "partner", "{offer}propose/"),
    Look("partner-decline", "partner", "{offer}decline/"),
    Look("partner-bookings", "partner", "/partner/bookings/"),
    Look("partner-redemptions", "partner", "/partner/redemptions/"),
    Look("partner-redemptions-empty", "newcomer", "/partner/redemptions/"),
    Look("partner-scan", "counter", "/partner/scan/", key=True),
    Look("partner-scan-wrong", "counter", "/partner/scan/", act=_typed("123412341234")),
    Look("partner-preview", "counter", "/partner/scan/", act=_typed("live")),
    Look("partner-result-wait", "counter", "/partner/scan/", act=_typed("spent")),
    Look("partner-result-ok", "partner", "{redeemed}"),
    Look("partner-reverse", "partner", "{reverse}"),
    Look("centre", "centre", "/centre/"),
    Look("centre-request", "centre", "{decision}"),
    Look("centre-decline", "centre", "{decision}decline/"),
    Look("union-empty", "union", "/union/"),
    Look("union-agreements", "union", "/union/agreements/"),
    Look("union-agreement", "union", "{union_agreement}"),
    Look("union-agreement-new", "union", "/union/agreements/new/"),
    Look("finance", "finance", "/finance/"),
    Look("finance-empty", "finance", "/finance/?year=2019"),
    Look("finance-pools", "finance", "/finance/pools/"),
    Look("finance-ledger", "finance", "/finance/ledger/"),
    Look("finance-policies", "finance", "/finance/policies/"),
    Look("finance-policy", "finance", "{policy}"),
    Look("finance-policy-new", "finance", "/finance/policies/new/"),
    Look("finance-agreements", "finance", "/finance/agreements/"),
    Look("finance-agreement", "finance", "{finance_agreement}"),
    Look("admin", "admin", "/school/"),
    Look("admin-members", "admin", "/school/members/"),
    Look("admin-member", "admin", "{member}"),
    Look("admin-member-new", "admin", "/school/members/new/"),
    Look("admin-departments", "admin", "/school/departments/"),
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
    Look("operator-move", "operator", "{institution}move/suspend/"),
]


@pytest.fixture(scope="package")
def town(house: House, browser: Browser) -> Town:
    return build_town()


@dataclass
class Seats:
    """One browser context per person, signed in once."""

    browser: Browser
    house: House
    town: Town
    contexts: dict[str, BrowserContext]

    def page(self, who: str, language: str) -> Page:
        """A new page of this person in this language."""
        context = self.contexts.get(who) or self._open(who)
        host = self.town.host(who).host
        context.add_cookies([{"name": "django_language", "value": LANGUAGES[language], "domain": host, "path": "/"}])
        return context.new_page()

    def _open(self, who: str) -> BrowserContext:
        # No fading between light and dark: axe would read a colour on its way.
        context = self.browser.new_context(viewport=PHONE, timezone_id="Asia/Shanghai", reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        tenant = self.town.host(who)
        if user := self.town.people.get(who):
            client = signed_in(user, tenant.host)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": value, "domain": tenant.host, "path": "/"}]
            )
        self.contexts[who] = context
        return context


def signed_in(user: Any, host: str) -> Client:
    client = Client(headers={"host": host})
    client.force_login(user)
    return client


@pytest.fixture(scope="package")
def seats(browser: Browser, house: House, town: Town) -> Iterator[Seats]:
    seats = Seats(browser, house, town, {})
    yield seats
    for context in seats.contexts.values():
        context.close()


@cache
def packed(path: str) -> int:
    """Brotli size of a static file of ours."""
    found = finders.find(path.removeprefix(settings.STATIC_URL))
    return len(brotli.compress(Path(str(found)).read_bytes())) if found else 0


def weigh(look: Look, html: str, requests: list[str]) -> list[str]:
    """What is too heavy, too much, or not from us."""
    own = len(brotli.compress(html.encode()))
    paths = [urlsplit(url).path for url in requests if url.startswith("http")]
    css = sum(packed(path) for path in paths if path.endswith(".css"))
    js = sum(packed(path) for path in paths if path.endswith(".js"))
    pictures = sum(packed(path) for path in paths if path.endswith(".svg"))
    faults = [
        f"{name} weighs {size} of {most} bytes"
        for name, size, most in (
            ("HTML", own, HTML), ("CSS", css, CSS), ("JS", js, JS), ("all", own + css + js + pictures, ALL),
        )
        if size > most
    ]  # fmt: skip
    if look.name == "help" and (js or own + css + pictures > HELP):
        faults.append(f"help: {own + css + pictures} bytes, {js} of script")
    asked = [path for path in paths if not path.startswith("/media/")]
    if len(asked) > REQUESTS:
        faults.append(f"{len(asked)} requests: {asked}")
    return faults


SMALL = """(least) => {
  const seen = (node) => node.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const found = [];
  for (const node of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (!seen(node) || node.classList.contains('skip')) continue;
    if (node.tagName === 'A' && getComputedStyle(node).display === 'inline') continue;
    const label = ['checkbox', 'radio'].includes(node.type) ? node.closest('label') || (node.labels && node.labels[0]) : null;
    const box = (label || node).getBoundingClientRect();
    if (box.width === 0) continue;
    if (box.height < least - 0.5 || box.width < least - 0.5)
      found.push(node.outerHTML.slice(0, 90) + ' ' + Math.round(box.width) + '×' + Math.round(box.height));
  }
  return found;
}"""


_ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}[^\n]{0,40}")


def left_in_english(page: Page) -> list[str]:
    """Two English words in a row on a Chinese page (names of the test people hold none)."""
    return [f"not in Chinese: {words}" for words in _ENGLISH.findall(page.locator("body").inner_text())]


def inspect(page: Page, size: str) -> list[str]:
    """axe, and what axe does not measure."""
    faults = []
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    for found in results.response["violations"]:
        nodes = "; ".join(str(node["target"]) + " " + node["html"][:110] for node in found["nodes"][:4])
        faults.append(f"axe {found['id']}: {nodes}")
    if size == "phone":
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > PHONE["width"]:
            faults.append(f"scrolls sideways: {wide} px")
        faults += [f"small target: {target}" for target in page.evaluate(SMALL, TARGET_PX)]
    return faults


def look_at(look: Look, seats: Seats, language: str, ways: list[tuple[str, str]]) -> list[str]:
    """Open the page once in ``language`` and look at it in each of ``ways`` (scheme, size)."""
    page = seats.page(look.who, language)
    noted = watch(page)
    scheme, size = ways[0]
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    path = look.path.format(**seats.town.paths)
    answer = page.goto(seats.house.url(seats.town.host(look.who), path))
    assert answer is not None
    if answer.status != look.status:
        page.close()
        return [f"answered {answer.status}"]
    faults = weigh(look, answer.text(), noted.requests)
    policy = answer.headers.get("content-security-policy", "")
    if "'nonce-" not in policy and "script-src" not in policy or "unsafe-inline" in policy:
        faults.append(f"policy: {policy}")
    if look.act:
        look.act(page, seats.town)
    for scheme, size in ways:
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        way = f"{language} {scheme} {size}"
        faults += [f"{way}: {fault}" for fault in inspect(page, size)]
        if folder := os.environ.get("LOOK_SHOTS"):
            page.screenshot(path=f"{folder}/{look.name}-{way.replace(' ', '-')}.png", full_page=True)
    if language == "zh":
        faults += left_in_english(page)
    # A title that is, or quotes, an institution's own name stays in the language of the name.
    title = re.sub(r"安心 p-[0-9a-f]+", "", page.title().split("·")[0])
    if language == "en" and re.search(r"[\u4e00-\u9fff]", title) and look.who != "public":
        faults.append(f"title not translated: {page.title()}")
    faults += [f"console: {error}" for error in noted.errors]
    own = {urlsplit(seats.house.url(seats.town.host(look.who))).netloc}
    faults += [
        f"other host: {url}" for url in noted.requests if url.startswith("http") and urlsplit(url).netloc not in own
    ]
    page.close()
    return faults


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_page_in_the_browser(look: Look, seats: Seats) -> None:
    ways = EVERY_WAY if look.key else TWO_WAYS
    faults = []
    for language in ("zh", "en"):
        faults += look_at(look, seats, language, [(scheme, size) for lang, scheme, size in ways if lang == language])
    told = "\n".join(dict.fromkeys(faults))
    if told and (folder := os.environ.get("LOOK_SHOTS")):
        Path(folder, f"{look.name}.txt").write_text(told)
    assert not faults, told


def test_no_page_asks_the_database_more_than_fifteen_questions(town: Town) -> None:
    many = {}
    for look in LOOKS:
        user = town.people.get(look.who)
        host = town.host(look.who).host
        client = signed_in(user, host) if user else Client(headers={"host": host})
        path = look.path.format(**town.paths)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        if len(queries) > QUERIES:
            many[look.name] = len(queries)
    assert not many, many
