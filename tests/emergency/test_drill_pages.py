"""The pages of a drill: the list, the plan, the page that all who play share, the report; who finds none of it; the real board."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.actor import system_in
from accounts.models import Membership
from audit.models import AuditEntry
from kernel.errors import Forbidden
from notifications.models import OutboxMessage
from referrals.emergency.centre.drill_forms import proposed_day
from referrals.emergency.drills import has_drill_in_semester
from referrals.emergency.models import Chain, Drill, DrillChange, chain_moment
from referrals.emergency.rules.drills import semester_of
from referrals.emergency.workflow import answering, drill_notices, drilling, grading
from referrals.emergency.workflow.drill_notices import remind_of_changes, tell_when_wanted
from referrals.emergency.workflow.drill_review import change_done
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.emergency.drill_steps import WORD, all_read, begun, fresh, incident_of, planned, work
from tests.emergency.test_board import BOARD, client, get
from tests.emergency.world import World
from ui.templatetags.ui import school_day, whole
from workdays.clock import WorkCalendar

pytestmark = pytest.mark.django_db
LIST = "/centre/emergency/drills/"
BAND = 'class="band"'


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """Open."""
    with use_tenant(world.school.pk):
        yield world


def page(drill: Drill) -> str:
    return reverse("emergency_drill", args=[drill.pk])


def today(world: World) -> date:
    """Of the school, by the chain's clock."""
    day: date = world.school.day_of(chain_moment())
    return day


def press(world: World, post: str, drill: Drill, act: str, **typed: Any) -> Any:
    return client(world, post).post(page(drill), {"act": act, **typed}, follow=True)


def test_the_list_says_that_the_semester_has_none_and_then_no_more(world: World) -> None:
    assert "这学期还没有演练" in get(world, "centre", LIST)
    planned(world)
    body = get(world, "centre", LIST)
    assert "这学期还没有演练" not in body
    assert "期末前的演练" in body
    assert "没有找到" in get(world, "centre", f"{LIST}?state=ended")
    table = client(world, "centre").get(f"{LIST}drills.csv").content.decode("utf-8-sig")
    assert "期末前的演练" in table
    assert AuditEntry.objects.filter(action="drill.export").exists()


def test_one_is_planned_from_a_scenario(world: World) -> None:
    address = reverse("emergency_drill_new", args=["suicide"])
    body = get(world, "centre", address)
    assert "同事说“不想活了”" in body
    form = {
        "title": "秋季演练", "day": (world.school.day_of(chain_moment()) + timedelta(days=3)).isoformat(),
        "begins": "15:30", "briefing": "照真事来办", "abort_word": WORD, "signs": "甲不接电话",
        "kind": "psychological", "suggested": "extreme", "home": "safe", "where": "home", "danger_now": "on",
        "messages": "4 甲发来一条消息\n\n１０ 甲开了门", "themselves": [str(world.members["duty"].pk)],
        "part_contact_1": str(world.members["moral"].pk),
    }  # fmt: skip
    answer = client(world, "centre").post(address, form)
    drill = Drill.objects.get()
    assert answer.headers["Location"] == page(drill)
    assert [row.minute for row in drill.messages] == [4, 10]
    assert {(row.member_id, row.part) for row in drill.players.all()} == {
        (world.members["duty"].pk, "self"), (world.members["moral"].pk, "contact:1"),
    }  # fmt: skip
    change = reverse("emergency_drill_change", args=[drill.pk])
    assert "秋季演练" in get(world, "centre", change)
    wrong = client(world, "centre").post(change, form | {"messages": "没有分钟"})
    assert wrong.status_code == 422
    assert client(world, "centre").post(change, form | {"title": "冬季演练"}).status_code == 302
    assert Drill.objects.get().title == "冬季演练"
    assert client(world, "centre").get(reverse("emergency_drill_new", args=["fire"])).status_code == 404


def test_a_whole_drill_by_its_pages(world: World) -> None:
    drill = planned(world)
    assert "我看过了" in get(world, "moral", page(drill))
    assert press(world, "deputy", drill, "begin").status_code == 200
    assert fresh(drill).state == "planned", "not everybody has read it"
    for post in ("duty", "second", "centre", "principal", "doctor", "moral", "head"):
        press(world, post, drill, "read")
    press(world, "deputy", drill, "begin")
    assert fresh(drill).state == "running"
    work()
    one = f"/centre/emergency/{incident_of(drill).pk}/"
    assert one in get(world, "duty", page(drill))
    whole = get(world, "duty", one)
    assert BAND in whole
    assert page(drill) in whole
    assert f"{one}person/" not in whole, "nobody is named in a drill"
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident_of(drill).pk, kind="school", eta=15)
    grading.write_grade(actor=world.actor("duty"), incident_id=incident_of(drill).pk, grade="extreme")
    work()
    body = get(world, "moral", one)
    assert BAND in body
    assert "您扮演" in body
    press(world, "deputy", drill, "fault", step="family:1", fault="refusal")
    assert [row.fault for row in drill.faults.all()] == ["refusal"]
    answering.acknowledge(actor=world.actor("moral"), incident_id=incident_of(drill).pk, kind="family", eta=30)
    assert "在哪里见面" in get(world, "moral", one), "the card of the party, in the house"
    wrong = client(world, "moral").post(page(drill), {"act": "abort", "word": "停"})
    assert (wrong.status_code, fresh(drill).state) == (422, "running")
    press(world, "deputy", drill, "end")
    assert fresh(drill).state == "ended"
    press(world, "deputy", drill, "learnt", words="社区的电话找了四分钟。")
    until = (world.school.day_of(chain_moment()) + timedelta(days=9)).isoformat()
    press(world, "deputy", drill, "change", what="名单贴到门后", who=str(world.members["moral"].pk), until=until)
    report = get(world, "principal", reverse("emergency_drill_report", args=[drill.pk]))
    assert "社区的电话找了四分钟。" in report
    assert "名单贴到门后" in report
    paper = client(world, "principal").get(reverse("emergency_drill_report_pdf", args=[drill.pk]))
    assert (paper.headers["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert AuditEntry.objects.filter(action="drill.report").count() == 1
    change = DrillChange.objects.get()
    press(world, "moral", drill, "done", change=str(change.pk))
    assert DrillChange.objects.get().done_at is not None


def test_a_player_stops_it_by_the_word_on_the_page(world: World) -> None:
    drill = begun(world)
    press(world, "moral", drill, "abort", word=WORD)
    assert fresh(drill).state == "aborted"
    again = press(world, "moral", drill, "abort", word=WORD)
    assert again.status_code == 200
    assert "已经办过了" in again.content.decode()


def test_a_stranger_and_another_school_find_none(world: World, other_school: Any) -> None:
    drill = begun(world)
    drilling.end(actor=world.actor("deputy"), drill_id=drill.pk)
    addresses = [
        LIST,
        f"{LIST}drills.csv",
        page(drill),
        *(reverse(f"emergency_drill_{name}", args=[drill.pk]) for name in ("change", "report", "report_pdf")),
        reverse("emergency_drill_new", args=["own"]),
    ]
    for address in addresses:
        assert client(world, "person").get(address).status_code == 404, address
        assert Client(headers={"host": world.school.host}).get(address).status_code == 302
    assert client(world, "person").post(page(drill), {"act": "abort", "word": WORD}).status_code == 404
    with use_tenant(other_school.pk):
        head = make_person(other_school, "centre")
    there = Client(headers={"host": other_school.host})
    there.force_login(head.user)
    for address in addresses:
        if str(drill.pk) in address:
            assert there.get(address).status_code == 404, address
    # Who plays finds the page, and neither the list nor the report.
    assert client(world, "moral").get(page(drill)).status_code == 200
    assert client(world, "moral").get(LIST).status_code == 404
    assert client(world, "moral").get(addresses[4]).status_code == 404


def test_the_board_of_what_is_real_shows_and_counts_no_drill(world: World) -> None:
    drill = begun(world)
    number = incident_of(drill).number
    body = get(world, "centre", BOARD)
    assert number not in body
    drilling.end(actor=world.actor("deputy"), drill_id=drill.pk)
    assert number not in get(world, "centre", BOARD)
    assert number not in client(world, "centre").get("/centre/emergency/closed.csv").content.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-08-01", "2026-08-01"), ("2026-09-01", "2026-08-01"), ("2027-01-01", "2026-08-01"),
        ("2027-01-31", "2026-08-01"), ("2027-02-01", "2027-02-01"), ("2027-07-31", "2027-02-01"),
    ],
)  # fmt: skip
def test_a_semester(day: str, first: str) -> None:
    found = semester_of(date.fromisoformat(day))
    assert found[0].isoformat() == first
    assert found[0] <= date.fromisoformat(day) <= found[1]


class TestOnceASemester:
    def test_the_centre_is_told_once_a_month_and_no_more_when_one_is_planned(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drill_notices, "AFTER_DAYS", 0)
        system = system_in(world.school.pk)
        rows = OutboxMessage.objects.filter(template="drill_wanted")
        assert tell_when_wanted(actor=system)
        count = rows.count()
        assert count == 4, "centre, deputy, and both psychologists"
        tell_when_wanted(actor=system)
        assert rows.count() == count
        planned(world)
        assert not tell_when_wanted(actor=system)

    def test_one_that_was_played_counts_where_it_was_played(self, world: World) -> None:
        """Planned for the semester after the next, played today: its page and its file say today, too."""
        far = chain_moment() + timedelta(days=400)
        drill = planned(world, planned_for=far)
        assert not has_drill_in_semester(world.school, today(world))
        all_read(world, drill)
        drilling.begin(actor=world.actor("deputy"), drill_id=drill.pk)
        assert has_drill_in_semester(world.school, today(world))
        drilling.end(actor=world.actor("deputy"), drill_id=drill.pk)
        assert has_drill_in_semester(world.school, today(world))
        with override("zh-hans"):
            played, meant = (whole(school_day(day)) for day in (today(world), world.school.day_of(far)))
        text = get(world, "centre", page(drill))
        assert played in text and meant not in text
        paper = client(world, "centre").get(f"{page(drill)}report.pdf")
        assert f"drill-{today(world)}.pdf" in paper["Content-Disposition"]

    def test_a_chain_that_is_off_is_not_reminded_and_nobody_reminds_by_hand(self, world: World) -> None:
        Chain.objects.update(state="off")
        assert not tell_when_wanted(actor=system_in(world.school.pk))
        with pytest.raises(Forbidden):
            tell_when_wanted(actor=world.actor("head"))
        assert not OutboxMessage.objects.filter(template="drill_wanted").exists()


class TestChangesAreRemindedOf:
    """Each morning from its day on, until it is done."""

    @staticmethod
    def told(template: str = "drill_change_due") -> list[Any]:
        return sorted(OutboxMessage.objects.filter(template=template).values_list("to_user_id", flat=True))

    def test_whoever_changes_it_from_its_day_on_and_later_whoever_leads(self, world: World) -> None:
        system, drill = system_in(world.school.pk), planned(world)
        who = world.members["moral"]
        change = DrillChange.objects.create(drill=drill, what="贴名单", who=who, until=today(world))
        DrillChange.objects.filter(pk=change.pk).update(until=today(world) + timedelta(days=1))
        assert (remind_of_changes(actor=system), self.told()) == (0, []), "not before its day"
        DrillChange.objects.filter(pk=change.pk).update(until=today(world))
        for _ in range(2):
            assert remind_of_changes(actor=system) == 1
            assert self.told() == [who.user_id], "once a day"
        DrillChange.objects.filter(pk=change.pk).update(until=today(world) - timedelta(days=2))
        OutboxMessage.objects.all().delete()
        remind_of_changes(actor=system)
        leads = {world.members[post].user_id for post in ("centre", "deputy", "duty", "second")}
        assert set(self.told()) == leads | {who.user_id}
        OutboxMessage.objects.all().delete()
        change_done(actor=world.actor("moral"), change_id=change.pk)
        assert (remind_of_changes(actor=system), self.told()) == (0, [])

    def test_of_one_who_has_left_whoever_leads_hears_at_once(self, world: World) -> None:
        drill, who = planned(world), world.members["moral"]
        DrillChange.objects.create(drill=drill, what="贴名单", who=who, until=today(world))
        Membership.objects.filter(pk=who.pk).update(left_on=today(world) - timedelta(days=1))
        remind_of_changes(actor=system_in(world.school.pk))
        assert who.user_id not in self.told() and len(self.told()) == 4

    def test_nobody_reminds_by_hand(self, world: World) -> None:
        with pytest.raises(Forbidden):
            remind_of_changes(actor=world.actor("head"))


def test_all_who_play_have_read_it_before(world: World) -> None:
    drill = planned(world)
    all_read(world, drill)
    assert not drill.players.filter(briefed_at=None).exists()


@pytest.mark.parametrize("act", ["call_off", "end"])
def test_what_cannot_be_taken_back_is_asked_about_first(act: str, world: World) -> None:
    drill = planned(world) if act == "call_off" else begun(world)
    sure = reverse("emergency_drill_sure", args=[drill.pk, act])
    before = drill.state
    body = get(world, "deputy", page(drill))
    assert f'href="{sure}"' in body
    assert f'value="{act}"' not in body, "no button that does it at once"
    asked = get(world, "deputy", sure)
    assert drill.title in asked and f'name="act" value="{act}"' in asked
    assert fresh(drill).state == before, "looking changes nothing"
    press(world, "deputy", drill, act)
    assert fresh(drill).state != before
    assert client(world, "deputy").get(sure).headers["Location"] == page(drill)


def test_whoever_only_reads_drills_and_an_act_that_is_none_find_nothing_to_confirm(world: World) -> None:
    drill = planned(world)
    assert client(world, "centre").get(reverse("emergency_drill_sure", args=[drill.pk, "end"])).status_code == 302
    assert client(world, "deputy").get(reverse("emergency_drill_sure", args=[drill.pk, "begin"])).status_code == 404
    assert client(world, "person").get(reverse("emergency_drill_sure", args=[drill.pk, "end"])).status_code in (
        403,
        404,
    )


def test_whom_a_fault_keeps_from_hearing_is_not_called_on_the_page(world: World) -> None:
    drill = begun(world)
    one = incident_of(drill)
    answering.acknowledge(actor=world.actor("duty"), incident_id=one.pk, kind="school")
    drilling.set_fault(actor=world.actor("deputy"), drill_id=drill.pk, leg="family", position=0, fault="no_answer")
    grading.write_grade(actor=world.actor("duty"), incident_id=one.pk, grade="extreme")
    work()
    assert "打开叫您的那件事" not in get(world, "moral", page(drill)), "contact 1 does not hear it"
    assert "打开叫您的那件事" in get(world, "head", page(drill))


def test_who_is_played_reads_only_that_somebody_is_needed_until_they_have_answered(world: World) -> None:
    drill = begun(world)
    one = incident_of(drill)
    answering.acknowledge(actor=world.actor("duty"), incident_id=one.pk, kind="school")
    grading.write_grade(actor=world.actor("duty"), incident_id=one.pk, grade="extreme")
    work()
    address = reverse("emergency_incident", args=[one.pk])
    assert "他们只知道有事要人接手" in get(world, "moral", address)
    answering.acknowledge(actor=world.actor("moral"), incident_id=one.pk, kind="family")
    assert "写在下面" in get(world, "moral", address)


def test_a_drill_is_proposed_for_a_day_that_is_worked() -> None:
    known = WorkCalendar()
    for ahead in range(400):
        today = date(2026, 1, 1) + timedelta(days=ahead)
        day = proposed_day(today, known)
        assert known.is_workday(day)
        assert 14 <= (day - today).days <= 24


def test_no_page_of_a_drill_says_that_nothing_happened_while_something_real_is_open(world: World) -> None:
    drill = begun(world)
    pages = (page(drill), reverse("emergency_incident", args=[incident_of(drill).pk]))
    assert all("没有真的出事" in get(world, "duty", path) for path in pages)
    world.open()
    for path in pages:
        body = get(world, "duty", path)
        assert "没有真的出事" not in body, path
        assert "该打的电话照打" in body, path
    drilling.abort(actor=world.actor("deputy"), drill_id=drill.pk, word=WORD)
    body = get(world, "duty", page(drill))
    assert "没有真的出事" not in body and "演练已经结束" in body
