"""A case of the chain played by people, each on a telephone of their own: what they press, what they look at, and the time that passes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page

from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.drill_steps import work
from tests.emergency.world import World
from tests.journeys.conftest import House, Noted, Opens, email_of, sign_in, watch
from tests.journeys.looking import inspect
from tests.tenancy.catalogue import owner

NOT_NOW = "a.btn.quiet:has-text('不')"
_AHEAD = (
    "INSERT INTO emergency_chainclock (id, ahead) VALUES (1, %s) ON CONFLICT (id) DO UPDATE SET ahead = EXCLUDED.ahead"
)


@dataclass
class Played:
    """A school and the telephones of its people. ``faults``: what was wrong with a page that somebody looked at."""

    tenant: Tenant
    world: World
    house: House
    device: Opens
    name: str
    pages: dict[str, Page] = field(default_factory=dict)
    noted: dict[str, Noted] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    scriptless: set[str] = field(default_factory=set)
    number: int = 0

    def url(self, path: str) -> str:
        """``path`` at the school's host."""
        return self.house.url(self.tenant, path)

    def phone(self, who: str, **ways: Any) -> Page:
        """A telephone that nobody has signed in on."""
        if who not in self.pages:
            if not ways.get("script", True):
                self.scriptless.add(who)
            self.pages[who] = self.device(**ways).new_page()
            self.noted[who] = watch(self.pages[who])
        return self.pages[who]

    def of(self, post: str) -> Page:
        """The telephone of a colleague, signed in."""
        if post not in self.pages:
            sign_in(self.phone(post), self.house, self.tenant, email_of(self.world.members[post]))
        return self.pages[post]

    def look(self, who: str, what: str) -> str:
        """Somebody looks at the page that they have open: nothing scrolls sideways, is too small or unreadable; what stands
        on it. With ``LOOK_SHOTS`` a picture is kept.
        """
        page = self.pages[who]
        page.wait_for_load_state()
        if who not in self.scriptless:  # what measures a page is a script
            self.faults += [f"{who}, {what}: {fault}" for fault in inspect(page, "phone")]
        self.number += 1
        if folder := os.environ.get("LOOK_SHOTS"):
            page.screenshot(path=f"{folder}/{self.name}-{self.number:02d}-{who}-{what}.png", full_page=True)
        return page.locator("main").inner_text()

    def goes(self, post: str, path: str, what: str) -> str:
        """A colleague opens ``path`` and looks at it."""
        page = self.of(post)
        page.goto(path if path.startswith("http") else self.url(path))
        return self.look(post, what)

    def presses(self, who: str, selector: str) -> None:
        """A button or a door, once; until the next page stands there."""
        page = self.pages[who]
        page.locator(selector).first.click()
        page.wait_for_load_state()

    def sure(self, who: str, door: str, what: str) -> None:
        """The page before an act that cannot be undone: *not now* leads back and nothing is done; then it is pressed."""
        page = self.pages[who]
        here = page.url
        page.locator(door).first.click()
        page.wait_for_url(lambda url: url != here)
        self.look(who, what)
        page.click(NOT_NOW)
        page.wait_for_url(here)
        page.locator(door).first.click()
        page.wait_for_url(lambda url: url != here)
        self.presses(who, "main form button.btn:not(.quiet)")

    def is_well(self) -> None:
        """No page that was looked at has a fault, and none wrote an error into its console."""
        assert self.faults == []
        assert {who: noted.errors for who, noted in self.noted.items() if noted.errors} == {}


class Time:
    """The chain's clock, and its engine, which takes what is due after each while."""

    def __init__(self, tenant: Tenant, connection: Any) -> None:
        self._tenant, self._connection = tenant, connection
        self._ahead = timedelta()

    def passes(self, minutes: float = 0, *, seconds: float = 0) -> None:
        """So long nothing is pressed; then all that is due is decided and sent."""
        self._ahead += timedelta(minutes=minutes, seconds=seconds)
        self._connection.execute(_AHEAD, [self._ahead])
        with use_tenant(self._tenant.pk):
            work()


@contextmanager
def time_of(tenant: Tenant) -> Iterator[Time]:
    """The clock of everybody's chain, set back afterwards."""
    with owner() as connection:
        try:
            yield Time(tenant, connection)
        finally:
            connection.execute("DELETE FROM emergency_chainclock")
