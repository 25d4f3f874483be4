"""The database answers that its disk is full (SQLSTATE 53100): no leg is parked for it, and its page leaves afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import sql

from referrals.emergency.engine.rounds import decide_round
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Delivery
from tenancy.scope import no_scope, use_tenant
from tests.conftest import make_school
from tests.emergency.world import codes, legs_of, make_world, paged
from tests.gateway import Gateway, open_gateway
from tests.tenancy.catalogue import owner

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


@contextmanager
def full(table: str, school: Any) -> Iterator[None]:
    """Nothing can be added to ``table`` for ``school``."""
    with owner() as rows:
        rows.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
        rows.execute(
            sql.SQL(
                "CREATE TRIGGER no_room BEFORE INSERT ON {} FOR EACH ROW WHEN (NEW.tenant_id = {}) EXECUTE FUNCTION no_room()"
            ).format(sql.Identifier(table), sql.Literal(str(school.pk)))
        )
        try:
            yield
        finally:
            rows.execute("DROP FUNCTION no_room() CASCADE")


def one_round() -> int:
    with no_scope():
        return decide_round()


@pytest.mark.parametrize("table", ["emergency_recipient", "emergency_delivery", "emergency_timeline"])
def test_the_round_goes_on_and_the_page_leaves_when_there_is_room(table: str, gateway: Gateway) -> None:
    worlds = []
    for _ in range(2):
        school = make_school()
        with use_tenant(school.pk):
            worlds.append(make_world(school))
    incidents = []
    for world in worlds:
        with use_tenant(world.school.pk):
            incidents.append(world.open(grade="major"))
    with full(table, worlds[0].school):
        one_round()
        with use_tenant(worlds[0].school.pk):
            assert paged(incidents[0]) == []
            leg = legs_of(incidents[0])["school"]
            assert (leg.state, leg.next_event) == ("paging", "step_due"), "it waits for nothing but room"
        with use_tenant(worlds[1].school.pk):
            assert paged(incidents[1], "school") == ["on_duty:1"], "another school's page does not wait"
    one_round()
    with no_scope():
        send_due("sms")
    with use_tenant(worlds[0].school.pk):
        assert paged(incidents[0], "school") == ["on_duty:1"]
        assert "leg.poisoned" not in codes(incidents[0])
        sent = Delivery.objects.filter(leg__incident=incidents[0], leg__kind="school", channel="sms")
        assert list(sent.values_list("state", flat=True)) == ["sent"]
    assert gateway.keys(worlds[0].school.slug)


def test_a_page_that_left_while_its_result_could_not_be_written_is_the_same_page_afterwards(gateway: Gateway) -> None:
    """What is not settled comes again under its one key, which the gateway knows."""
    school = make_school()
    with use_tenant(school.pk):
        world = make_world(school)
        incident = world.open(grade="major")
    one_round()
    with owner() as rows:
        rows.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
        )
        rows.execute(
            "CREATE TRIGGER no_room BEFORE UPDATE ON emergency_delivery FOR EACH ROW"
            " WHEN (NEW.state = 'sent') EXECUTE FUNCTION no_room()"
        )
        try:
            with no_scope():
                send_due("sms")
        finally:
            rows.execute("DROP FUNCTION no_room() CASCADE")
    with use_tenant(school.pk):
        pages = Delivery.objects.filter(leg__incident=incident, leg__kind="school", channel="sms")
        assert set(pages.values_list("state", flat=True)) == {"claimed"}
        Delivery.objects.filter(channel="sms", state="claimed").update(lease_until=None, state="queued")
    with no_scope():
        send_due("sms")
    with use_tenant(school.pk):
        assert set(pages.values_list("state", flat=True)) == {"sent"}
    keys = gateway.keys(school.slug)
    assert len(keys) == 2 * len(set(keys)), "twice under one key: the gateway sends it on once"
