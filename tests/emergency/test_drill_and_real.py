"""A drill and something real: the real stops it in its own transaction, nothing of a drill leaves the house, boards stay apart."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from kernel.errors import DomainError, IllegalMove, Refused
from notifications.models import InboxMessage, OutboxMessage
from notifications.texts import texts
from referrals.emergency.engine import send
from referrals.emergency.engine.kinds import KINDS
from referrals.emergency.messages import MESSAGES, in_drill
from referrals.emergency.models import Delivery, Drill, Incident, Leg, Recipient, Report, chain_moment
from referrals.emergency.rules.leg_states import OPEN
from referrals.emergency.workflow import answering, drilling, ending, grading, handing_over
from referrals.emergency.workflow.receiving import Told, send_report
from tenancy.scope import use_tenant
from tests.emergency.drill_steps import all_read, begun, fresh, incident_of, planned, players_of, work
from tests.emergency.test_drills import must_refuse
from tests.emergency.world import World, codes, legs_of, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """Open."""
    with use_tenant(world.school.pk):
        yield world


class TestTheRealStopsIt:
    def test_in_the_transaction_in_which_it_opens(self, world: World) -> None:
        drill = begun(world)
        real = world.open()
        one, held = incident_of(drill), fresh(drill)
        assert (held.state, held.next_event, one.state) == ("frozen", "lapse_due", "frozen")
        assert {leg.state for leg in legs_of(one).values()} <= {"frozen", "not_required"}
        assert not Delivery.objects.filter(is_drill=True, state="queued").exists()
        told = InboxMessage.objects.filter(template="drill_stopped")
        assert {row.membership_id for row in told} == players_of(drill) | {world.members["deputy"].pk}
        assert Incident.objects.get(pk=real.pk).state == "open"
        said = MESSAGES["drill_stopped"]
        assert not [word for word in ("真", "危险", "real", "danger") if word in str((said.zh, said.en))], (
            "nothing says why"
        )

    @pytest.mark.parametrize("by", ["head", "duty"])
    def test_a_report_stops_it_too_and_so_does_one_about_nobody(self, world: World, by: str) -> None:
        drill = begun(world)
        world.open(by=by, person_id=None)
        assert fresh(drill).state == "frozen"

    def test_a_drill_that_cannot_be_stopped_stops_nothing_real(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        drill = begun(world)
        broken = legs_of(incident_of(drill))["family"]
        Leg.objects.filter(pk=broken.pk).update(state="unheard", next_event="", next_at=None)
        real = world.open()
        send_report(told=Told(words="天台上坐着一个人"), danger_now=True)
        assert legs_of(real)["school"].state == "paging" and Report.objects.count() == 1
        assert fresh(drill).state == "running", "all of it or nothing"
        assert "could not be stopped: ValueError" in caplog.text

    def test_what_nobody_signed_stops_it_and_joins_no_drill(self, world: World) -> None:
        drill = begun(world)
        send_report(told=Told(words="天台上坐着一个人"), danger_now=True)
        assert fresh(drill).state == "frozen"
        real = Incident.objects.get(is_drill=False)
        assert Report.objects.get().incident_id == real.pk

    def test_what_is_real_and_opened_again_stops_it(self, world: World) -> None:
        real = world.open(grade="general")
        work()
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=real.pk)
        drill = begun(world)
        ending.reopen(actor=world.actor("centre"), incident_id=real.pk)
        assert fresh(drill).state == "frozen"

    def test_while_it_stands_nothing_of_it_moves(self, world: World) -> None:
        drill = begun(world)
        world.open()
        pk = incident_of(drill).pk
        duty = world.actor("duty")
        for act in (
            lambda: answering.engage(actor=duty, incident_id=pk, kind="school"),
            lambda: grading.write_grade(actor=duty, incident_id=pk, grade="extreme"),
            lambda: ending.say_false_alarm(actor=duty, incident_id=pk),
            lambda: ending.assess(actor=duty, incident_id=pk),
            lambda: drilling.end(actor=world.actor("deputy"), drill_id=drill.pk),
        ):
            must_refuse("", DomainError, act)
        # An answer that comes now is kept as one that came late, and moves nothing.
        answering.acknowledge(actor=duty, incident_id=pk, kind="school", eta=15)
        assert legs_of(incident_of(drill))["school"].state == "frozen"
        Drill.objects.filter(pk=drill.pk).update(next_at=chain_moment() + timedelta(hours=1))
        before = list(Delivery.objects.filter(is_drill=True).values())
        work()
        assert list(Delivery.objects.filter(is_drill=True).values()) == before

    def test_it_goes_on_when_the_real_has_ended_and_calls_from_the_first(self, world: World) -> None:
        drill = begun(world)
        leader = world.actor("deputy")
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident_of(drill).pk, kind="school", eta=15)
        real = world.open()
        must_refuse("drill_real_open", Refused, lambda: drilling.resume(actor=leader, drill_id=drill.pk))
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=real.pk)
        drilling.resume(actor=leader, drill_id=drill.pk)
        work()
        school = legs_of(incident_of(drill))["school"]
        assert (school.state, school.round, school.position, school.owner_id) == ("paging", 1, 0, None)
        assert (fresh(drill).state, incident_of(drill).state) == ("running", "reported")
        must_refuse("", IllegalMove, lambda: drilling.resume(actor=leader, drill_id=drill.pk))

    @pytest.mark.parametrize(
        ("home", "graded", "family", "due"),
        [
            ("safe", False, "armed", "review_due"),
            ("danger", True, "held", "hold_due"),
            ("unknown", True, "armed", "start_due"),
            ("safe", True, "paging", "step_due"),
        ],
    )
    def test_what_stood_by_or_was_held_does_so_again_and_calls_nobody(
        self, home: str, graded: bool, family: str, due: str, world: World
    ) -> None:
        drill = begun(world, home=home)
        one, leader = incident_of(drill).pk, world.actor("deputy")
        if graded:
            answering.acknowledge(actor=world.actor("duty"), incident_id=one, kind="school", eta=15)
            grading.write_grade(actor=world.actor("duty"), incident_id=one, grade="extreme")
            work()
        assert legs_of(incident_of(drill))["family"].state == family
        called = paged(incident_of(drill), "family")
        real = world.open()
        assert legs_of(incident_of(drill))["family"].state == "frozen"
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=real.pk)
        drilling.resume(actor=leader, drill_id=drill.pk)
        work()
        leg = legs_of(incident_of(drill))["family"]
        assert (leg.state, leg.next_event) == (family, due)
        assert (paged(incident_of(drill), "family") == called) is (family != "paging")

    def test_no_drill_begins_beside_the_real(self, world: World) -> None:
        drill = planned(world)
        all_read(world, drill)
        world.open()
        must_refuse("drill_real_open", Refused, lambda: drilling.begin(actor=world.actor("deputy"), drill_id=drill.pk))

    def test_over_midnight_its_messages_go_on_by_minutes_and_stops_do_not_count(self, world: World) -> None:
        drill = begun(world)
        began = chain_moment() - timedelta(hours=5)
        Drill.objects.filter(pk=drill.pk).update(
            begun_at=began, told_injects=1, stopped_seconds=4 * 3600 + 55 * 60, next_at=began
        )
        held = fresh(drill)
        assert held.minutes_at(chain_moment()) == 5
        world.open()
        frozen = fresh(drill)
        assert frozen.minutes_at(chain_moment() + timedelta(hours=3)) == 5


class TestNothingLeavesTheHouse:
    def test_every_text_of_the_chain_has_one_of_a_drill_that_says_so(self) -> None:
        own = {text for text in KINDS if text.startswith("emergency_")} - {"emergency_card_code"}
        for text in own | {"emergency_taken_over"}:
            found = texts()[in_drill(text)]
            assert found.zh[0].startswith("【演练】")
            assert "这是演练" in found.zh[1]
            assert found.en[0].startswith("[Drill] ")
        assert "不要真拨" in texts()[in_drill("emergency_dial")].zh[0]

    @pytest.mark.parametrize("seed", range(4))
    def test_whatever_is_played_no_transport_is_ever_touched(
        self, world: World, seed: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Random acts and clocks over a whole drill: every row stays in the house, and no way out is even asked for."""
        touched: list[str] = []
        ordinary = OutboxMessage.objects.count()
        with watched(monkeypatch, touched):
            drill = begun(world)
            _play(world, drill, random.Random(seed))  # noqa: S311  a walk, not a secret
        assert touched == [], "in-app alone was claimed"
        deliveries = Delivery.objects.all()
        assert deliveries.exists()
        assert set(deliveries.values_list("channel", "is_drill")) == {("in_app", True)}
        people = Recipient.objects.all()
        assert not people.exclude(address_sealed=None, token_hash=None, code_hash=None).exists()
        assert set(people.values_list("member_id", flat=True)) <= players_of(drill)
        assert OutboxMessage.objects.count() == ordinary, "ordinary messages go by whatever way somebody chose"

    def test_who_takes_over_is_told_in_the_house(self, world: World) -> None:
        ordinary = OutboxMessage.objects.count()
        drill = begun(world)
        pk = incident_of(drill).pk
        answering.acknowledge(actor=world.actor("duty"), incident_id=pk, kind="school", eta=15)
        answering.engage(actor=world.actor("duty"), incident_id=pk, kind="school")
        askable = handing_over.askable(incident_of(drill), legs_of(incident_of(drill))["school"])
        assert {row.pk for row in askable} <= players_of(drill)
        handing_over.ask_to_take_over(
            actor=world.actor("duty"), incident_id=pk, kind="school", colleague_id=world.members["second"].pk
        )
        handing_over.accept(actor=world.actor("second"), incident_id=pk, kind="school")
        assert OutboxMessage.objects.count() == ordinary
        assert InboxMessage.objects.filter(template=in_drill("emergency_taken_over")).count() == 1


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch, touched: list[str]) -> Iterator[None]:
    """Whoever asks by which accounts of a school something could leave is written down; the asking itself goes on."""
    asked = send.doors

    def told(channel: str, schools: Any) -> Any:
        touched.append(channel)
        return asked(channel, schools)

    monkeypatch.setattr(send, "doors", told)
    yield
    monkeypatch.undo()


def _play(world: World, drill: Drill, chance: random.Random) -> None:
    posts = [*world.members]
    pk = incident_of(drill).pk
    for _step in range(40):
        actor, leg = (
            world.actor(chance.choice(posts)),
            chance.choice(["school", "family", "medical", "community", "team"]),
        )
        act = chance.choice(
            [
                lambda: answering.acknowledge(actor=actor, incident_id=pk, kind=leg, eta=15),
                lambda: answering.decline(actor=actor, incident_id=pk, kind=leg),
                lambda: answering.engage(actor=actor, incident_id=pk, kind=leg),
                lambda: answering.release(actor=actor, incident_id=pk, kind=leg),
                lambda: grading.write_grade(actor=actor, incident_id=pk, grade="extreme"),
                lambda: drilling.set_fault(
                    actor=world.actor("deputy"), drill_id=drill.pk, leg=leg, position=0,
                    fault=chance.choice(["no_answer", "dead_number", "refusal", ""]),
                ),
            ]
        )  # fmt: skip
        with suppress(DomainError):
            act()
        due = chain_moment() - timedelta(seconds=1)
        if chance.random() < 0.5:
            Leg.objects.filter(incident_id=pk, state__in=[state.value for state in OPEN]).update(next_at=due)
        if chance.random() < 0.3:
            Incident.objects.filter(pk=pk, next_at__isnull=False).update(next_at=due)
            Drill.objects.filter(pk=drill.pk, told_injects__lt=2).update(next_at=due)
        work()
    assert "leg.step_due" in codes(incident_of(drill))
