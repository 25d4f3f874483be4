"""What *decide* is told of a school (`emergency_facts`): only what holds at that moment, on the school's own day."""

from datetime import date, datetime, timedelta

import pytest

from families.models import Consent
from families.purposes import CURRENT_TEXT
from kernel.clock import now
from partners.models import Agreement
from referrals.emergency.leg_facts import LegFacts, facts_of
from referrals.emergency.models import Chain, DutyLine, HomeCommunity, Incident, Leg, Seat
from tests.conftest import school_time
from tests.emergency.ready import agreed
from tests.emergency.rota import chain_now, line_row, shift_row
from tests.emergency.sending_steps import account_row
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    return world.open()


def facts(incident: Incident, moment: datetime | None = None) -> LegFacts:
    return facts_of([incident.pk], moment or chain_now())


def noon(world: World, day: date) -> datetime:
    return school_time(f"{day} 12:00")


def test_the_day_is_the_schools_before_eight_and_at_the_turn_of_the_year(incident: Incident) -> None:
    for wall, day in (
        ("2026-09-01 07:00", date(2026, 9, 1)),
        ("2027-01-01 00:10", date(2027, 1, 1)),
        ("2026-12-31 23:50", date(2026, 12, 31)),
    ):
        assert facts(incident, school_time(wall)).today == day


def test_a_shift_from_its_first_moment_to_before_its_last(world: World, incident: Incident) -> None:
    now = chain_now()
    following = shift_row(world.members["head"], begins_in=12)
    assert facts(incident, now).shifts[1].holder == world.members["duty"].pk, "not whoever comes later"
    before = facts(incident, following.starts_at - timedelta(microseconds=1)).shifts.get(1)
    assert before is None or before.holder == world.members["duty"].pk
    assert facts(incident, following.starts_at).shifts[1].holder == world.members["head"].pk
    assert facts(incident, following.ends_at).shifts == {}, "nobody whose shift is over"


def test_a_seat_from_its_first_day_to_before_its_last(world: World, incident: Incident) -> None:
    today = world.school.day_of(chain_now())
    Seat.objects.filter(kind="moral").update(until=today + timedelta(days=1))
    Seat.objects.create(kind="district", holder=world.members["head"], since=today + timedelta(days=2))
    for days, moral, district in ((0, True, False), (1, False, False), (2, False, True)):
        found = facts(incident, noon(world, today + timedelta(days=days))).seats
        assert ("moral" in found, "district" in found) == (moral, district), days


def test_a_line_only_while_it_answers(world: World, incident: Incident) -> None:
    line = line_row()
    assert line.pk in facts(incident).lines
    DutyLine.objects.filter(pk=line.pk).update(is_active=False, ended_at=chain_now())
    assert line.pk not in facts(incident).lines
    assert facts(incident).operator == Chain.objects.get().operator_line_id


def test_wecom_only_while_its_account_is_on(incident: Incident) -> None:
    assert not facts(incident).has_wecom
    account = account_row("wecom", "wecom")
    assert facts(incident).has_wecom
    type(account).objects.filter(pk=account.pk).update(is_active=False)
    assert not facts(incident).has_wecom


@pytest.mark.parametrize("state", ["asked", "refused", "withdrawn"])
def test_a_contact_who_has_not_said_yes_to_this(state: str, world: World, incident: Incident) -> None:
    person, relative = world.members["person"], world.contacts["wife"].relative
    assert (person.pk, 1) in facts(incident).contacts
    relative.consents.update(state=state)
    Consent.objects.create(
        person=person, relative=relative, purpose="tips", state="given", text_id=CURRENT_TEXT["tips"]
    )
    assert (person.pk, 1) not in facts(incident).contacts, "a yes to something else is none"
    assert (person.pk, 2) in facts(incident).contacts


class TestAgreements:
    @pytest.fixture
    def agreement(self, world: World) -> Agreement:
        station = agreed(world.school, world.members["centre"], "翠苑社区", "community")
        home = HomeCommunity(person=world.members["person"], community=station)
        home.street = "一区"
        home.save(force_insert=True)
        found: Agreement = Agreement.objects.get(partner=station)
        return found

    def stands(self, world: World, incident: Incident, agreement: Agreement, day: date) -> bool:
        return agreement.partner_id in facts(incident, noon(world, day)).partners

    def test_from_the_first_day_to_before_the_last(
        self, world: World, incident: Incident, agreement: Agreement
    ) -> None:
        first, last = agreement.valid_from, agreement.valid_until
        for day, holds in (
            (first - timedelta(days=1), False),
            (first, True),
            (last - timedelta(days=1), True),
            (last, False),
        ):
            assert self.stands(world, incident, agreement, day) is holds, day

    def test_only_in_a_state_that_binds(self, world: World, incident: Incident, agreement: Agreement) -> None:
        day = agreement.valid_from
        for state, holds in (("suspended", True), ("draft", False), ("ended", False)):
            Agreement.objects.filter(pk=agreement.pk).update(state=state, suspended_at=now())
            assert self.stands(world, incident, agreement, day) is holds, state


def test_the_owner_is_whoever_has_the_schools_leg(world: World, incident: Incident) -> None:
    Leg.objects.exclude(kind="school").update(owner=world.members["second"])
    assert facts(incident).owners[incident.pk] is None
    Leg.objects.filter(kind="school").update(owner=world.members["duty"])
    assert facts(incident).owners[incident.pk] == world.members["duty"].pk
