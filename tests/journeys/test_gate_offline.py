"""The gate on a telephone whose network goes away: it goes on, keeps marks without a name, and each counts once (books §6)."""

from datetime import timedelta
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, Route

from content.opendays.links import party_of
from content.opendays.models import Mark, OpenDay
from content.opendays.rules import gate_code
from content.opendays.workflow.gate import open_gate
from kernel.clock import now
from tenancy.scope import use_tenant
from tests.journeys.conftest import PHONE, House, Opens, new_school, watch
from tests.opendays.world import World, come, family, make_world


@pytest.fixture(scope="module")
def planted(house: House, browser: object) -> tuple[World, str, str]:
    """A day that is today, a family of three, and the link of its gate."""
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant, days=2)
        secret = come(world, family(2, child=1, address="王女士", plate="浙A6F2B1"))
        gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
        moment = now()
        OpenDay.objects.filter(pk=world.day.pk).update(
            starts_at=moment,
            ends_at=moment + timedelta(hours=2),
            answers_from=moment - timedelta(days=1),
            answers_until=moment - timedelta(minutes=1),
        )
        return world, secret, gate.token


def _kept(page: Page) -> str:
    return str(page.evaluate("JSON.stringify(localStorage)"))


def test_marks_made_without_network_are_sent_once_when_it_is_back(
    planted: tuple[World, str, str], house: House, device: Opens
) -> None:
    world, secret, token = planted
    context = device(size=PHONE)
    page = context.new_page()
    noted = watch(page)
    page.goto(house.url(world.school, f"/open-day/gate/{token}/"))
    page.locator("[data-here]").wait_for()
    context.set_offline(True)
    # A scanner types the code and ends with Enter.
    page.click("#find")
    page.keyboard.type(gate_code(secret))
    page.keyboard.press("Enter")
    page.locator("[data-pass]").get_by_text("王女士").wait_for()
    page.locator("[data-pass-acts] button.quiet").click()  # one of three
    page.locator("[data-offline]").wait_for()
    page.locator("[data-walk] button").click()
    assert page.locator("[data-here]").inner_text() == "2"
    assert page.locator("[data-waiting]").inner_text() == "2"
    assert "王" not in _kept(page) and "6F2B1" not in page.content()
    with use_tenant(world.school.pk):
        assert Mark.objects.count() == 0

    lost = []

    def swallow(route: Route) -> None:
        """The server hears it, the answer is lost on the way."""
        sent = route.request
        address = f"http://127.0.0.1:{house.port}/open-day/gate/{token}/marks/"
        headers = {**sent.all_headers(), "host": f"{world.school.host}:{house.port}", "accept-encoding": "identity"}
        body = (sent.post_data or "").encode()
        with urlopen(Request(address, body, headers)) as heard:  # noqa: S310
            assert heard.status == 200
        lost.append(1)
        route.abort()

    page.route("**/marks/", swallow, times=1)
    context.set_offline(False)
    page.locator("[data-retry]").click()
    page.locator("[data-log] .tag.ok").nth(1).wait_for(timeout=30_000)
    assert lost, "the first answer was lost, and the same marks were sent again"
    with use_tenant(world.school.pk):
        assert set(Mark.objects.values_list("people", "party")) == {(1, party_of(secret).pk), (1, None)}
        assert Mark.objects.count() == 2
    assert page.locator("[data-offline]").is_hidden()
    assert page.locator("[data-here]").inner_text() == "2"
    assert '"[]"' in _kept(page), "nothing is left to send"
    page.fill("#find", "没有这个人")
    page.keyboard.press("Enter")
    assert page.locator("[data-found]").inner_text()
    page.fill("#find", "0" * 32)  # a code of nobody: the field stays alive
    page.keyboard.press("Enter")
    page.fill("#find", "王")
    page.keyboard.press("Enter")
    page.locator("[data-pass]").get_by_text("王女士").wait_for()
    context.close()
    assert [error for error in noted.errors if "marks" not in error and "ERR_" not in error] == []


def test_what_was_noted_before_midnight_is_sent_after_it_by_a_page_that_knows_nobody(
    planted: tuple[World, str, str], house: House, device: Opens
) -> None:
    world, _secret, token = planted
    with use_tenant(world.school.pk):
        before = Mark.objects.count()
    context = device(size=PHONE)
    page = context.new_page()
    noted = watch(page)
    page.clock.install()
    page.goto(house.url(world.school, f"/open-day/gate/{token}/"))
    page.locator("[data-here]").wait_for()
    over = page.locator("[data-gate]")
    waits, done = over.get_attribute("data-say-over-waits"), over.get_attribute("data-say-over-now")
    assert waits and done
    context.set_offline(True)
    page.locator("[data-walk] button").click()
    page.locator("[data-offline]").wait_for()
    page.clock.fast_forward("24:00:00")
    over.get_by_text(waits).wait_for()
    assert "王女士" not in page.content()
    with use_tenant(world.school.pk):
        assert Mark.objects.count() == before
    context.set_offline(False)
    page.clock.fast_forward("00:21")
    over.get_by_text(done).wait_for(timeout=30_000)
    assert '"[]"' in _kept(page), "nothing is left to send"
    with use_tenant(world.school.pk):
        assert Mark.objects.count() == before + 1
    context.close()
    assert [error for error in noted.errors if "marks" not in error and "ERR_" not in error] == []


def test_what_is_noted_while_the_page_still_asks_is_sent_at_once_and_not_at_the_next_round(
    planted: tuple[World, str, str], house: House, device: Opens
) -> None:
    world, _secret, token = planted
    page = device(size=PHONE).new_page()
    first = []

    def slowly(route: Route) -> None:
        """The page's first question stays on its way until something is noted beside it."""
        first.append(route)

    page.route("**/marks/", slowly, times=1)
    page.goto(house.url(world.school, f"/open-day/gate/{token}/"))
    page.locator("[data-here]").wait_for()
    page.wait_for_timeout(200)
    page.locator("[data-walk] button").click()
    assert len(first) == 1
    assert page.locator("[data-waiting]").inner_text() == "1"
    first[0].continue_()
    page.locator("[data-log] .tag.ok").wait_for(timeout=10_000)  # the next round is after twenty seconds
    page.context.close()


def test_the_gate_of_another_day_drops_nothing_that_can_still_be_sent(
    planted: tuple[World, str, str], house: House, device: Opens
) -> None:
    world, _secret, token = planted
    page = device(size=PHONE).new_page()
    address = house.url(world.school, f"/open-day/gate/{token}/")
    page.goto(address)
    page.evaluate(
        """() => {
          const shelf = (key, hours) => localStorage.setItem('gate:' + key,
            JSON.stringify([{id: key, people: 1, at: new Date(Date.now() - hours * 3600000).toISOString()}]));
          shelf('yesterday', 20);
          shelf('long-ago', 60);
          localStorage.setItem('gate:empty', '[]');
        }"""
    )
    page.goto(address)
    page.locator("[data-here]").wait_for()
    kept = page.evaluate("Object.keys(localStorage)")
    assert "gate:yesterday" in kept, "it is sent by its own link, until noon"
    assert not {"gate:long-ago", "gate:empty"} & set(kept)
