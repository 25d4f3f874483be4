"""A restored or cloned database calls nobody until the operator has released each incident by name (chain §7, ADR 0057)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from notifications.providers import mark
from operations.doctor_chain import released
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.rounds import decide_round
from referrals.emergency.engine.send import CHANNELS, send_due
from referrals.emergency.engine.signs import signs
from referrals.emergency.models import Delivery, Incident, Leg, Recipient
from referrals.emergency.rules.sending import MOST_CLAIMS
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import no_scope, use_tenant
from tests.emergency.world import World, codes, legs_of, make_due, paged
from tests.gateway import Gateway, open_gateway
from tests.providers.marked import marked
from tests.tenancy.catalogue import owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    """The gateway of a server: without the mark nothing reaches it."""
    settings.LOOPBACK_IS_OURS = False
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


def hold_what_is_older() -> None:
    """As ``mark_instance --put`` on a copy."""
    with owner() as rows:
        rows.execute("UPDATE notifications_instancemark SET holds_before = clock_timestamp()")


def engine(world: World) -> None:
    """One round of it, as the engine does it over all schools; what was put back comes again at once."""
    Delivery.objects.filter(state="queued", error="no_mark").update(due_at=chain_now())
    with no_scope():
        decide_round()
        for channel in CHANNELS:
            send_due(channel)


def outward(**wanted: Any) -> set[tuple[str, str, int]]:
    rows = Delivery.objects.exclude(channel="in_app").filter(**wanted)
    return set(rows.values_list("state", "error", "claims"))


def test_no_mark_then_a_mark_then_nothing_then_released_and_everybody_is_called_once(
    world: World, gateway: Gateway, capsys: Any
) -> None:
    incident = world.open(grade="major")
    for _ in range(MOST_CLAIMS + 2):
        engine(world)
    assert gateway.taken == []
    assert outward(channel="sms") == {("queued", "no_mark", 0)}, "it waits, and has used up none of its tries"
    assert paged(incident, "school") == ["on_duty:1"], "nothing failed, so nobody else is called for it"
    written = Delivery.objects.count()

    with marked():
        hold_what_is_older()
        make_due(incident, "school", "step_due")
        Incident.objects.filter(pk=incident.pk).update(next_at=chain_now() - timedelta(minutes=2))
        before = legs_of(incident)["school"]
        engine(world)
        assert decide_school() == decide_incidents() == 0
        after = legs_of(incident)["school"]
        assert (after.position, after.next_at, after.epoch) == (before.position, before.next_at, before.epoch)
        assert gateway.taken == [] and Delivery.objects.count() == written
        with no_scope():
            found = signs()
        assert (dict(found.late), dict(found.waiting)) == ({}, {}), "the watchdog calls nobody for it"

        new = world.open(grade="major", person_id=world.members["moral"].pk)
        engine(world)
        assert paged(new, "school") == ["on_duty:1"], "what begins here is called for"
        called = len(gateway.taken)
        assert called

        slug = world.school.slug
        with no_scope():
            call_command("release_incident")
        assert f"{slug} {incident.number}: " in capsys.readouterr().out
        with no_scope():
            assert (released().well, released().seen) == (False, "1 incidents call nobody")
        with no_scope(), pytest.raises(CommandError):
            call_command("release_incident", slug, new.number)
        with no_scope():
            call_command("release_incident", slug, incident.number)
        told = capsys.readouterr().out
        assert "released" in told and "0 起" in told
        with no_scope():
            assert released().well
        with use_tenant(world.school.pk):
            engine(world)
        assert "incident.released" in codes(incident)
        assert [role for role in paged(incident, "school") if role.startswith("on_duty")] == ["on_duty:1", "on_duty:2"]
        assert {state for state, *_ in outward(channel="sms", leg__incident=incident)} == {"sent"}
        assert len(gateway.taken) > called
    mark.forget()


def test_what_piled_up_while_nothing_could_leave_goes_once_to_each(world: World, gateway: Gateway) -> None:
    incident = world.open(grade="major")
    for _ in range(3 * 3 + 1):
        make_due(incident, "school")
        engine(world)
    for _ in range(6):
        make_due(incident, "school", "tick")
        engine(world)
    leg = legs_of(incident)["school"]
    assert leg.state == "exhausted"
    waiting = Delivery.objects.filter(leg=leg, state="queued", channel="sms")
    assert waiting.count() > 20
    targets = {bytes(one) for one in waiting.values_list("recipient__target_hash", flat=True)}
    with marked():
        hold_what_is_older()
        with no_scope():
            call_command("release_incident", world.school.slug, incident.number)
        with use_tenant(world.school.pk):
            engine(world)
        sent = Delivery.objects.filter(leg=leg, channel="sms", state__in=("sent", "folded"))
        assert sorted(bytes(one) for one in sent.values_list("recipient__target_hash", flat=True)) == sorted(targets)
    mark.forget()


class TestLongOverdue:
    """A step overdue for more than six hours goes to the head of the centre and the operator before the family."""

    def family(self, world: World, hours: float) -> Incident:
        incident = world.open()
        Leg.objects.filter(incident=incident, kind="family").update(next_at=chain_now() - timedelta(hours=hours))
        return incident

    def test_the_school_hears_first_and_the_family_one_wait_later(self, world: World) -> None:
        incident = self.family(world, 6.1)
        decide_school()
        assert paged(incident, "family") == ["operator", "seat:centre_head"] or sorted(paged(incident, "family")) == [
            "operator", "seat:centre_head",
        ]  # fmt: skip
        leg = legs_of(incident)["family"]
        assert (leg.state, leg.next_event) == ("paging", "step_due"), "age alone holds nothing"
        assert timedelta(minutes=1, seconds=50) < leg.next_at - chain_now() < timedelta(minutes=2, seconds=1)
        assert "leg.overdue" in codes(incident)
        make_due(incident, "family")
        decide_school()
        assert paged(incident, "family")[-1] == "contact:1"

    def test_an_outage_of_hours_below_six_calls_the_family_at_once(self, world: World) -> None:
        incident = self.family(world, 5.9)
        decide_school()
        assert paged(incident, "family") == ["contact:1"]

    def test_whoever_holds_it_meanwhile_keeps_the_family_out(self, world: World) -> None:
        incident = self.family(world, 12)
        decide_school()
        Leg.objects.filter(incident=incident, kind="family").update(state="held", next_event="hold_due")
        make_due(incident, "family", "hold_due")
        decide_school()
        assert not Recipient.objects.filter(leg__incident=incident, role__startswith="contact").exists()

    def test_a_late_tick_calls_the_team_and_not_the_family(self, world: World) -> None:
        incident = world.open()
        leg = Leg.objects.get(incident=incident, kind="family")
        decide_school()
        long_ago = chain_now() - timedelta(hours=7)
        Leg.objects.filter(pk=leg.pk).update(state="exhausted", next_event="tick", ticks=5, next_at=long_ago)
        decide_school()
        assert "operator" in paged(incident, "family")
        assert not Delivery.objects.filter(leg=leg, key__contains=":tick6:").exists()
