"""The gate in a browser that cannot read codes by its camera: it says so in words, and the three other ways work. In one that
can, a family's code is taken once while it is held, and what is no code of a gate never.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from content.opendays.links import party_of
from content.opendays.models import Mark, OpenDay
from content.opendays.rules import gate_code, gate_digits
from content.opendays.workflow.gate import open_gate
from kernel.clock import now
from tenancy.scope import use_tenant
from tests.journeys.camera import A_CAMERA, felt, hold, start
from tests.journeys.conftest import PHONE, House, Opens, new_school, watch
from tests.journeys.looking import inspect
from tests.opendays.world import World, come, family, make_world

NO_READER = "delete window.BarcodeDetector"
A_READER = "window.BarcodeDetector = class { async detect() { return []; } }"
NO_CAMERA = f"{A_READER}; navigator.mediaDevices.getUserMedia = async () => {{ throw new Error('refused'); }}"


@pytest.fixture(scope="module")
def planted(house: House, browser: object) -> Iterator[tuple[World, str, str]]:
    """A day that is today, a family of two, and the link of its gate."""
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant, days=2)
        secret = come(world, family(2, address="王女士"))
        come(world, family(3, address="Mr Lee（爷爷）"))
        gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
        moment = now()
        OpenDay.objects.filter(pk=world.day.pk).update(
            starts_at=moment,
            ends_at=moment + timedelta(hours=2),
            answers_from=moment - timedelta(days=1),
            answers_until=moment - timedelta(minutes=1),
        )
    yield world, secret, gate.token


def at_gate(planted: tuple[World, str, str], house: House, device: Opens, script: str, language: str = "zh-CN") -> Page:
    world, _secret, token = planted
    page = device(size=PHONE, language=language).new_page()
    page.add_init_script(script)
    page.goto(house.url(world.school, f"/open-day/gate/{token}/"))
    page.locator("[data-here]").wait_for()
    return page


def test_without_a_reader_the_page_says_so_and_the_other_ways_work(
    planted: tuple[World, str, str], house: House, device: Opens
) -> None:
    page = at_gate(planted, house, device, NO_READER)
    noted = watch(page)
    assert page.locator("[data-no-camera]").is_visible()
    assert page.locator("[data-no-camera]").inner_text() == (
        "这个浏览器不能用摄像头扫码。请用扫码枪，或者输入码下面的六位数字，也可以按称呼查找。"
    )
    assert page.locator("[data-camera-start]").is_hidden()
    code = gate_code(planted[1])
    digits = gate_digits(code)
    for typed, found in (
        (code, "王女士"), ("mr lee(", "Mr Lee（爷爷）"), (f"{digits[:3]} {digits[3:]}", "王女士"), ("没有", ""), ("王", "王女士"), ("0" * 32, "")
    ):  # fmt: skip
        page.fill("#find", typed)
        page.keyboard.press("Enter")
        if found:
            page.locator("[data-pass]").get_by_text(found).wait_for()
        else:  # the family before stands there no longer
            page.locator("[data-pass]").wait_for(state="hidden")
            assert page.locator("[data-found]").inner_text()
    page.locator("label[for=walk-3]").click()
    page.locator("[data-walk] button").click()
    page.locator("[data-log] .tag.ok").wait_for()
    assert page.locator("[data-here]").inner_text() == "3"
    assert page.locator("#walk-1").is_checked(), "the next who comes is one"
    assert page.locator("[data-bar]").evaluate("bar => [bar.value, bar.max]") == [3, 5]
    assert inspect(page, "phone") == []
    assert noted.errors == []


def test_it_says_so_in_english_too(planted: tuple[World, str, str], house: House, device: Opens) -> None:
    page = at_gate(planted, house, device, NO_READER, "en")
    assert page.locator("[data-no-camera]").is_visible()
    assert "cannot read a code with the camera" in page.locator("[data-no-camera]").inner_text()


def test_with_a_reader_the_camera_is_offered_and_nothing_is_said(
    planted: tuple[World, str, str], house: House, device: Opens
) -> None:
    page = at_gate(planted, house, device, A_READER)
    assert page.locator("[data-camera-start]").is_visible()
    assert page.locator("[data-no-camera]").is_hidden()


def test_a_camera_that_is_refused_is_told_as_well(planted: tuple[World, str, str], house: House, device: Opens) -> None:
    page = at_gate(planted, house, device, NO_CAMERA)
    page.locator("[data-camera-start]").click()
    page.locator("[data-no-camera]").wait_for()
    assert page.locator("[data-camera-start]").is_hidden()


def marks_of(world: World, secret: str) -> list[int]:
    """People of each mark that stands for this family."""
    with use_tenant(world.school.pk):
        return list(Mark.objects.filter(party=party_of(secret)).values_list("people", flat=True))


def test_what_the_camera_reads_is_taken_once_and_what_is_none_of_ours_never(
    planted: tuple[World, str, str], house: House, device: Opens
) -> None:
    world, secret, _token = planted
    page = at_gate(planted, house, device, A_CAMERA)
    noted = watch(page)
    shown, found, name = page.locator("[data-pass]"), page.locator("[data-found]"), page.locator("[data-pass-name]")
    ours, foreign = gate_code(secret), "https://elsewhere.example/pay"
    start(page)

    hold(page, foreign, "1234 5678 9012")
    assert (felt(page), shown.is_hidden(), found.inner_text()) == (0, True, "")

    hold(page, foreign, f" {ours}\n")
    shown.get_by_text("王女士").wait_for()
    assert felt(page) == 1

    page.fill("#find", "mr lee")  # the first code is still before the lens
    page.keyboard.press("Enter")
    shown.get_by_text("Mr Lee（爷爷）").wait_for()
    hold(page, ours)
    assert (felt(page), name.inner_text()) == (1, "Mr Lee（爷爷）")

    hold(page, "0" * 32)  # a gate's code, of nobody who comes today
    page.locator("[data-found]:not(:empty)").wait_for()
    assert (felt(page), shown.is_hidden()) == (2, True)

    hold(page)
    hold(page, ours)  # taken away and shown anew
    shown.get_by_text("王女士").wait_for()
    assert felt(page) == 3

    assert marks_of(world, secret) == [], "looking counts nobody"
    page.locator("[data-pass-acts] button").first.click()
    page.locator("[data-log] .tag.ok").wait_for()
    hold(page, ours)
    assert marks_of(world, secret) == [2]
    assert (felt(page), noted.errors) == (3, [])
