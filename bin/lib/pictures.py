"""`bin/pictures`: the manual's pictures, taken of the demo on a telephone and written where the pages look for them.

A page of the manual is whole without its picture, so nothing of this runs in `bin/run` or `bin/test`.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import needs
from PIL import Image
from places import VAR, read_json
from playwright.sync_api import Browser, Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "platform" / "manual" / "static" / "manual"
SIZE: Final = {"width": 390, "height": 640}
SHARP: Final = 1.5
"""Pixels a point: enough to read on a telephone, a third of the bytes of twice as many."""
QUALITY: Final = 50
LANGUAGES: Final = {"zh": "zh-hans", "en": "en"}
PASSWORD: Final = "xinqiao-demo-2026"
SHOTS: Final = {
    "staff": ("yucai", "staff@yucai.example", "/my/"),
    "head": ("yucai", "head@yucai.example", "/my/report/"),
    "centre": ("yucai", "centre@yucai.example", "/centre/"),
    "duty": ("yucai", "duty@yucai.example", "/centre/emergency/duty/"),
    "union": ("yucai", "union@yucai.example", "/union/"),
    "finance": ("yucai", "finance@yucai.example", "/finance/"),
    "principal": ("yucai", "principal@yucai.example", "/centre/readiness/"),
    "administrator": ("yucai", "admin@yucai.example", "/school/"),
    "editor": ("yucai", "editor@yucai.example", "/cms/"),
    "district": ("jiaoyuju", "district@jiaoyuju.example", "/district/"),
    "counter": ("", "partner2@anxin.example", "/partner/scan/"),
    "agency": ("", "partner@anxin.example", "/partner/"),
    "operator": ("", "operator@platform.example", "/operator/schools/"),
}
"""Page of the manual → the host's name, whose page it is, its address. The family's is the link that the demo prints."""


def say(text: str) -> None:
    """One line to the person at the keyboard, at once."""
    print(text, flush=True)


def state() -> dict[str, Any]:
    """What the running launcher tells; empty when none does."""
    return dict(read_json(VAR / "run.json") or {})


def write(page: Page, name: str) -> int:
    """The page as it stands on the screen, as a small WebP; its bytes."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    path = FOLDER / f"{name}.webp"
    picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    return path.stat().st_size


def sign_in(page: Page, base: str, email: str) -> None:
    """Through the door that everybody uses."""
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button.btn")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def take(browser: Browser, told: dict[str, Any]) -> int:
    """All pictures of one running product; their bytes in all."""
    port, total = str(told["base_url"]).rpartition(":")[2], 0
    for short, language in LANGUAGES.items():
        for slug, (host, email, path) in SHOTS.items():
            base = f"http://{host + '.' if host else ''}localhost:{port}"
            with browser.new_context(viewport=SIZE, device_scale_factor=SHARP, locale=language) as context:  # type: ignore[arg-type]
                context.add_cookies([{"name": "django_language", "value": language, "url": base}])
                page = context.new_page()
                sign_in(page, base, email)
                page.goto(f"{base}{path}")
                total += write(page, f"{slug}-{short}")
        with browser.new_context(viewport=SIZE, device_scale_factor=SHARP, locale=language) as context:  # type: ignore[arg-type]
            link = str(told["family_link"])
            context.add_cookies([{"name": "django_language", "value": language, "url": link}])
            page = context.new_page()
            page.goto(link)
            total += write(page, f"family-{short}")
    return total


def main() -> int:
    """Pictures of what runs here; what does not run is started and stopped again."""
    started = not state().get("ready")
    if started:
        subprocess.run([ROOT / "bin" / "run", "--fresh", "--detach"], check=True)
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=os.environ.get("CHROMIUM") or needs.chromium())
            total = take(browser, state())
            browser.close()
    finally:
        if started:
            subprocess.run([ROOT / "bin" / "run", "--stop"], check=False)
    say(f"{(len(SHOTS) + 1) * len(LANGUAGES)} 张，共 {total // 1024} KB / pictures, KB in all: {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
