"""The counter's field on a phone-wide page: hands, a scanner that types, an input method, a paste, the camera (rules §2).

Whatever reaches the page, the server reads it: each case ends with the server's own word on the voucher, whose day is
tomorrow. Looking spends nothing.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest
from django.utils.translation import override
from playwright.sync_api import CDPSession, Page

from referrals.models import Redemption, Voucher
from referrals.paper.qr import check_address
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.journeys.camera import A_CAMERA, hold, lay, start
from tests.journeys.conftest import House, Noted, Opens, new_school, sign_in, watch
from tests.workflow.journey_steps import answer, ask
from ui.refusals import explain

FIELD = "input[name=code]"
SHIFTED = dict(zip(')!@#$%^&*(_:?"~', "0123456789-;/'`", strict=True))
ENDINGS = {"Enter": "Enter", "NumpadEnter": "Enter", "Tab": "Tab"}
CODES = {"-": "Minus", ";": "Semicolon", "/": "Slash", ".": "Period", "]": "BracketRight", "`": "Backquote"}


@dataclass
class Counter:
    """A signed-in counter with its page open, and a voucher of tomorrow."""

    page: Page
    noted: Noted
    url: str
    tenant: Tenant
    code: str
    link: str

    def open(self) -> Page:
        """The scan page, anew."""
        self.page.goto(self.url)
        return self.page

    def value(self) -> str:
        return self.page.input_value(FIELD)

    def caret(self) -> int:
        return int(self.page.eval_on_selector(FIELD, "field => field.selectionStart"))

    def is_known(self) -> bool:
        """The server says that the voucher's day has not come: it knows which voucher it is."""
        result = self.page.locator(".result, .errorlist").first
        result.wait_for()
        with override("zh-hans"):
            return str(explain("not_yet").title) in result.inner_text()


@pytest.fixture(scope="module")
def school(house: House, browser: object) -> tuple[Tenant, Journey]:
    return new_school()


@pytest.fixture(scope="module")
def voucher(school: tuple[Tenant, Journey]) -> Voucher:
    tenant, journey = school
    with use_tenant(tenant.id):
        return Voucher.objects.get(booking=answer(journey, ask(journey)))


@pytest.fixture
def counter(
    school: tuple[Tenant, Journey], voucher: Voucher, house: House, device: Opens, request: pytest.FixtureRequest
) -> Iterator[Counter]:
    tenant, journey = school
    script = getattr(request, "param", True)
    context = device(script=script)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=f"http://localhost:{house.port}")
    page = context.new_page()
    noted = watch(page)
    sign_in(page, house, journey.platform, journey.counter_user.email or "")
    with use_tenant(tenant.id):
        code, link = voucher.code, check_address(voucher.token)
    made = Counter(page, noted, house.url(journey.platform, "/partner/scan/"), tenant, code, link)
    made.open()
    yield made
    assert noted.errors == []
    with use_tenant(tenant.id):
        assert not Redemption.objects.exists()


def printed(code: str) -> str:
    return f"{code[:4]} {code[4:8]} {code[8:]}"


def wide(text: str) -> str:
    return text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789"})


def test_digits_group_themselves_and_the_caret_stays_where_the_hand_is(counter: Counter) -> None:
    page, keys = counter.page, counter.page.keyboard
    page.click(FIELD)
    keys.type("123456789012", delay=80)
    assert counter.value() == "1234 5678 9012"
    assert counter.caret() == 14
    for _ in range(5):
        keys.press("ArrowLeft")
    keys.press("Backspace")
    assert (counter.value(), counter.caret()) == ("1234 5679 012", 8)
    keys.type("8", delay=80)
    assert counter.value() == "1234 5678 9012"
    assert counter.caret() in (9, 10)  # before or after the blank: the next digit goes to the same place
    keys.press("End")
    for left in range(11, -1, -1):  # no blank stops the erasing
        keys.press("Backspace")
        digits = counter.value().replace(" ", "")
        assert digits == "123456789012"[:left]
    keys.type("12345678", delay=80)
    keys.press("Home")
    keys.press("Delete")
    assert (counter.value(), counter.caret()) == ("2345 678", 0)


def test_a_digit_too_many_stays_to_be_seen_and_is_told(counter: Counter) -> None:
    page = counter.page
    page.click(FIELD)
    page.keyboard.type(counter.code + "1", delay=80)
    assert counter.value() == f"{printed(counter.code)} 1"
    page.keyboard.press("Enter")
    page.locator(".errorlist").wait_for()
    assert counter.value() == f"{printed(counter.code)} 1"


def strike(cdp: CDPSession, sign: str, at: float, *, method: bool = False) -> None:
    """One key at a moment of the scanner's own, in seconds: a busy machine hands it over later, and tells when it was.

    ``method``: an input method has taken it, and the page is told which key, not which sign.
    """
    plain = SHIFTED.get(sign, sign.lower())
    code = f"Key{plain.upper()}" if plain.isalpha() else f"Digit{plain}" if plain.isdigit() else CODES.get(plain, plain)
    code = sign if sign in ENDINGS else code
    is_shifted = sign not in ENDINGS and (sign.isupper() or sign in SHIFTED)
    told = {"code": code, "modifiers": 8 if is_shifted else 0, "timestamp": at}
    if method:
        told |= {"key": "Process", "windowsVirtualKeyCode": 229}
    elif sign in ENDINGS:
        told |= {"key": ENDINGS[sign], "windowsVirtualKeyCode": 13 if "Enter" in sign else 9}
        told |= {"text": "\r"} if "Enter" in sign else {}
    else:
        told |= {"key": sign, "text": sign}
    cdp.send("Input.dispatchKeyEvent", {"type": "keyDown" if "text" in told else "rawKeyDown", **told})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **{k: v for k, v in told.items() if k != "text"}})


def scan(counter: Counter, text: str, ending: str = "Enter", *, method: bool = False) -> CDPSession:
    """A scanner types ``text``, a key in five milliseconds."""
    cdp = counter.page.context.new_cdp_session(counter.page)
    began = time.time()
    for n, sign in enumerate([*text, *([ending] if ending else [])]):
        strike(cdp, sign, began + n * 0.005, method=method and sign != ending)
    return cdp


@pytest.mark.parametrize("ending", ["Enter", "Tab", "NumpadEnter", ""])
@pytest.mark.parametrize("cursor", ["in the field", "elsewhere"])
def test_a_scanner_that_types_is_heard(counter: Counter, ending: str, cursor: str) -> None:
    page = counter.page
    page.click(FIELD) if cursor == "in the field" else page.click("h1")
    scan(counter, counter.link, ending)
    assert counter.is_known()


def test_a_scanner_may_set_signs_before_and_types_digits_as_well(counter: Counter) -> None:
    for text, ending in product((f"]Q1{counter.link}", f"~{counter.code}", counter.code, f"*{counter.code}*"), ENDINGS):
        counter.open().click(FIELD)
        scan(counter, text, ending)
        assert counter.is_known(), (text, ending)


def test_caps_lock_does_not_spoil_the_link(counter: Counter) -> None:
    counter.page.click(FIELD)
    counter.page.keyboard.insert_text(counter.link.swapcase())
    counter.page.keyboard.press("Enter")
    assert counter.is_known()


def test_what_a_hand_types_is_not_sent_before_it_is_done(counter: Counter) -> None:
    page = counter.page
    page.click(FIELD)
    page.keyboard.type(counter.code, delay=80)
    page.wait_for_timeout(500)
    assert counter.value() == printed(counter.code)
    assert page.url == counter.url
    page.keyboard.press("Tab")
    page.wait_for_timeout(200)
    assert page.url == counter.url


def compose(cdp: CDPSession, text: str) -> None:
    cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})


def test_a_scanner_is_heard_through_a_chinese_input_method(counter: Counter) -> None:
    """The method makes words of the letters; the keys are still told."""
    counter.page.click(FIELD)
    cdp = counter.page.context.new_cdp_session(counter.page)
    compose(cdp, "h")
    scan(counter, counter.link, "", method=True)
    assert counter.page.url == counter.url
    cdp.send("Input.insertText", {"text": "好天天跑：、、"})
    assert counter.value() == "好天天跑：、、"
    assert counter.is_known()


def test_an_input_method_is_left_alone_until_it_is_done(counter: Counter) -> None:
    page = counter.page
    page.click(FIELD)
    cdp = page.context.new_cdp_session(page)
    composing = ""
    for sign in wide(counter.code):
        composing += sign
        compose(cdp, composing)
        assert counter.value() == composing
    cdp.send("Input.insertText", {"text": composing})
    assert counter.value() == printed(counter.code)
    page.keyboard.press("Enter")
    assert counter.is_known()


def test_a_link_written_by_an_input_method_is_read(counter: Counter) -> None:
    written = counter.link.replace("_", "——").replace("/", "、").replace(":", "：")
    counter.page.click(FIELD)
    counter.page.keyboard.insert_text(written)
    counter.page.keyboard.press("Enter")
    assert counter.is_known()


def pasted(counter: Counter) -> list[str]:
    code = counter.code
    dashed, dotted = printed(code).replace(" ", "-"), printed(code).replace(" ", ".")
    return [
        *(
            code,
            printed(code),
            wide(dashed),
            dotted,
            printed(code).replace(" ", "，"),
            printed(code).replace(" ", "。"),
        ),
        *(
            f"券码：{dashed}",
            f"券码：{dashed}，请出示。",
            f"{code}。",
            counter.link,
            f"您的卡券 {counter.link}，请出示",
        ),
        f"您的卡券\n券码：{dashed}\n有效期至 12月3日 24:00\n电话 13800001111",
        f"13800001111\r\n{printed(code)}",
        f"{printed(code)}\n{counter.link}",
    ]


def test_a_paste_arrives_whole(counter: Counter) -> None:
    for text in (*pasted(counter), f"2026\r\n{printed(counter.code)}\r\n2026"):  # lines are told apart
        page = counter.open()
        page.evaluate("text => navigator.clipboard.writeText(text)", text)
        page.click(FIELD)
        page.keyboard.press("Control+V")
        kept = counter.value()
        assert "".join(kept.split()).replace("|", "") == "".join(text.split()) or kept == printed(counter.code), text
        page.keyboard.press("Enter")
        assert counter.is_known(), text


@pytest.mark.parametrize("counter", [False], indirect=True)
def test_a_paste_is_read_without_script(counter: Counter, house: House, device: Opens) -> None:
    context = device()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=f"http://localhost:{house.port}")
    other = context.new_page()
    other.goto(counter.url)
    for text in pasted(counter):
        other.bring_to_front()
        other.evaluate("text => navigator.clipboard.writeText(text)", text)
        page = counter.open()
        page.bring_to_front()
        page.click(FIELD)
        page.keyboard.press("Control+V")
        page.keyboard.press("Enter")
        assert counter.is_known(), text


SHAKES = """navigator.vibrate = () => {
  const camera = document.querySelector("[data-camera]").srcObject ? "on" : "off";
  sessionStorage.setItem("shakes", `${sessionStorage.getItem("shakes") || ""}${camera};`);
  return true;
};"""


def test_what_the_camera_reads_is_looked_up_once_and_a_foreign_code_never(counter: Counter) -> None:
    """The telephone shakes when it sends: its camera is off by then, so that nothing is read again before the answer."""
    counter.page.add_init_script(A_CAMERA + SHAKES)
    page = counter.open()
    looks: list[str] = []
    page.on("request", lambda request: looks.append(request.method) if request.url == f"{counter.url}look/" else None)
    start(page)
    foreign = ("https://elsewhere.example/pay?n=123456789012", "6901234567892", "0" * 32)
    hold(page, *foreign)
    assert (looks, page.url) == ([], counter.url)
    lay(page, *foreign, counter.link)
    assert counter.is_known()
    assert (looks, page.evaluate("sessionStorage.shakes")) == (["POST"], "off;")
