"""The clocks of an incident's page in a browser whose own clock is wrong; and without script."""

from datetime import timedelta

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Leg
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import use_tenant
from tests.emergency.world import World, make_world
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in

PHONE_OFF_BY = timedelta(hours=5)


def _paging() -> tuple[World, str]:
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
        incident = world.open()
        decide_school()
        # Half a minute short of a whole one, so that the next tick of a minute can be seen.
        Leg.objects.filter(incident=incident).update(since=chain_now() - timedelta(minutes=14, seconds=30))
    return world, f"/centre/emergency/{incident.pk}/"


def test_a_clock_runs_by_the_chains_time_and_the_page_says_when_something_changed(house: House, device: Opens) -> None:
    world, path = _paging()
    page = device().new_page()
    page.clock.install(time=chain_now() + PHONE_OFF_BY)
    sign_in(page, house, world.school, email_of(world.members["duty"]))
    page.goto(house.url(world.school, path))
    clock = page.locator("#leg-family [data-clock]").first
    assert clock.inner_text() == "14 分钟"
    page.clock.run_for(40_000)
    assert clock.inner_text() == "15 分钟"
    assert "15 分钟" in page.locator("#now").inner_text()
    changed = page.locator(".changed")
    assert changed.is_hidden()
    page.evaluate("window.untouched = true")
    with use_tenant(world.school.pk):
        answering.acknowledge(actor=world.actor("duty"), incident_id=path.split("/")[-2], kind="school", eta=15)
    with page.expect_response("**/state/"):
        page.clock.run_for(11_000)
    changed.wait_for(state="visible")
    assert page.evaluate("window.untouched"), "nothing was loaded by itself"
    changed.locator("a").click()
    page.wait_for_load_state()
    assert page.locator(".changed").is_hidden()
    assert 'data-clock="down"' in (page.locator("#leg-school .clock").inner_html())


def test_without_script_it_reads_as_it_stands(house: House, device: Opens) -> None:
    world, path = _paging()
    page = device(script=False).new_page()
    sign_in(page, house, world.school, email_of(world.members["duty"]))
    page.goto(house.url(world.school, path))
    assert page.locator("#leg-family .clock").inner_text().startswith("14 分钟")
    assert page.locator(".changed").is_hidden()
