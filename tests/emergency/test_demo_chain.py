"""The demo's chain: live, in rehearsal with a hole, off; through the writers, as an empty installation would do it."""

from datetime import datetime, timedelta
from random import Random

import pytest

from accounts.actor import Actor
from demo.contacts import name_contacts
from demo.emergency import tell_chain
from demo.family import name_family
from demo.messages import READ_AFTER, read_what_is_past
from demo.persons import SCHOOLS
from demo.setup import Ground, operator_ground, school_ground
from kernel.clock import as_of, local_day, now
from notifications.models import InboxMessage, OutboxMessage
from referrals.emergency.drill_report import report_of
from referrals.emergency.duties import state_of
from referrals.emergency.going_live import Lacking, lacks
from referrals.emergency.incident_texts import HAPPENED_CODES
from referrals.emergency.models import (
    Chain,
    ChainClock,
    Delivery,
    Drill,
    DutyChange,
    DutyShift,
    Incident,
    Leg,
    Plan,
    ReportLetter,
    Timeline,
    chain_moment,
)
from referrals.emergency.readiness_facts import read_school
from referrals.emergency.rota import duty_at, shifts_between
from referrals.emergency.rules.on_duty import short_rest, too_long
from referrals.emergency.rules.readiness import Area, Level, tiles
from tenancy.models import Tenant
from tenancy.scope import no_scope, use_tenant

pytestmark = pytest.mark.django_db


def _staff(ground: Ground, tenant: Tenant, slug: str, number: int, today: datetime) -> list[Actor]:
    """Those of the school, with their contacts where there are any."""
    staff = ground.staff[slug]
    if staff:
        name_family(ground.people[slug]["staff"], ground.names, number=number, today=today)
        name_contacts(ground.people[slug]["staff"], staff, ground.names, school=tenant, number=number, today=today)
    return staff


def test_three_schools_three_states() -> None:
    random, today = Random(1), now()
    found = {}
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        for number, school in enumerate(SCHOOLS):
            tenant = school_ground(
                ground, school, staff=24 if number == 0 else 0, today=local_day(today), random=random
            )
            with use_tenant(tenant.id):
                tell_chain(
                    tenant,
                    ground.people[school.slug],
                    number=number,
                    today=local_day(today),
                    staff=_staff(ground, tenant, school.slug, number, today),
                )
                moment = chain_moment()
                chain = Chain.objects.first()
                found[school.slug] = chain.state if chain else "off"
                missing = {lack.lacking for lack in lacks(tenant, moment)}
                shifts = shifts_between(tenant, moment, moment + timedelta(days=14))
                if school.slug == "yucai":
                    _reads_well(tenant)
                    _two_are_red(tenant)
                    _nothing_waits_that_was_answered(tenant, ground.people[school.slug], today)
                    assert missing == set()
                    assert set(duty_at(tenant, moment)) == {1, 2}
                    assert too_long(shifts) == [] and short_rest(shifts) == []
                elif school.slug == "shifan":
                    assert missing == {Lacking.DUTY_GAP, Lacking.PLAN_MISSING}
                else:
                    assert not DutyShift.objects.exists() and not Plan.objects.exists()
    assert found == {"yucai": "live", "shifan": "rehearsal", "binhai": "off"}


def _nothing_waits_that_was_answered(tenant: Tenant, people: dict[str, Actor], today: datetime) -> None:
    """The principal was asked for the switch when it was made, weeks ago, and has read that."""
    asked = InboxMessage.objects.filter(template="chain_asked", membership=people["principal"].membership_id)
    read_what_is_past(tenant, people.values(), today=today)
    assert asked.get().created_at < today - timedelta(days=10)
    assert asked.get().read_at is not None
    kept = OutboxMessage.objects.filter(channel="in_app", created_at__gte=today - READ_AFTER)
    assert kept.exists() and not InboxMessage.objects.filter(key__in=kept.values("key")).exists(), "these are unread"


def _two_are_red(tenant: Tenant) -> None:
    """Of what the first school's page of readiness says, a thing past its date and the sheet that nobody has printed."""
    found = {tile.area: tile.level for tile in tiles(read_school(tenant, chain_moment()).facts)}
    assert found[Area.KIT] is found[Area.SHEET] is Level.MISSING
    assert found[Area.ROTA] is Level.LOOK, "a vacation ahead that is not filled yet"
    for area in (Area.SEATS, Area.PLANS, Area.OUTSIDE, Area.CHANNELS, Area.LOCAL_LINE):
        assert found[area] is Level.HOLDS, area


def _reads_well(tenant: Tenant) -> None:
    """The first school's one incident about somebody: ended, at its own minutes, with nothing that is still to be sent or called; and a
    report that anybody sent, with its letters.
    """
    incident = Incident.objects.get(is_drill=False, person__isnull=False)
    reported = Incident.objects.get(is_drill=False, person__isnull=True)
    assert (reported.state, reported.reports.get().read_at is not None) == ("false_alarm", True)
    letters = ReportLetter.objects.filter(report__incident=reported).order_by("number")
    assert [letter.by_id is None for letter in letters] == [False, True, False]
    assert (incident.state, incident.outcome, incident.grade) == ("closed", "supported", "general")
    assert incident.person_id is not None and incident.reported_by_id is not None
    rows = list(Timeline.objects.filter(incident=incident).order_by("at", "pk"))
    assert [row.code for row in rows][:2] == ["opened", "leg.step_due"] and len(rows) > 20
    assert rows[0].at < rows[-1].at < now() - timedelta(days=3)
    waiting = Delivery.objects.filter(state__in=("queued", "claimed"))
    assert list(waiting.values_list("leg__kind", "text", "epoch", "leg__epoch", "leg__state")) == []
    assert not Leg.objects.filter(next_at__isnull=False).exists()
    drill = Drill.objects.get()
    assert (drill.state, bool(drill.learnt), drill.changes.count()) == ("ended", True, 2)
    lines = {line.what: line for line in report_of(drill).lines}
    assert any(line.is_late for line in lines.values()) and not all(line.is_late for line in lines.values())
    assert not OutboxMessage.objects.filter(template__contains="drill").exists(), "it never left the house"
    change = DutyChange.objects.get()
    assert state_of(change, tenant.day_of(now())) == "arranged"
    assert not ChainClock.objects.exists(), "the chain's clock is right again"
    assert not set(Timeline.objects.values_list("code", flat=True)) - HAPPENED_CODES
