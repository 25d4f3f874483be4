"""What the database itself refuses of an incident: a quiet leg, a second live one, a drill that could reach somebody."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from kernel.clock import now
from referrals.emergency.models import Incident, Leg, Timeline
from referrals.emergency.rules.leg_states import OPEN, LegState
from tenancy.models import Tenant
from tests.conftest import make_person
from tests.emergency.incident_rows import delivery_row, incident_row, leg_row, recipient_row
from vault import own_key
from vault.cipher import Unreadable

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(open_school: Tenant) -> Any:
    return make_person(open_school, "staff")


def refused(name: str, act: Callable[[], object]) -> None:
    """``act`` breaks the constraint ``name``, now or when the transaction would end."""
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("state", sorted(OPEN))
def test_an_open_leg_without_a_next_clock_cannot_be(state: str, person: Any) -> None:
    """E3, in the database."""
    drill = state == LegState.FROZEN
    incident = incident_row(person, is_drill=drill)
    leg = leg_row(incident, state=state)
    refused("leg_open_has_one_clock", lambda: Leg.objects.filter(pk=leg.pk).update(next_at=None))
    refused("leg_open_has_one_clock", lambda: Leg.objects.filter(pk=leg.pk).update(next_event=""))


@pytest.mark.parametrize("state", sorted(set(LegState) - OPEN))
def test_an_ended_leg_has_no_clock(state: str, person: Any) -> None:
    leg = leg_row(incident_row(person))
    refused("leg_open_has_one_clock", lambda: Leg.objects.filter(pk=leg.pk).update(state=state))
    Leg.objects.filter(pk=leg.pk).update(state=state, next_at=None, next_event="")


def test_a_live_incident_has_a_clock_and_an_open_one_a_grade(person: Any) -> None:
    incident = incident_row(person)
    rows = Incident.objects.filter(pk=incident.pk)
    refused("incident_live_has_a_clock", lambda: rows.update(next_at=None))
    refused("incident_open_is_graded", lambda: rows.update(state="open"))
    refused("incident_live_has_a_clock", lambda: rows.update(state="closed", closed_at=now()))
    refused("incident_ended_says_when", lambda: rows.update(state="closed", next_at=None))
    rows.update(state="open", grade="major")


def test_one_live_incident_of_a_person_and_drills_beside_it(person: Any) -> None:
    incident_row(person)
    refused("incident_one_live_of_person", lambda: incident_row(person))
    incident_row(person, is_drill=True)
    incident_row(person, is_drill=True)
    incident_row(None)
    incident_row(None)


def test_one_leg_of_a_kind(person: Any) -> None:
    incident = incident_row(person)
    leg_row(incident)
    refused("leg_kind_once", lambda: leg_row(incident))
    leg_row(incident, kind="family")


def test_only_a_drill_freezes(person: Any) -> None:
    incident = incident_row(person)
    refused("leg_frozen_in_drills", lambda: leg_row(incident, state="frozen"))


class TestADrillReachesNobody:
    """E6: by the database, whatever the code above it does."""

    def test_its_recipient_has_no_address(self, person: Any) -> None:
        leg = leg_row(incident_row(None, is_drill=True))
        recipient = recipient_row(leg, member=person)
        recipient.address = "+8613800138000"
        refused("recipient_of_a_drill_has_no_address", recipient.save)
        refused("recipient_of_a_drill_has_no_address", lambda: recipient_row(leg, target_hash=b"y" * 32))

    @pytest.mark.parametrize("channel", ["sms", "voice", "wecom", "email", "gateway"])
    def test_its_delivery_stays_in_the_house(self, channel: str, person: Any) -> None:
        recipient = recipient_row(leg_row(incident_row(None, is_drill=True)), member=person)
        delivery_row(recipient)
        refused("delivery_of_a_drill_stays_in", lambda: delivery_row(recipient, channel=channel))

    def test_it_hangs_on_a_drill_all_the_way_up(self, person: Any) -> None:
        drill, real = incident_row(None, is_drill=True), incident_row(None)
        refused("emergency_leg_incident_fk", lambda: leg_row(drill, is_drill=False))
        refused("emergency_leg_incident_fk", lambda: leg_row(real, is_drill=True))
        leg = leg_row(drill)
        refused("emergency_recipient_leg_fk", lambda: recipient_row(leg, is_drill=False, target_hash=b"z" * 32))
        recipient = recipient_row(leg, member=person)
        refused("emergency_delivery_recipient_fk", lambda: delivery_row(recipient, is_drill=False, channel="sms"))

    def test_a_drill_does_not_become_real_under_its_rows(self, person: Any) -> None:
        drill = incident_row(None, is_drill=True)
        leg_row(drill)
        refused("emergency_leg_incident_fk", lambda: Incident.objects.filter(pk=drill.pk).update(is_drill=False))


def test_the_same_page_is_one_row(person: Any) -> None:
    recipient = recipient_row(leg_row(incident_row(person)))
    delivery_row(recipient, key="once")
    refused("delivery_key_once", lambda: delivery_row(recipient, key="once"))
    refused("recipient_once_a_round", lambda: recipient_row(recipient.leg))


def test_what_happened_is_never_changed(person: Any) -> None:
    incident = incident_row(person)
    Timeline.objects.create(incident=incident, code="opened")
    refused("permission denied|append-only", lambda: Timeline.objects.update(code="other"))
    refused("permission denied|append-only", lambda: Timeline.objects.all().delete())


def test_its_words_are_sealed_under_a_key_of_its_own_and_die_with_it(person: Any) -> None:
    incident = incident_row(person)
    incident.own_key = own_key.new_key(incident.tenant_id, incident._meta.db_table, incident.pk)
    incident.write_words("signs", "三天没来上班")
    incident.save()
    found = Incident.objects.get(pk=incident.pk)
    assert found.read_words("signs") == "三天没来上班"
    assert "三天".encode() not in bytes(found.signs_sealed)
    Incident.objects.filter(pk=incident.pk).update(own_key=None)
    assert Incident.objects.get(pk=incident.pk).read_words("signs") == ""


def test_the_words_of_one_incident_do_not_open_in_another(person: Any) -> None:
    one, other = incident_row(person), incident_row(None)
    one.own_key = own_key.new_key(one.tenant_id, one._meta.db_table, one.pk)
    one.write_words("signs", "words")
    other.own_key, other.signs_sealed = one.own_key, one.signs_sealed
    with pytest.raises(Unreadable):
        other.read_words("signs")
