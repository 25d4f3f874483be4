"""What a machine can check of the design system: contrast, sizes, a text for every refusal, no inline style."""

import re
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from django.http import HttpResponse
from django.middleware.csp import get_nonce
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from kernel.errors import AlreadyDone, Forbidden, IllegalMove, Invalid, NotFound, Refused
from ui.csp import CMS, SECURE_CSP
from ui.middleware import ContentSecurityMiddleware, DomainErrorMiddleware
from ui.refusals import explain, explanations

UI = Path(__file__).parents[2] / "platform" / "ui"
CSS = (UI / "static/ui/xinqiao.css").read_text(encoding="utf-8")
TEMPLATES = sorted((UI / "templates").rglob("*.html"))

TEXT_PAIRS = [
    ("--ink", "--paper"), ("--ink", "--card"), ("--ink", "--wash"), ("--ink", "--accent-wash"), ("--ink", "--warm-wash"),
    ("--ink", "--alarm-wash"), ("--ink", "--calm-wash"), ("--ink-2", "--paper"), ("--ink-2", "--card"),
    ("--ink-2", "--wash"), ("--ink-2", "--accent-wash"), ("--ink-2", "--calm-wash"), ("--accent", "--paper"), ("--accent", "--card"),
    ("--accent", "--wash"), ("--accent", "--accent-wash"), ("--accent", "--calm-wash"), ("--accent-deep", "--card"),
    ("--accent-ink", "--accent"), ("--accent-ink", "--accent-deep"), ("--warm", "--warm-wash"), ("--warm", "--card"),
    ("--alarm", "--alarm-wash"), ("--alarm", "--card"), ("--alarm", "--paper"), ("--alarm-ink", "--alarm"),
    ("--calm", "--calm-wash"), ("--calm", "--card"), ("--night-ink", "--night"), ("--night-2", "--night"), ("--face-ink", "--good-face"),
    ("--face-ink", "--bad-face"),
]  # fmt: skip
LINE_PAIRS = [("--edge", "--card"), ("--edge", "--paper")]


def _schemes() -> dict[str, dict[str, str]]:
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")[:2]
    read = lambda text: dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})\b", text))  # noqa: E731
    return {"light": read(light), "dark": read(light) | read(dark.split("@layer base")[0])}


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_words_and_ground_is_readable(scheme: str):
    tokens = _schemes()[scheme]
    weak = {pair: ratio for pair in TEXT_PAIRS if (ratio := contrast(tokens[pair[0]], tokens[pair[1]])) < 4.5}
    weak |= {pair: ratio for pair in LINE_PAIRS if (ratio := contrast(tokens[pair[0]], tokens[pair[1]])) < 3}
    assert weak == {}


def test_weights_stay_within_the_budget():
    weigh = lambda name: len(brotli.compress((UI / "static/ui" / name).read_bytes()))  # noqa: E731
    assert weigh("xinqiao.css") <= 12 * 1024
    assert (UI / "static/ui/app.js").stat().st_size <= 5.5 * 1024
    on_every_page = sum(weigh(name) for name in ("app.js", "quit.js"))
    assert on_every_page <= 2.5 * 1024
    assert on_every_page + weigh("scan.js") <= 4.25 * 1024, "at the counter"
    assert (UI / "static/ui/help.html").stat().st_size <= 30 * 1024


def test_the_static_help_page_stands_alone_and_never_says_all_day():
    page = (UI / "static/ui/help.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!tel:)", page)
    assert all(f'href="tel:{number}"' in page for number in ("12356", "120", "110"))
    assert "24 小时" not in page
    assert "18 小时" in page


def test_lengths_are_rem():
    assert re.findall(r"\d+px\b", CSS) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(UI / "templates")))
def test_no_template_carries_an_inline_style_or_handler(path: Path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|\son(click|load|change|submit)=|<style", source)
    get_template(str(path.relative_to(UI / "templates")))


ISSUE_CODES = [
    "unknown", "expired", "not_yet", "already_redeemed", "wrong_partner", "wrong_service", "void", "over_quota", "suspended",
    "not_found", "forbidden", "conflict", "illegal_move", "invalid_times", "in_the_past", "naive_time", "no_agreement",
    "out_of_range", "quota_used_up", "pool_used_up", "idempotency_mismatch", "in_flight", "too_many", "invalid", "refused",
]  # fmt: skip


@pytest.mark.parametrize("code", ISSUE_CODES)
def test_every_refusal_says_what_happened_and_what_to_do(code: str):
    assert code in explanations()
    said = explain(code)
    assert all(str(line).strip() for line in (said.title, said.detail, said.next_step))


@pytest.mark.parametrize("code", sorted(explanations()))
def test_every_refusal_has_its_chinese(code: str):
    row = explanations()[code]
    with translation.override("zh-hans"):
        for line in (row.title, row.detail, row.next_step, row.known):
            assert not line or re.search(r"[一-鿿]", str(line)), str(line)


def test_a_parameter_fills_the_sentence_and_a_missing_one_leaves_no_gap():
    with translation.override("en"):
        assert "until Dec 3" in explain("expired", {"until": "Dec 3"}).detail
        assert explain("expired", {"until": None}).detail == str(explanations()["expired"].detail)
    assert explain("no_such_code").title


def _page(error: Exception, path: str = "/x/"):
    request = RequestFactory().get(path, headers={"referer": "https://elsewhere.example/"})
    return DomainErrorMiddleware(lambda _request: None).process_exception(request, error)


def test_a_second_press_is_told_that_it_is_done_and_not_that_it_is_impossible():
    with translation.override("en"):
        done, late = (_page(kind()).content.decode() for kind in (AlreadyDone, IllegalMove))
        assert str(explanations()["already_done"].title) in done
        assert str(explanations()["illegal_move"].title) in late
    assert _page(AlreadyDone()).status_code == 409


def test_a_refusal_becomes_a_page_with_its_status_and_the_help_bar():
    page = _page(Refused("quota_used_up"))
    assert page.status_code == 422
    assert b"tel:12356" in page.content
    assert b"elsewhere.example" not in page.content
    assert _page(Forbidden()).status_code == 403
    assert _page(Invalid(fields=(("fee", "out_of_range", ""),))).status_code == 400


def test_missing_and_foreign_look_the_same():
    missing, foreign = (
        re.sub(rb'value="\w{64}"', b"", _page(e).content) for e in (NotFound(), NotFound("reservation"))
    )
    assert missing == foreign


def test_the_api_and_other_errors_are_left_alone():
    assert _page(NotFound(), "/api/v1/vouchers/") is None
    assert _page(ValueError()) is None


def test_the_500_page_needs_nothing():
    html = render_to_string("500.html")
    assert "tel:12356" in html
    assert "/static/ui/xinqiao.css" in html


@pytest.mark.parametrize(("path", "policy"), [("/my/", SECURE_CSP), ("/cms/pages/", CMS), ("/cmsx/", SECURE_CSP)])
def test_only_the_cms_has_the_relaxed_policy(path: str, policy: dict[str, list[str]]):
    response = ContentSecurityMiddleware(lambda _request: HttpResponse())
    answer = RequestFactory().get(path)
    response.process_request(answer)
    header = response.process_response(answer, HttpResponse()).headers["Content-Security-Policy"]
    assert ("'unsafe-inline'" in header) is (policy is CMS)
    assert "'unsafe-eval'" not in header


WHOLE = {
    "/my/": (
        "default-src 'none'; script-src 'self' 'nonce-N'; style-src 'self' 'nonce-N'; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    ),
    "/cms/pages/": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; "
        "worker-src 'self' blob:; form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'self'"
    ),
}
"""The policies once more, word for word: a source that is added is added here too, and seen."""


@pytest.mark.parametrize(("path", "policy"), WHOLE.items())
def test_the_whole_policy_is_what_is_meant(path: str, policy: str):
    middleware = ContentSecurityMiddleware(lambda _request: HttpResponse())
    request = RequestFactory().get(path)
    middleware.process_request(request)
    nonce = str(get_nonce(request))
    header = middleware.process_response(request, HttpResponse()).headers["Content-Security-Policy"]
    assert sorted(header.replace(nonce, "N").split("; ")) == sorted(policy.split("; "))


def test_chinese_headings_are_not_balanced():
    """A balanced line of Chinese ends inside a word: 老/师, 属/于."""
    balanced = [rule for rule in re.findall(r"([^{}]+)\{[^{}]*text-wrap: balance", CSS) if "h1" in rule]
    assert balanced
    assert all(":lang(en)" in rule for rule in balanced)
    heading = re.search(r"\n  h1, h2, h3 \{([^}]*)\}", CSS)
    assert heading
    assert "text-wrap: pretty" in heading[1]
    assert "word-break: auto-phrase" in heading[1]


def test_a_timeline_says_what_first_and_when_on_a_line_of_its_own():
    step = {
        "state": "done",
        "title": "时间已确认",
        "at": datetime(2026, 12, 3, 16, 30, tzinfo=UTC),
        "note": "到店前一天提醒",
    }
    shown = render_to_string("ui/components/steps.html", {"steps": [step]})
    order = [shown.index(part) for part in ("<b>时间已确认", "<time", "<small>到店前一天提醒")]
    assert order == sorted(order)
    rule = next(rule for rule in re.findall(r"([^{}]+)\{[^{}]*display: block", CSS) if ".steps time" in rule)
    assert ".steps b" in rule
