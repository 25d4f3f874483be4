"""What follows from a report: whoever has it hears that it is graver, and whoever sent it learns nothing but received or handled."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from kernel.clock import now
from kernel.errors import NotFound
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, NeverContact, Recipient, Timeline
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.grading import write_grade
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.naming import name_person
from referrals.emergency.workflow.opening import open_incident
from tenancy.numbers import draw_number
from tests.emergency.test_board import client, get
from tests.emergency.world import World, legs_of, paged

pytestmark = pytest.mark.django_db

TEXT = "emergency_report_joined"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def report(world: World, by: str = "head", **values: Any) -> Any:
    given: dict[str, Any] = {
        "kind": "psychological", "grade": "extreme", "found_at": now(), "signs": "他在群里说再见",
        "person_id": world.members["person"].pk, "home": "safe",
    }  # fmt: skip
    return open_incident(actor=world.actor(by), opening=Opening(**(given | values)))


def told(incident: Incident) -> set[str]:
    rows = Delivery.objects.filter(leg__incident=incident, text=TEXT)
    return set(rows.values_list("recipient__role", flat=True))


def states(page: str) -> list[str]:
    """What stands at each report of the list of ``/my/report/``."""
    start = page.find('id="sent"')
    rows = re.findall(r"<li class=\"head\">.*?</li>", page[start:], re.DOTALL) if start >= 0 else []
    return [word for row in rows for word in ("已收到", "有人在管") if word in row]


class TestAGraverReport:
    @pytest.mark.parametrize(
        "said",
        [{"grade": "extreme"}, {"grade": "general", "danger_now": True}, {"grade": "general", "home": "danger"}],
    )
    def test_reaches_whoever_has_it_at_once(self, said: dict[str, Any], world: World) -> None:
        incident = world.open(grade="major")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        report(world, **said)
        incident.refresh_from_db()
        assert incident.grade == "major", "a head suggests"
        assert told(incident) == {"owner", "seat:centre_head"}
        owner = Recipient.objects.get(
            leg__incident=incident, role="owner", deliveries__text=TEXT, deliveries__channel="sms"
        )
        assert owner.member_id == world.members["duty"].pk

    def test_is_called_about_once_a_minute_however_many_come(self, world: World) -> None:
        incident = world.open(grade="general")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        report(world, grade="major")
        report(world, grade="extreme")
        assert Recipient.objects.filter(leg__incident=incident, role="owner").count() == 1
        Delivery.objects.filter(text=TEXT).update(due_at=now() - timedelta(seconds=61))
        report(world, grade="extreme", danger_now=True)
        assert Recipient.objects.filter(leg__incident=incident, role="owner").count() == 2

    def test_one_that_says_no_more_calls_nobody_again(self, world: World) -> None:
        incident = world.open(grade="extreme")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        report(world, grade="general")
        assert told(incident) == set()

    def test_by_somebody_left_out_reaches_the_owner_and_tells_them_nothing(self, world: World) -> None:
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        incident = world.open(grade="general", by="centre")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        report(world, by="second")
        incident.refresh_from_db()
        assert incident.grade == "general" and told(incident) == {"owner", "seat:centre_head"}
        assert not Recipient.objects.filter(leg__incident=incident, member=world.members["second"]).exists()

    def test_the_team_is_called_when_a_report_becomes_extreme(self, world: World) -> None:
        """Chain §1: school, and team when extreme, page at once with that grade's wait; also for the second report."""
        incident = report(world, grade="major").incident
        decide_school()
        assert legs_of(incident)["team"].state == "not_required"
        report(world, grade="extreme")
        assert (legs_of(incident)["team"].state, legs_of(incident)["team"].is_required) == ("paging", True)
        decide_school()
        assert len(paged(incident, "team")) == 4
        assert {legs_of(incident)[kind].state for kind in ("family", "medical", "community")} == {"armed"}


class TestNewsThatIsNoGrade:
    """A child is with them, they cannot be found, they are ill: what the opening would have acted on (chain §1)."""

    @pytest.mark.parametrize(
        "said",
        [
            {"company": "child"}, {"company": "frail"}, {"place": "missing"}, {"place": "elsewhere"},
            {"kind": "medical"}, {"kind": "medical", "can_be_asked": False},
        ],
        ids=str,
    )  # fmt: skip
    def test_reaches_whoever_has_it(self, said: dict[str, Any], world: World) -> None:
        incident = world.open(grade="general", company="nobody", place="home")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        report(world, **({"grade": "general"} | said))
        assert told(incident) == {"owner", "seat:centre_head"}

    @pytest.mark.parametrize(
        "said", [{"company": "colleague"}, {"place": "home"}, {"place": ""}, {"company": "unknown"}]
    )
    def test_what_changes_nothing_rings_nobody(self, said: dict[str, Any], world: World) -> None:
        incident = world.open(grade="general", company="nobody", place="home")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        report(world, **({"grade": "general"} | said))
        assert told(incident) == set()

    @pytest.mark.parametrize("grade", ["general", "major"])
    def test_a_child_that_is_with_them_calls_the_community_when_who_grades_says_so(
        self, grade: str, world: World
    ) -> None:
        incident = world.open(grade=grade)
        assert legs_of(incident)["community"].state != "paging"
        report(world, by="second", grade="general", company="child")
        leg = legs_of(incident)["community"]
        assert (leg.state, leg.is_required) == ("paging", True)
        assert Incident.objects.get(pk=incident.pk).company == "child"

    def test_a_child_that_the_head_reports_calls_it_with_the_next_grade(self, world: World) -> None:
        incident = world.open(grade="general")
        report(world, grade="general", company="child")
        assert legs_of(incident)["community"].state == "not_required", "a machine calls nobody by what a head suggests"
        write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="major")
        assert legs_of(incident)["community"].state == "paging"

    def test_a_child_is_not_lost_when_two_are_one(self, world: World) -> None:
        incident = world.open(grade="major")
        unknown = world.open(person_id=None, grade="general", company="child")
        person = world.members["person"].pk
        assert name_person(actor=world.actor("duty"), incident_id=unknown.pk, person_id=person).is_joined
        assert legs_of(incident)["community"].state == "paging"

    def test_nobody_with_them_takes_back_no_child(self, world: World) -> None:
        incident = world.open(grade="general", company="child")
        report(world, by="second", grade="general", company="nobody")
        assert Incident.objects.get(pk=incident.pk).company == "child"
        assert legs_of(incident)["community"].state == "paging"


class TestWhoSentIt:
    def test_reads_received_then_handled_of_a_report_that_was_joined(self, world: World) -> None:
        incident = world.open(by="centre", grade="general")
        report(world, grade="general")
        text = get(world, "head", "/my/report/")
        assert states(text) == ["已收到"] and incident.number not in text
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        assert states(get(world, "head", "/my/report/")) == ["有人在管"]
        row = Timeline.objects.get(incident=incident, code="report.joined")
        Incident.objects.filter(pk=incident.pk).update(opened_at=row.at - timedelta(days=3, hours=5, minutes=7))
        own = get(world, "head", f"/centre/emergency/{incident.pk}/")
        began = Incident.objects.get(pk=incident.pk).opened_at.astimezone()
        assert "有人在管" in own and f"{began:%H:%M}" not in own, "when it began is another's report"

    @pytest.mark.parametrize("is_open", [True, False])
    def test_who_is_left_out_reads_of_theirs_what_a_first_reporter_reads(self, is_open: bool, world: World) -> None:
        """Neither that one was open, nor that they are left out, follows from what stands there."""
        NeverContact.objects.create(person=world.members["person"], member=world.members["head"])
        if is_open:
            known = world.open(by="centre", grade="general")
            decide_school()
            answering.acknowledge(actor=world.actor("duty"), incident_id=known.pk, kind="school")
        report(world, grade="general")
        text = get(world, "head", "/my/report/")
        assert states(text) == ["已收到"]

    def test_one_row_however_often_they_reported(self, world: World) -> None:
        for _ in range(3):
            report(world, grade="general")
        assert states(get(world, "head", "/my/report/")) == ["已收到"]

    def test_names_only_whom_they_may_find(self, world: World) -> None:
        """By page and by program alike: somebody of another department goes as not known."""
        with pytest.raises(NotFound):
            report(world, person_id=world.members["moral"].pk)
        assert not Incident.objects.exists() and not Timeline.objects.exists()
        assert report(world, person_id=None).is_new
        assert report(world, by="duty", person_id=world.members["moral"].pk).is_new


class TestNumbers:
    """An excluded colleague of the centre sees the numbers of the others: a gap must not tell that there is one more."""

    def test_are_drawn_and_never_run_on(self, world: World) -> None:
        posts = ("person", "moral", "doctor", "principal", "centre", "second")
        numbers = [world.open(person_id=world.members[post].pk).number for post in posts]
        drawn = [int(number.partition("-")[2]) for number in numbers]
        assert len(set(drawn)) == len(drawn) and all(10_000 <= number <= 99_999 for number in drawn)
        assert any(after - before != 1 for before, after in pairwise(drawn))
        assert drawn != sorted(drawn) or drawn[-1] - drawn[0] > len(drawn)

    def test_one_that_is_taken_is_drawn_anew_and_a_full_series_says_so(self) -> None:
        seen: list[int] = []

        def first_two_are_taken(number: int) -> bool:
            seen.append(number)
            return len(seen) <= 2

        assert draw_number(first_two_are_taken) == seen[2]
        with pytest.raises(RuntimeError):
            draw_number(lambda number: True)

    def test_the_board_of_who_is_left_out_shows_nothing_of_it(self, world: World) -> None:
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        hidden = world.open(by="centre")
        assert hidden.number not in client(world, "second").get("/centre/emergency/").content.decode()
