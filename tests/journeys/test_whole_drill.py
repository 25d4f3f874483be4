"""A drill played by all parties at 390 px, from its plan to its report; and one that a player stops by the word (chain §7, 14.10)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from referrals.emergency.models import Drill, DrillPlayer, Incident, Leg
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import add_outside_parties
from tests.emergency.world import make_world
from tests.journeys.by_hand import Played, Time, time_of
from tests.journeys.conftest import House, Opens, new_school

WORD = "停止演练"
PARTIES = {
    "part_contact_1": "deputy",
    "part_contact_2": "moral",
    "part_partner": "head",
    "part_home_community": "doctor",
    "part_operator": "deputy",
}
THEMSELVES = ("duty", "second", "centre", "principal")
NOTHING_IS_DIALLED = "不打任何电话"


@pytest.fixture
def played(house: House, device: Opens, request: pytest.FixtureRequest) -> Played:
    tenant, _journey = new_school()
    with use_tenant(tenant.pk):
        world = make_world(tenant)
    add_outside_parties(world)
    return Played(tenant, world, house, device, request.node.name.removeprefix("test_")[:14])


class Drilled:
    """The drill that is played, as its pages are pressed by ``played``."""

    def __init__(self, played: Played, time: Time) -> None:
        self.played, self.time = played, time
        self.address = ""

    def of_school[T](self, ask: Callable[[], T]) -> T:
        """What the rows say."""
        with use_tenant(self.played.tenant.pk):
            return ask()

    @property
    def drill(self) -> Drill:
        return self.of_school(lambda: Drill.objects.get())

    @property
    def incident(self) -> str:
        """The address of its incident."""
        return f"/centre/emergency/{self.drill.incident_id}/"

    def leg(self, kind: str) -> Leg:
        return self.of_school(lambda: Leg.objects.get(incident=self.drill.incident, kind=kind))

    def plan(self, title: str, scenario: str, parts: dict[str, str], themselves: tuple[str, ...]) -> None:
        """By the head of the centre, who leads it."""
        one, members = self.played, self.played.world.members
        one.goes("centre", "/centre/emergency/drills/", "drills-none")
        page = one.of("centre")
        page.click(f"main a[href$='/drills/new/{scenario}/']")
        page.wait_for_url(f"**/drills/new/{scenario}/")
        page.fill("input[name=title]", title)
        if scenario == "own":
            page.fill("textarea[name=briefing]", "照真事来办，不打任何电话。")
            page.fill("textarea[name=signs]", "演练人员丙两天没有来。")
        for post in themselves:
            page.check(f"input[name=themselves][value='{members[post].pk}']")
        for field, post in parts.items():
            page.select_option(f"select[name={field}]", str(members[post].pk))
        one.look("centre", "plan")
        page.click("main form button.btn:not(.quiet)")
        page.wait_for_url(re.compile(r"/drills/[0-9a-f-]{36}/$"))
        self.address = page.url

    def all_read(self) -> None:
        """Whoever plays finds it in their messages, reads it and says so."""
        one = self.played
        members = self.of_school(lambda: set(DrillPlayer.objects.values_list("member_id", flat=True)))
        for post in [post for post, member in one.world.members.items() if member.pk in members]:
            one.goes(post, "/my/messages/", "messages-planned") if post == "second" else one.of(post)
            text = one.goes(post, self.address, "to-read")
            assert "演练说明" in text and WORD in text
            one.presses(post, "button[value=read]")

    def leads(self, act: str) -> None:
        """The leader presses one of the drill's own buttons."""
        one = self.played
        one.of("centre").goto(self.address)
        one.presses("centre", f"button[value={act}]")

    def goes_wrong(self, step: str, fault: str) -> None:
        """The leader lets a step go wrong, on the page."""
        page = self.played.of("centre")
        page.goto(self.address)
        page.select_option("select[name=step]", step)
        page.select_option("select[name=fault]", fault)
        self.played.presses("centre", "button[value=fault]")

    def opens_call(self, post: str, what: str) -> str:
        """Somebody who was called finds it in their messages, and opens it; what stands there."""
        one = self.played
        text = one.goes(post, "/my/messages/", f"messages-{what}")
        assert "演练" in text
        one.goes(post, self.address, f"drill-{what}")
        one.presses(post, f"main a[href$='{self.incident}']")
        assert one.pages[post].locator(".band").is_visible()
        return one.look(post, what)

    def answers(self, post: str, kind: str, eta: int = 15) -> None:
        """*I have it*, and then *I am there*."""
        one = self.played
        one.presses(post, f"form[action$='/{kind}/acknowledge/'] button[value='{eta}']")
        assert self.leg(kind).state == "acknowledged", kind

    def is_there(self, post: str, kind: str) -> None:
        self.played.presses(post, f"form[action$='/{kind}/engage/'] button")
        assert self.leg(kind).state == "engaged", kind


@pytest.fixture
def drilled(played: Played) -> Any:
    with time_of(played.tenant) as time:
        yield Drilled(played, time)


def test_a_drill_by_all_parties(played: Played, drilled: Drilled) -> None:
    drilled.plan("期末前的演练", "suicide", PARTIES, THEMSELVES)
    centre = played.of("centre")
    centre.go_back()  # to the form, and forward again: one plan
    centre.go_forward()
    centre.wait_for_url(drilled.address)
    drilled.leads("begin")
    assert drilled.drill.state == "planned", "not everybody has read it"
    played.look("centre", "not-read")
    drilled.all_read()
    drilled.leads("begin")
    assert drilled.drill.state == "running"

    # Whoever is on duty does not hear it; the second is called two minutes later and takes it.
    drilled.goes_wrong("school:0", "no_answer")
    drilled.goes_wrong("family:0", "dead_number")
    drilled.time.passes(1)
    a_real_one_stops_it(played, drilled)
    drilled.time.passes()
    assert "还没叫到您" in played.goes("duty", drilled.address, "not-heard")
    drilled.time.passes(2, seconds=5)
    assert "第二" in drilled.opens_call("second", "second-called")
    drilled.answers("second", "school")
    played.look("second", "second-has-it")
    played.goes("second", f"{drilled.incident}grade/", "grade")
    played.pages["second"].check("input[name=grade][value=extreme]")
    played.presses("second", "main form button.btn:not(.quiet)")
    drilled.time.passes(seconds=5)

    # The first contact's number is dead: the second one is called at once, and comes.
    family = drilled.opens_call("moral", "family")
    assert played.world.members["person"].name not in family and "不想活" not in family, (
        "what a card would say, no more"
    )
    drilled.answers("moral", "family")
    drilled.is_there("moral", "family")
    played.look("moral", "family-there")

    drilled.opens_call("head", "hospital")
    drilled.answers("head", "medical", 30)
    drilled.is_there("head", "medical")
    played.goes("head", f"{drilled.incident}medical/pass_on/", "hospital-passes-on")
    played.pages["head"].fill("main form input[name=receiver], main form textarea[name=receiver]", "住院部三病区")
    played.presses("head", "main form button.btn:not(.quiet)")
    assert drilled.leg("medical").state == "handed_over"

    the_community_goes_and_then_refuses(played, drilled)

    for post in ("principal", "centre"):
        played.goes(post, drilled.incident, f"team-{post}")
        played.presses(post, "form[action$='/team/acknowledge/'] button[value='15']")
    assert drilled.leg("team").state == "acknowledged"
    played.of("second").goto(played.url(drilled.incident))
    drilled.is_there("second", "school")
    drilled.time.passes(4)  # the scenario's first message
    assert "第 4 分钟" in played.goes("duty", drilled.address, "message")
    played.goes("centre", drilled.incident, "whole-incident")

    the_report(played, drilled)
    with use_tenant(played.tenant.pk):
        real = Incident.objects.get(is_drill=False)
    assert real.closed_at is not None
    played.is_well()


def a_real_one_stops_it(played: Played, drilled: Drilled) -> None:
    """Something real is opened by whoever is on duty; the drill stands still until two people have ended that, and goes on."""
    duty = played.of("duty")
    duty.goto(played.url("/centre/emergency/new/"))
    duty.check("input[name=by_line]")
    duty.check("input[name=grade][value=general]")
    duty.check("input[name=kind][value=psychological]")
    duty.fill("textarea[name=signs]", "家长来电：有位老师在校门口坐了很久")
    played.look("duty", "real-opens")
    played.presses("duty", "#report .acts button")
    assert drilled.drill.state == "frozen"
    real = duty.url
    text = played.look("duty", "real")
    assert "学校电话转来" in text
    stopped = played.goes("head", drilled.address, "stopped")
    assert "请按平时的职责行事" in stopped and "门口" not in stopped
    drilled.leads("resume")
    assert drilled.drill.state == "frozen", "not while something real is open"
    played.look("centre", "cannot-go-on")
    drilled.time.passes(30)

    duty.goto(real)
    played.sure("duty", "a[href$='/false-alarm/']", "false-alarm")
    played.of("centre").goto(real)
    played.sure("centre", "a[href$='/false-alarm/']", "false-alarm-second")
    drilled.leads("resume")
    assert drilled.drill.state == "running"
    played.look("centre", "goes-on")


def the_community_goes_and_then_refuses(played: Played, drilled: Drilled) -> None:
    """It has come and must leave; called again it says no, and the principal takes its part."""
    drilled.opens_call("doctor", "community")
    drilled.answers("doctor", "community")
    drilled.goes_wrong("community:0", "refusal")
    played.goes("doctor", f"{drilled.incident}community/release/", "community-must-go")
    played.presses("doctor", "main form button.btn:not(.quiet)")
    assert drilled.leg("community").state == "paging"
    for _round in range(4):
        drilled.time.passes(2, seconds=5)
    assert drilled.leg("community").state == "exhausted"
    assert "没有人" in played.goes("principal", drilled.incident, "nobody-has-community")
    played.presses("principal", "form[action$='/community/acknowledge/'] button[value='15']")
    assert drilled.leg("community").state == "acknowledged"


def the_report(played: Played, drilled: Drilled) -> None:
    """Ended by its leader; what was learnt, what is changed, the report as a page and on paper."""
    centre = played.of("centre")
    centre.goto(drilled.address)
    played.sure("centre", f"a[href$='/drills/{drilled.drill.pk}/sure/end/']", "sure-end")
    assert drilled.drill.state == "ended"
    centre.fill("textarea[name=words]", "社区的电话找了四分钟。")
    played.presses("centre", "button[value=learnt]")
    centre.fill("input[name=what], textarea[name=what]", "社区值班电话贴到值班室门后")
    centre.select_option("select[name=who]", str(played.world.members["duty"].pk))
    centre.fill("input[name=until]", (played.tenant.today() + timedelta(days=7)).isoformat())
    played.presses("centre", "button[value=change]")
    played.look("centre", "over")
    played.goes("duty", drilled.address, "change")
    played.presses("duty", "button[value=done]")

    report = played.goes("principal", f"{drilled.address}report/", "report")
    for said in ("没有人接", "号码打不通", "说来不了", "社区的电话找了四分钟。", "社区值班电话贴到值班室门后", "已改"):
        assert said in report, said
    late = re.search(r"学校：从呼叫到有人接\D*(\d+) 分", report)
    assert late and 2 <= int(late[1]) < 20, (
        "the time in which nobody heard it, and not the half hour in which it stood still"
    )
    principal = played.pages["principal"]
    with principal.expect_download() as paper:
        principal.click("main a[href$='/report.pdf']")
    text = "".join(page.extract_text() for page in PdfReader(paper.value.path()).pages)
    assert "期末前的演练" in text and "社区的电话找了四分钟" in text.replace("\n", "")


def test_a_player_stops_it_by_the_word(played: Played, drilled: Drilled) -> None:
    drilled.plan("放学后的演练", "own", {"part_contact_1": "moral"}, ("duty",))
    drilled.all_read()
    drilled.leads("begin")
    drilled.time.passes()
    moral = played.of("moral")
    played.goes("moral", drilled.address, "may-stop")
    moral.fill("input[name=word]", "停一下")
    played.presses("moral", "button[value=abort]")
    assert drilled.drill.state == "running" and moral.locator(".errorlist, .errors").count()
    played.look("moral", "wrong-word")
    moral.fill("input[name=word]", " 停止 演练")
    played.presses("moral", "button[value=abort]")
    assert drilled.drill.state == "aborted"
    played.look("moral", "stopped-by-word")
    assert "演练" in played.goes("duty", "/my/messages/", "told-that-it-is-over")
    text = played.goes("duty", drilled.address, "over-for-duty")
    assert WORD in text and not played.pages["duty"].locator("button[value=abort]").count()
    with use_tenant(played.tenant.pk):
        assert Leg.objects.filter(incident__is_drill=True).exclude(state__in=("closed", "not_required")).count() == 0
        assert not Incident.objects.filter(is_drill=False).exists()
    played.is_well()
