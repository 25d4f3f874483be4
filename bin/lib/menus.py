"""`bin/pictures --menus`: how the ways to a report look in a menu of WeCom and of an official account, for docs/menus.md.

The menus are drawn here, with nothing of those services in them: what a console shows can only be seen signed in with a
verified enterprise. Beside each stands the product's own page as it opens there, taken of the running demo without sign-in.
"""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image
from places import ROOT
from playwright.sync_api import Browser

FOLDER: Final = ROOT / "docs" / "images"
SIZE: Final = {"width": 390, "height": 760}
DRAWN: Final = {"width": 1340, "height": 860}
QUALITY: Final = 60


@dataclass(frozen=True)
class Entry:
    """One line of a menu: what it says, and the address on the school's host that it opens."""

    text: str
    path: str


REPORT: Final = (
    Entry("有人可能有危险", "/report/"),
    Entry("此刻有危险", "/report/?danger=1"),
    Entry("我的回执", "/report/mailbox/"),
)
"""What stands in the menu's column 求助. No address bears a member, and none goes by a redirect. Both services cut what is longer
than seven characters in a column, and than four below it.
"""
MENUS: Final = {
    "wecom": ("企业微信：应用里的菜单", ("首页", "求助", "我的")),
    "account": ("公众号：底部菜单", ("指南", "求助", "我的")),
}

_STYLE: Final = """
* { box-sizing: border-box; margin: 0; }
body { font: 20px/1.5 "Noto Sans CJK SC", "Source Han Sans SC", sans-serif; color: #14261d; background: #f6f8f6; padding: 32px; }
h1 { font-size: 26px; margin-bottom: 20px; }
main { display: grid; grid-template-columns: repeat(3, 390px); gap: 32px; }
figure { border: 3px solid #14261d; border-radius: 28px; overflow: hidden; height: 700px; background: #fff; position: relative; }
figure img { width: 100%; display: block; }
.bar { position: absolute; inset: auto 0 0 0; display: grid; grid-template-columns: repeat(3, 1fr); border-top: 2px solid #ccd6cf; background: #fff; }
.bar span { text-align: center; padding: 14px 0; border-left: 2px solid #e3eae5; }
.bar span:nth-child(2) { font-weight: 700; background: #e6f2ea; }
.column { position: absolute; bottom: 70px; left: 60px; right: 60px; border: 2px solid #14261d; border-radius: 14px; background: #fff; overflow: hidden; }
.column p { padding: 16px; border-top: 2px solid #e3eae5; text-align: center; }
.column p:first-child { border-top: 0; font-weight: 700; }
.top { background: #14261d; color: #fff; padding: 14px 20px; }
.said { margin: 24px 20px; color: #46554d; }
figcaption { font-size: 17px; margin-top: 8px; }
"""


def _page_of(browser: Browser, base: str, path: str) -> str:
    """The page as nobody who is known opens it: no sign-in, no cookie, no script."""
    with browser.new_context(viewport=SIZE, locale="zh-CN", java_script_enabled=False) as context:  # type: ignore[arg-type]
        page = context.new_page()
        answer = page.goto(f"{base}{path}", wait_until="load")
        if answer is None or answer.status != 200:
            raise RuntimeError(f"{path}: {answer and answer.status}")
        return base64.b64encode(page.screenshot()).decode()


def _drawn(title: str, columns: tuple[str, ...], pages: list[str]) -> str:
    entries = "".join(f"<p>{html.escape(entry.text)}</p>" for entry in REPORT)
    bar = "".join(f"<span>{html.escape(text)}</span>" for text in columns)
    shown = "".join(
        f'<div><figure><img src="data:image/png;base64,{page}" alt=""></figure>'
        f"<figcaption>{html.escape(entry.text)} · {html.escape(entry.path)}</figcaption></div>"
        for entry, page in zip(REPORT[:2], pages, strict=True)
    )
    return (
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><h1>{html.escape(title)}</h1><main><div><figure>"
        f'<div class="top">育才中学</div><p class="said">菜单的样子（示意）</p><div class="column">{entries}</div>'
        f'<div class="bar">{bar}</div></figure><figcaption>点“求助”，再点一行</figcaption></div>{shown}</main>'
    )


def take(browser: Browser, told: dict[str, Any]) -> list[str]:
    """Draw both, and put them into the documents; their names."""
    base = f"http://yucai.localhost:{str(told['base_url']).rpartition(':')[2]}"
    pages = [_page_of(browser, base, entry.path) for entry in REPORT[:2]]
    made = []
    for name, (title, columns) in MENUS.items():
        with browser.new_context(viewport=DRAWN) as context:  # type: ignore[arg-type]
            page = context.new_page()
            page.set_content(_drawn(title, columns, pages))
            picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
        path = FOLDER / f"menu-{name}.webp"
        picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
        made.append(f"{path.relative_to(ROOT)} {path.stat().st_size // 1024} KB")
    return made
