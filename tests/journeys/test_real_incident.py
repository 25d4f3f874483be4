"""A real incident from its report to what comes afterwards, at 390 px, by every party, over an engine that is killed meanwhile.

The engine is a process of its own and the gateway a server that is watched: what people act on here is what left the house.
"""

import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from accounts.models import Membership
from referrals.emergency import secrets
from referrals.emergency.models import Delivery, FollowUp, Incident, Leg, Recipient, Timeline, WatchTask
from schools.workflow import platform_tenant
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import HOSPITAL, STATION, STREET, add_outside_parties, link_of
from tests.emergency.world import PHONES, World, make_world
from tests.faults.chain import START, Running, until
from tests.faults.chain import House as Processes
from tests.gateway import Gateway, open_gateway
from tests.journeys.conftest import PHONE, House, Noted, Opens, email_of, new_school, open_house, sign_in, watch

NAMES = {
    "person": "许老师", "duty": "周老师", "second": "沈老师", "centre": "陈主任", "deputy": "何老师",
    "principal": "顾校长", "moral": "方主任", "doctor": "郑校医", "head": "林主任",
}  # fmt: skip
SIGNS = "两天没有来上课，电话里说不想活了；下午有人看见他一个人在北楼天台。"
PICTURES = os.environ.get("JOURNEY_PICTURES", "")
"""A folder in which each screen is kept, to be looked at."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with open_gateway() as server:
        yield server


@pytest.fixture
def own_house(browser: Browser) -> Iterator[House]:
    """The product on a database of its own: the engine works all that is in it."""
    with open_house("real_incident") as house:
        yield house


@pytest.fixture
def place(own_house: House) -> tuple[Tenant, World]:
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
        for post, name in NAMES.items():
            Membership.objects.filter(pk=world.members[post].pk).update(name=name, title=name)
    add_outside_parties(world)
    return tenant, world


@pytest.fixture
def engine(place: tuple[Tenant, World], gateway: Gateway, tmp_path: Path) -> Iterator[Running]:
    """One parent, one child: whatever is on its way when the child dies was its own."""
    with ExitStack() as stack:
        house = Processes(stack, tmp_path, GATEWAY_URL=gateway.url, BASE_PORT=settings.BASE_PORT)
        running = house.start("emergency_engine", "--children", "1")
        until(running.children, "the child of the engine", START)
        yield running
        for pid in running.children():
            os.kill(pid, signal.SIGKILL)


@dataclass
class Scene:
    """Everybody's telephone, and what was brought to it."""

    tenant: Tenant
    world: World
    house: House
    gateway: Gateway
    device: Opens
    pages: dict[str, Page] = field(default_factory=dict)
    noted: dict[str, Noted] = field(default_factory=dict)
    count: int = 0

    def page(self, who: str) -> Page:
        """The window of ``who``; a colleague has signed in there."""
        if who not in self.pages:
            page = self.device(size=PHONE).new_page()
            self.noted[who] = watch(page)
            if who in self.world.members:
                sign_in(page, self.house, self.tenant, email_of(self.world.members[who]))
            self.pages[who] = page
        return self.pages[who]

    def seen(self, who: str, name: str) -> str:
        """What stands on the screen of ``who`` now, which is no wider than the telephone."""
        page = self.pages[who]
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], f"{name} is wider than a phone"
        self.count += 1
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{self.count:02d}-{who}-{name}.png", full_page=True)
        return page.locator("main").inner_text()

    def said_to(self, number: str, channel: str = "sms") -> list[str]:
        """Texts that the gateway was given for ``number``, each once however often it was brought."""
        once = {one["key"]: one for one in self.gateway.taken if (one["to"], one["channel"]) == (number, channel)}
        return [one["body"] for one in once.values()]

    def hears(self, number: str, what: str = "") -> str:
        """Wait until ``number`` got a text with ``what`` in it."""
        until(lambda: [text for text in self.said_to(number) if what in text], f"{number} hears {what!r}", 60)
        return next(text for text in self.said_to(number) if what in text)

    def outside(self, path: str) -> str:
        """An address for people without an account."""
        return self.house.url(platform_tenant(), path)


def press(page: Page, selector: str) -> None:
    """Press, and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def ask(page: Page, base: str, act: str, **said: str) -> None:
    """The page before an act: what it asks is answered, and its one button pressed."""
    page.goto(f"{base}{act}/")
    for name, value in said.items():
        one = page.locator(f"main [name={name}]").first
        kind = one.get_attribute("type")
        if kind == "radio":
            page.check(f"main [name={name}][value='{value}']")
        elif one.evaluate("one => one.tagName") == "SELECT":
            one.select_option(value)
        else:
            one.fill(value)
    press(page, "main form button.btn:not(.quiet)")


def code_in(text: str) -> str:
    found = re.search(r"\d{3} \d{3} \d{3}", text)
    assert found, text
    return found[0]


def type_code(scene: Scene, who: str, text: str, digits: str) -> None:
    """By the address and the code that stand in the message, as somebody types them at night."""
    page = scene.page(who)
    page.goto(scene.outside("/a/"))
    scene.seen(who, "code")
    page.fill("input[name=code]", code_in(text))
    page.fill("input[name=digits]", digits)
    press(page, "main form .acts button")


def take_outside(scene: Scene, who: str, name: str) -> str:
    """What is asked of who was called, and what they read once they have pressed."""
    page = scene.page(who)
    asked = scene.seen(who, "asked")
    assert NAMES["person"] not in asked and STREET not in asked, "before somebody takes it nothing is told"
    page.check("input[name=eta][value='15']", force=True)
    page.fill("input[name=name]", name)
    press(page, "button[value=take]")
    return scene.seen(who, "card")


def leg(scene: Scene, kind: str) -> Leg:
    with use_tenant(scene.tenant.pk):
        return Leg.objects.get(kind=kind)


def count(scene: Scene, query: Callable[[], Any]) -> Any:
    with use_tenant(scene.tenant.pk):
        return query()


def test_a_real_incident_by_every_party_while_the_engine_is_killed(
    place: tuple[Tenant, World], own_house: House, engine: Running, gateway: Gateway, device: Opens
) -> None:
    scene = Scene(*place, own_house, gateway, device)
    incident = reported_by_head(scene)
    base = own_house.url(scene.tenant, f"/centre/emergency/{incident.pk}/")
    taken_and_graded_by_duty(scene, base, engine)
    outside_parties_answer(scene, base)
    team_answers(scene, base)
    handed_over(scene, base)
    closed_by_two(scene, base, incident)
    afterwards(scene, base)
    nothing_was_lost_or_sent_twice(scene)
    assert {who: noted.errors for who, noted in scene.noted.items() if noted.errors} == {}


def reported_by_head(scene: Scene) -> Incident:
    """The head of the department finds the person, answers the questions and sends."""
    head = scene.page("head")
    head.goto(scene.house.url(scene.tenant, "/my/report/"))
    scene.seen("head", "report")
    head.fill("#id_q", "许")
    press(head, "form[role=search] button")
    press(head, "main ul.list a")
    head.check("input[name=grade][value=extreme]")
    head.check("input[name=kind][value=psychological]")
    head.fill("textarea[name=signs]", SIGNS)
    head.select_option("select[name=place]", "home")
    head.select_option("select[name=company]", "nobody")
    head.select_option("select[name=home]", "safe")
    scene.seen("head", "questions")
    press(head, "#report .acts button")
    assert "林主任" not in scene.seen("head", "sent")
    with use_tenant(scene.tenant.pk):
        incident = Incident.objects.get()
    assert (incident.state, incident.suggested, incident.grade) == ("reported", "extreme", "")
    for post in ("duty", "centre", "principal", "moral", "doctor"):
        scene.hears(PHONES[post], "紧急")
    assert not scene.said_to(PHONES["wife"]), "the family is not called before the school has written the grade"
    return incident


def taken_and_graded_by_duty(scene: Scene, base: str, engine: Running) -> None:
    """Who is on duty opens what the text names, takes it, and writes the grade: then family and society are called."""
    duty = scene.page("duty")
    duty.goto(scene.house.url(scene.tenant, "/my/messages/"))
    scene.seen("duty", "messages")
    duty.goto(base)
    assert SIGNS in scene.seen("duty", "called")
    press(duty, "form[action$='/school/acknowledge/'] button[value='15']")
    scene.seen("duty", "taken")
    scene.gateway.pause = 4.0  # so that the kill finds pages on their way
    ask(duty, base, "grade", grade="extreme")
    until(lambda: scene.gateway.asked_by({PHONES["wife"], HOSPITAL, STATION}), "the first page is on its way", 60)
    under_way = count(scene, lambda: Delivery.objects.filter(state="claimed").count())
    assert under_way, "the child is killed while pages are on their way"
    (victim,) = engine.children()
    os.kill(victim, signal.SIGKILL)
    until(lambda: engine.children() - {victim}, "another child", 20)
    scene.gateway.pause = 0.0
    duty.reload()
    scene.seen("duty", "graded")


def outside_parties_answer(scene: Scene, base: str) -> None:
    """Family and hospital type the code of their message; the community opens a link that was passed on within the house."""
    duty = scene.page("duty")
    type_code(scene, "wife", scene.hears(PHONES["wife"], "编号"), PHONES["wife"][-4:])
    card = take_outside(scene, "wife", "")
    assert NAMES["person"] not in card and STREET not in card, "a family reads where to come, never where somebody is"
    ask(duty, base, "family/place", words="学校东门传达室，周老师在那里等您")
    scene.page("wife").reload()
    assert "学校东门传达室" in scene.seen("wife", "meeting-place")

    type_code(scene, "hospital", scene.hears(HOSPITAL, "编号"), HOSPITAL[-4:])
    ask(duty, base, "medical/words", words="昨晚说过具体的办法，药在床头抽屉里。")
    assert NAMES["person"] in take_outside(scene, "hospital", "李护士")
    assert "药在床头抽屉里" in scene.seen("hospital", "words")

    with use_tenant(scene.tenant.pk):
        station = Recipient.objects.get(leg__kind="community", token_hash__isnull=False)
    page = scene.page("community")
    page.goto(scene.outside(link_of(station)))
    assert STREET in take_outside(scene, "community", "社区小王")
    page.locator("details:has(button[value=cannot]) summary").click()
    press(page, "button[value=cannot]")
    assert STREET not in scene.seen("community", "cannot")
    assert leg(scene, "community").state != "acknowledged"
    duty.goto(base)
    scene.seen("duty", "community-open")
    ask(duty, base, "community/behalf", on_behalf_of="和平社区 刘主任 0571-87990002", eta="30")
    assert leg(scene, "community").state == "acknowledged"

    press(scene.page("hospital"), "button[value=arrived]")
    scene.seen("hospital", "there")
    press(scene.page("hospital"), "button[value=done]")
    scene.seen("hospital", "done")
    assert leg(scene, "medical").state == "handed_over"


def team_answers(scene: Scene, base: str) -> None:
    """Two of four, one of whom may decide: the other two are told that nobody needs to come."""
    for post in ("centre", "principal"):
        page = scene.page(post)
        page.goto(base)
        scene.seen(post, "called")
        press(page, "form[action$='/team/acknowledge/'] button[value='15']")
        scene.seen(post, "taken")
    assert leg(scene, "team").state == "acknowledged"
    for post in ("moral", "doctor"):
        scene.hears(PHONES[post], "接手")


def handed_over(scene: Scene, base: str) -> None:
    """Who is there goes home: a colleague is asked, accepts, and has it."""
    duty, world = scene.page("duty"), scene.world
    duty.goto(base)
    press(duty, "form[action$='/school/engage/'] button")
    ask(duty, base, "school/hand_over", colleague=str(world.members["second"].pk))
    scene.seen("duty", "asked-a-colleague")
    assert leg(scene, "school").owner_id == world.members["duty"].pk
    scene.hears(PHONES["second"], "接手")
    second = scene.page("second")
    second.goto(base)
    scene.seen("second", "asked")
    press(second, "form[action$='/school/take_over/'] button")
    scene.seen("second", "took-over")
    assert leg(scene, "school").owner_id == world.members["second"].pk
    ask(second, base, "assess")


def closed_by_two(scene: Scene, base: str, incident: Incident) -> None:
    """An extreme one takes two people of the centre."""
    centre = scene.page("centre")
    ask(centre, base, "close", outcome="in_treatment")
    assert "两" in scene.seen("centre", "first-word")
    assert count(scene, lambda: Incident.objects.get(pk=incident.pk).closed_at) is None
    deputy = scene.page("deputy")
    deputy.goto(base)
    scene.seen("deputy", "second-word")
    ask(deputy, base, "close", outcome="in_treatment")
    scene.seen("deputy", "closed")
    assert count(scene, lambda: Incident.objects.get(pk=incident.pk).state) == "closed"


def afterwards(scene: Scene, base: str) -> None:
    """What is owed to the person, what the parties still read, and what the head hears: that it is handled, no more."""
    for who in ("wife", "hospital"):
        scene.page(who).reload()
        scene.seen(who, "over")
    head = scene.page("head")
    head.goto(scene.house.url(scene.tenant, "/my/report/"))
    assert SIGNS not in scene.seen("head", "handled")
    centre = scene.page("centre")
    for name in ("told", "review", "follow-up"):
        centre.goto(f"{base}{name}/")
        scene.seen("centre", name)
    centre.goto(scene.house.url(scene.tenant, "/centre/emergency/"))
    scene.seen("centre", "board")
    assert count(scene, lambda: WatchTask.objects.filter(kind="tell").count()) == 1
    assert count(scene, lambda: FollowUp.objects.count()) == 1


def nothing_was_lost_or_sent_twice(scene: Scene) -> None:
    """Whatever waited has left or died with its reason; nobody got the same words twice, and what the dead child had under way
    came a second time under its own key alone, by which a gateway knows it.
    """
    with use_tenant(scene.tenant.pk):
        rows = Delivery.objects.filter(channel__in=["sms", "wecom", "voice"])
        until(lambda: not rows.filter(state__in=["queued", "claimed"]).exists(), "everything is settled", 90)
        sent = {secrets.reference_of(pk) for pk in rows.filter(state="sent").values_list("pk", flat=True)}
        again = {secrets.reference_of(pk) for pk in rows.filter(claims__gt=1).values_list("pk", flat=True)}
        assert not Delivery.objects.filter(state="failed").exists()
        assert not Timeline.objects.filter(code="leg.poisoned").exists()
    brought = Counter(one["key"] for one in scene.gateway.taken)
    assert sent <= brought.keys()
    assert {key for key, times in brought.items() if times > 1} <= again
    once = {one["key"]: one for one in scene.gateway.taken}.values()
    words = Counter((one["to"], one["channel"], one["body"]) for one in once if one["channel"] != "voice")
    assert [said for said, times in words.items() if times > 1] == []
