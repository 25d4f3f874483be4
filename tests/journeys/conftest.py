"""A real server on a free port, and a real browser: for tests that go the way a person goes.

The server runs in a thread of the test process on a database that only the journeys see: rows are committed.
Hosts are the product's own (``<school>.localhost``), which the browser resolves to this machine.
"""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from django.urls import clear_url_caches
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import Membership
from content.demo import load_pages
from schools.workflow import create_school
from tenancy.hosts import forget
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.databases import database_of_its_own, use_database
from tests.fixtures_journey import Journey, make_journey, make_operator, make_platform

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,SpareRendererForSitePerProcess",
]
"""The last: no page of its own under the address bar of each window, and no process in store. Half of what a window costs."""


class _Handler(WSGIRequestHandler):
    """Quiet."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass(frozen=True)
class House:
    """The running server."""

    port: int

    def url(self, tenant: Tenant, path: str = "/") -> str:
        """``path`` on the host of ``tenant``."""
        return f"http://{tenant.host}:{self.port}{path}"


@contextmanager
def open_house(suffix: str) -> Iterator[House]:
    """The product, answering on a free port over a fresh database that ends with the block."""
    usual, usual_addresses = settings.BASE_PORT, settings.ROOT_URLCONF
    with database_of_its_own(suffix) as name:
        usual_database = use_database(name)
        server = ThreadedWSGIServer(("127.0.0.1", 0), _Handler, connections_override={})
        server.set_app(get_wsgi_application())
        server.daemon_threads = False  # closing waits for the last answer, so that no connection is left
        settings.BASE_PORT, settings.ROOT_URLCONF = str(server.server_address[1]), "tests.journeys.failing_urls"
        clear_url_caches()
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        Client(headers={"host": settings.PLATFORM_HOST}).get("/healthz")  # the first request loads every address: slow
        yield House(port=server.server_address[1])
        server.shutdown()
        server.server_close()
        thread.join(10)
        settings.BASE_PORT, settings.ROOT_URLCONF = usual, usual_addresses
        clear_url_caches()
        use_database(usual_database)


@pytest.fixture(scope="package")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """The product, answering on a free port. Database access is open for the whole package."""
    with django_db_blocker.unblock(), open_house("journeys") as opened:
        yield opened


@pytest.fixture(scope="package")
def browser(house: House) -> Iterator[Browser]:
    """One Chromium for all, gone before the server is. Playwright keeps an event loop open in this thread, which Django would refuse."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=_FLAGS
        )
        yield chromium
        chromium.close()
        # Beside an event loop Django keeps connections apart: out there nobody would close these, and they would be
        # handed to the next journeys with their database gone.
        for connection in connections.all(initialized_only=True):
            connection.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@dataclass
class Noted:
    """What a page did while it was open: errors of the console, and every request."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    is_forgetting: bool = False
    """Until the next page is opened: what is still heard comes from the one before."""

    def forget(self) -> None:
        """Begin anew, for the next page."""
        self.is_forgetting = True
        self.errors.clear()
        self.requests.clear()
        self.statuses.clear()


def watch(page: Page) -> Noted:
    """Notes of ``page`` from now on. A refused page's own status is no error of the page."""
    noted = Noted()

    def heard(message: Any) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            noted.errors.append(message.text)

    def asked(request: Any) -> None:
        if noted.is_forgetting and request.is_navigation_request():
            noted.forget()
            noted.is_forgetting = False
        if request.redirected_from is not None and request.is_navigation_request():
            noted.requests.clear()  # an address that only sends on has no part in the weight of the page
        noted.requests.append(request.url)

    page.on("console", heard)
    page.on("pageerror", lambda error: noted.errors.append(str(error)))
    page.on("request", asked)
    page.on("response", lambda response: noted.statuses.update({response.url: response.status}))
    return noted


Opens = Callable[..., BrowserContext]


@pytest.fixture
def device(browser: Browser) -> Iterator[Opens]:
    """``device(width=390, language="zh-CN", scheme="light", script=True)``: a browser of somebody's own."""
    opened: list[BrowserContext] = []

    def open_one(
        *, size: dict[str, int] = PHONE, language: str = "zh-CN", scheme: str = "light", script: bool = True
    ) -> BrowserContext:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            device_scale_factor=2 if size is PHONE else 1,
            locale=language,
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(15_000)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        with suppress(Exception):
            context.close()


def sign_in(page: Page, house: House, tenant: Tenant, email: str) -> None:
    """By the form, with the password of all test people."""
    page.goto(house.url(tenant, "/accounts/login/"))
    fill_sign_in(page, email)


def fill_sign_in(page: Page, email: str) -> None:
    """The form that stands on the page already."""
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", settings.DEMO_PASSWORD)
    page.click("main form button.btn:not(.quiet)")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def new_school(name: str = "育才中学", kind: str = "middle") -> tuple[Tenant, Journey]:
    """A school as the operator makes it, with its pages, and everything that a case needs."""
    operator, platform = make_operator(), make_platform()
    slug = f"s{uuid.uuid4().hex[:10]}"
    with use_tenant(platform.id):
        tenant = create_school(
            actor=operator, slug=slug, name=name, name_en="Yucai Middle School", kind=kind, code="YC",
            district="滨江区", duty_phone="0571-5550101", duty_hours="工作日 8:00–20:00",
        )  # fmt: skip
    journey = make_journey(tenant)
    with use_tenant(tenant.id):
        load_pages(tenant, kind=kind, seed=1)
    forget()
    cache.clear()
    return tenant, journey


def email_of(member: Membership) -> str:
    """What this person signs in with."""
    return member.user.email or ""
