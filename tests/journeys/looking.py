"""How one page is looked at: axe, targets, sideways scrolling, weight, language, policy and console."""

import os
import re
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
from allauth.account.internal.userkit import user_id_to_str
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import DESK, PHONE, House, Noted, watch
from tests.journeys.looks import Look
from tests.journeys.town import Town

KB = 1024
HTML, CSS, JS, ALL = 20 * KB, 26 * KB, 14 * KB, 90 * KB
HELP = 30 * KB
REQUESTS, TARGET_PX = 8, 44
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"phone": PHONE, "desk": DESK}
LANGUAGES = {"zh": "zh-hans", "en": "en"}


STRICT = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:", "blob:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "media-src": {"'self'", "blob:"},
    "manifest-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "object-src": {"'none'"},
    "frame-ancestors": {"'none'"},
}
"""Where a page of ours may take things from, beside what bears the nonce of its own request."""


def policy_of(header: str) -> dict[str, set[str]]:
    """``script-src 'self' 'nonce-…'; …`` by kind, without the nonce."""
    kinds = (kind.split() for kind in header.split(";") if kind.strip())
    return {name: {place for place in places if not place.startswith("'nonce-")} for name, *places in kinds}


@dataclass
class Seats:
    """One browser context per person, signed in once. Whoever was looked at last keeps the page: a new one starts a process."""

    browser: Browser
    house: House
    town: Town
    contexts: dict[str, BrowserContext] = field(default_factory=dict)
    last: tuple[str, Page, Noted] | None = None

    def page(self, who: str, language: str) -> tuple[Page, Noted]:
        """A page of this person in this language, and notes of what it does from its next opening on."""
        context = self.contexts.get(who) or self._open(who)
        host = self.town.host(who).host
        context.add_cookies([{"name": "django_language", "value": LANGUAGES[language], "domain": host, "path": "/"}])
        if self.last is None or self.last[0] != who:
            self.leave()
            page = context.new_page()
            self.last = who, page, watch(page)
        _, page, noted = self.last
        noted.forget()
        return page, noted

    def leave(self) -> None:
        """Close the page that is open."""
        if self.last is not None:
            self.last[1].close()
            self.last = None

    def _open(self, who: str) -> BrowserContext:
        # No fading between light and dark: axe would read a colour on its way.
        context = self.browser.new_context(viewport=PHONE, timezone_id="Asia/Shanghai", reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        context.add_init_script(AXE.axe_script)  # once into the browser, not once a page through the driver
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
    """A client that has just typed its password, and for the next hours needs not do so again before its settings change."""
    client = Client(headers={"host": host})
    client.force_login(user)
    session = client.session
    typed = {"method": "password", "at": time.time() + 7200, "reauthenticated": True}
    session["account_authentication_methods"] = [typed]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client


@cache
def packed(path: str) -> int:
    """Brotli size of a static file of ours."""
    found = finders.find(path.removeprefix(settings.STATIC_URL))
    return len(brotli.compress(Path(str(found)).read_bytes())) if found else 0


def weigh(look: Look, html: str, requests: list[str]) -> list[str]:
    """What is too heavy, too much, or not from us.

    Packed quickly a page is larger than it is sent: if it keeps its budget then, it keeps it, in a fortieth of the time.
    """
    return [
        *(_overweight(look, html, requests, quality=5) and _overweight(look, html, requests, quality=11)),
        *_too_many(requests),
    ]


def _overweight(look: Look, html: str, requests: list[str], quality: int) -> list[str]:
    own = len(brotli.compress(html.encode(), quality=quality))
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
    if look.name.startswith("help") and (js or own + css + pictures > HELP):
        faults.append(f"help: {own + css + pictures} bytes, {js} of script")
    return faults


def _too_many(requests: list[str]) -> list[str]:
    paths = [urlsplit(url).path for url in requests if url.startswith("http")]
    asked = [path for path in paths if not path.startswith("/media/")]
    return [f"{len(asked)} requests: {asked}"] if len(asked) > REQUESTS else []


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


AXE = Axe()
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},  # no rule that is run reads the stylesheets a second time
}
# Only what is wrong leaves the page: to carry every rule that passed costs twice the time of the rules themselves.
VIOLATIONS = """async (options) => window.axe && (await axe.run(document, options)).violations.map((found) =>
  found.id + ': ' + found.nodes.slice(0, 4).map((node) => node.target + ' ' + node.html.slice(0, 110)).join('; '))"""


def violations(page: Page) -> list[str]:
    """What axe finds in the page as it stands. Its script stays in the document for the next way of looking."""
    # From the top: scrolled to a list of errors, the bar may cover half of a link, which axe takes for a small one.
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    found = page.evaluate(VIOLATIONS, OPTIONS)
    if found is None:  # no page of a seat: those have the script from their start
        page.evaluate(AXE.axe_script)
        found = page.evaluate(VIOLATIONS, OPTIONS)
    return [f"axe {violation}" for violation in found]


WIDE = """() => {
  const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth;
  if (wide <= room) return null;
  const out = (node) => node.getBoundingClientRect().right > room + 1 && !node.closest('.hush, .skip, .fold thead');
  const last = [...document.querySelectorAll('body *')].filter((node) => out(node) && ![...node.children].some(out));
  return wide + ' of ' + room + ' px: ' + last.slice(0, 3).map((node) => node.outerHTML.slice(0, 90)).join(' | ');
}"""
# ¥1,234.50; 3,000; 12月3日; 2026-12-03; 16:30; YC-2026-R00049; 70%; in a heading 李老师: what is read as one thing stands on one line.
# Wider than a card of a phone at 200 % is a registration number alone: that one has to break somewhere.
BROKEN = r"""() => {
  const whole = /[\u4e00-\u9fff]老师|(?<![A-Za-z0-9%-])(?:¥[0-9,]+(?:\.[0-9]+)?|[0-9]+月[0-9]+日|[0-9]{4}年[0-9]+月|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}:[0-9]{2}|[A-Z]{2}-[0-9]{4}-[A-Z]?[0-9]+|[0-9]+(?:[.,][0-9]+)*%?)/g;
  const seen = (node) => node.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !node.closest('.hush, .skip, svg, textarea, select');
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (!/[0-9]|老师/.test(node.data) || !seen(node.parentElement)) continue;
    for (const match of node.data.matchAll(whole)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
      const width = boxes.reduce((sum, box) => sum + box.width, 0);
      const lines = new Set(boxes.map((box) => Math.round(box.top)));
      if (lines.size > 1 && width < 240 && (/[0-9]/.test(match[0]) || node.parentElement.closest('h1, h2, h3, .whom, .card b'))) found.push(match[0] + ' in ' + node.parentElement.outerHTML.replace(/\s+/g, ' ').slice(0, 110));
    }
  }
  return [...new Set(found)];
}"""
# A card whose words stand one or two a line is read like a ladder: the signs beside them have to give way. So is a badge.
LADDER = r"""() => {
  const seen = (node) => node.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !node.closest('.hush, .skip, svg, textarea, select, table');
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode, signs = node.data.trim().length;
    const badge = node.parentElement.closest('.tag'), fewest = badge ? 3 : 6;
    if (signs < fewest || !/[\u4e00-\u9fff]{3}/.test(node.data) || !(badge || node.parentElement.closest('.task')) || !seen(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const lines = new Set([...range.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top)));
    if (lines.size > (badge ? 1 : 2) && signs / lines.size < 3) found.push(node.data.trim().slice(0, 20) + ' on ' + lines.size + ' lines');
  }
  return found;
}"""
# Six tabs share a phone's width; each word of theirs stands on one line.
TORN = r"""() => {
  const found = [];
  const texts = document.createTreeWalker(document.querySelector('.tabs') || document.createElement('i'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    if (node.parentElement.closest('.hush')) continue;
    for (const match of node.data.matchAll(/[A-Za-z]+|[\u4e00-\u9fff]+/g)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      if (new Set([...range.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top))).size > 1) found.push(match[0]);
    }
  }
  return found;
}"""
# A row of a table that stands as a card on a phone has its label at one edge and its value at the other: a value in pieces
# is spread between them.
SPREAD = r"""() => [...document.querySelectorAll('.fold td[data-label]')]
  .filter((cell) => getComputedStyle(cell).display === 'flex')
  .filter((cell) => [...cell.childNodes].filter((part) => part.nodeType === 1 ? part.getClientRects().length : part.data?.trim()).length > 1)
  .map((cell) => cell.textContent.trim().replace(/\s+/g, ' ').slice(0, 60))"""
# "153" beside a heading: of what?
BARE = r"""() => [...document.querySelectorAll('main .head > :not(h1, h2, h3)')]
  .filter((node) => node.checkVisibility() && !node.querySelector('.hush') && /^[0-9]+[+]?$/.test(node.textContent.trim()))
  .map((node) => node.parentElement.textContent.trim().replace(/\s+/g, ' ').slice(0, 60))"""
# What is fixed to the screen never makes the page scroll, so its edge is looked at by itself.
OVER_THE_EDGE = r"""() => [...document.querySelectorAll('.help *, .bar *, .tabs *')]
  .filter((node) => node.checkVisibility() && !node.closest('.hush, details > div') && node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => node.outerHTML.replace(/\s+/g, ' ').slice(0, 90))"""
# One question of the browser a look: each goes there and back through its driver.
MEASURED = f"""([phone, least]) => ({{
  wide: ({WIDE})(), broken: ({BROKEN})(), small: phone ? ({SMALL})(least) : [], edge: phone ? ({OVER_THE_EDGE})() : [],
  spread: phone ? ({SPREAD})() : [], torn: phone ? ({TORN})() : [], bare: ({BARE})(),
}})"""
MEASURED_LARGE = f"""() => {{
  document.documentElement.style.fontSize = '200%';
  const found = {{wide: ({WIDE})(), broken: ({BROKEN})(), edge: ({OVER_THE_EDGE})(), ladder: ({LADDER})()}};
  document.documentElement.style.fontSize = '';
  return found;
}}"""
SAID = {
    "wide": "scrolls sideways",
    "small": "small target",
    "edge": "over the edge",
    "broken": "breaks inside",
    "ladder": "a ladder",
    "spread": "a value in pieces",
    "torn": "a torn word in a tab",
    "bare": "a number without its unit",
}


def _faults(found: dict[str, Any], at: str = "") -> list[str]:
    told = {kind: [seen] if isinstance(seen, str) else seen or [] for kind, seen in found.items()}
    return [f"{SAID[kind]}{at}: {one}" for kind, all_seen in told.items() for one in all_seen]


def inspect(page: Page, size: str) -> list[str]:
    """axe, and what axe does not measure."""
    return violations(page) + _faults(page.evaluate(MEASURED, [size == "phone", TARGET_PX]))


def inspect_large(page: Page) -> list[str]:
    """A phone at 200 % text: all lengths are rem, so this is WeChat's largest type, and a browser's text zoom."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return _faults(page.evaluate(MEASURED_LARGE), " at 200 % text")


def look_at(look: Look, seats: Seats, language: str, ways: list[tuple[str, str]]) -> list[str]:
    """Open the page once in ``language`` and look at it in each of ``ways`` (scheme, size)."""
    page, noted = seats.page(look.who, language)
    scheme, size = ways[0]
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    path = look.path.format(**seats.town.paths)
    answer = page.goto(seats.house.url(seats.town.host(look.who), path))
    assert answer is not None
    if answer.status != look.status:
        return [f"answered {answer.status}"]
    faults = weigh(look, answer.text(), noted.requests)
    policy = answer.headers.get("content-security-policy", "")
    if not look.is_file and policy_of(policy) != STRICT:
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
    if any(size == "phone" for _scheme, size in ways):
        faults += [f"{language} phone: {fault}" for fault in inspect_large(page)]
    if language == "zh" and not look.both:
        faults += left_in_english(page)
    # A title that is, or quotes, the own name of an institution or a department stays in the language of the name.
    title = re.sub(r"安心 p-[0-9a-f]+|语文组", "", page.title().split("·")[0])
    if language == "en" and re.search(r"[\u4e00-\u9fff]", title) and look.who != "public" and not look.both:
        faults.append(f"title not translated: {page.title()}")
    faults += [f"console: {error}" for error in noted.errors]
    own = {urlsplit(seats.house.url(seats.town.host(look.who))).netloc}
    faults += [
        f"other host: {url}" for url in noted.requests if url.startswith("http") and urlsplit(url).netloc not in own
    ]
    return faults
