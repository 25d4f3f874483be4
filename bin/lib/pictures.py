"""`bin/pictures`: the manual's pictures, taken of the demo on a telephone and written where the pages look for them.

bin/pictures [--check | --menus]

They are kept in the repository; nothing of this runs in `bin/run` or `bin/test`. `--check` takes none: it names those whose
page has changed since. `--menus` draws those of docs/menus.md alone.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

import menus
import needs
from environment import ADDRESS_OF, address, django_environment, load_secrets
from PIL import Image
from places import ROOT, VAR, read_json
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from shots import FOLDER, LANGUAGES, LIST, MOST, SHOTS, THEMES, Shot, names, stale, write_list_to

SIZE: Final = {"width": 390, "height": 640}
SHARP: Final = 1.5
"""Pixels a point: enough to read on a telephone, a third of the bytes of twice as many."""
QUALITY: Final = 50
PASSWORD: Final = "xinqiao-demo-2026"


def say(text: str) -> None:
    """One line to the person at the keyboard, at once."""
    print(text, flush=True)


def state() -> dict[str, Any]:
    """What the running launcher tells; empty when none does."""
    return dict(read_json(VAR / "run.json") or {})


def base_of(shot: Shot, told: dict[str, Any]) -> str:
    """Where the host of a page is."""
    port = str(told["base_url"]).rpartition(":")[2]
    return f"http://{shot.host + '.' if shot.host else ''}localhost:{port}"


def path_of(slug: str, told: dict[str, Any]) -> str:
    """The address on that host; the family's is the link that the demo printed."""
    return urlsplit(str(told["family_link"])).path if slug == "family" else SHOTS[slug].path


def sign_in(page: Page, base: str, email: str) -> None:
    """Through the door that everybody uses."""
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button.btn")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def write(page: Page, path: Path) -> int:
    """The page as it stands on the screen, as a small WebP; its bytes."""
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    picture.convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    return path.stat().st_size


def take_page(context: BrowserContext, slug: str, told: dict[str, Any], folder: Path) -> int:
    """One page in every language and theme, signed in once; bytes in all."""
    shot, total = SHOTS[slug], 0
    base = base_of(shot, told)
    page = context.new_page()
    if shot.email:
        sign_in(page, base, shot.email)
    for short, language in LANGUAGES.items():
        context.add_cookies([{"name": "django_language", "value": language, "url": base}])
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            answer = page.goto(f"{base}{path_of(slug, told)}", wait_until="load")
            if answer is None or answer.status != 200 or "/accounts/" in page.url:
                raise RuntimeError(f"{slug}: {page.url} {answer and answer.status}")
            total += write(page, folder / f"{slug}-{short}-{theme}.webp")
    return total


def take(browser: Browser, told: dict[str, Any], folder: Path) -> int:
    """All pictures of one running product; their bytes in all."""
    total = 0
    for done, slug in enumerate(SHOTS, start=1):
        with browser.new_context(viewport=SIZE, device_scale_factor=SHARP) as context:  # type: ignore[arg-type]
            context.set_default_timeout(20_000)
            taken = take_page(context, slug, told, folder)
        total += taken
        say(f"{done}/{len(SHOTS)} {slug} {taken // 1024} KB")
    return total


def templates(told: dict[str, Any]) -> dict[str, list[str]]:
    """What each page is made of, asked of the same database in a process of its own."""
    secrets = load_secrets()
    port = urlsplit(str(told["database_url"])).port or 5432
    urls = {role: address(role, secrets.passwords[role], port) for role in ADDRESS_OF}
    web = int(str(told["base_url"]).rpartition(":")[2])
    env = django_environment(secrets, urls, str(told["broker_url"]), base_port=web)
    asked = {
        slug: {"email": shot.email, "host": urlsplit(base_of(shot, told)).netloc, "path": path_of(slug, told)}
        for slug, shot in SHOTS.items()
    }
    command = [sys.executable, str(ROOT / "bin" / "lib" / "page_templates.py")]
    done = subprocess.run(
        command, cwd=ROOT, env=env, input=json.dumps(asked), text=True, stdout=subprocess.PIPE, check=True
    )
    return dict(json.loads(done.stdout))


def put(folder: Path) -> None:
    """All new pictures in place of all old ones: what breaks off half way leaves those that were."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    for slug in SHOTS:
        for name in names(slug):
            (FOLDER / name).write_bytes((folder / name).read_bytes())


def launch(driver: Playwright) -> Browser:
    """The browser of the machine."""
    return driver.chromium.launch(executable_path=os.environ.get("CHROMIUM") or needs.chromium())


def of_what_runs(job: Callable[[], int]) -> int:
    """``job`` while the product runs here: what does not run is started and stopped again."""
    started = not state().get("ready")
    if started and subprocess.run([ROOT / "bin" / "run", "--fresh", "--detach"], check=False).returncode:
        say("产品没有起来，没有拍 / the product does not run: no picture was taken")
        return 1
    try:
        return job()
    finally:
        if started:
            subprocess.run([ROOT / "bin" / "run", "--stop"], check=False)


def take_menus() -> int:
    """Those of the menus."""
    with sync_playwright() as driver:
        browser = launch(driver)
        for line in menus.take(browser, state()):
            say(line)
        browser.close()
    return 0


def take_all() -> int:
    """All pictures of the manual."""
    told = state()
    with TemporaryDirectory() as folder:
        with sync_playwright() as driver:
            browser = launch(driver)
            total = take(browser, told, Path(folder))
            browser.close()
        if total > MOST:
            say(f"✗ {total} B > {MOST} B")
            return 1
        made_of = templates(told)
        put(Path(folder))
        write_list_to(LIST, made_of)
    say(f"{len(SHOTS) * len(names(''))} 张，共 {total // 1024} KB / pictures, KB in all: {FOLDER}")
    return 0


def check() -> int:
    """Name what is to be taken anew; 1 when anything is."""
    found = stale()
    for slug, why in found.items():
        say(f"✗ {slug}: {why}")
    say("请运行 bin/pictures / run bin/pictures" if found else "图片都是现在的样子 / all pictures show their pages")
    return 1 if found else 0


def main() -> int:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="bin/pictures", description="Take the pictures of how to use it.")
    parser.add_argument("--check", action="store_true", help="take none; name those whose page has changed")
    parser.add_argument("--menus", action="store_true", help="draw those of docs/menus.md alone")
    asked = parser.parse_args()
    if asked.check:
        return check()
    return of_what_runs(take_menus if asked.menus else take_all)


if __name__ == "__main__":
    sys.exit(main())
