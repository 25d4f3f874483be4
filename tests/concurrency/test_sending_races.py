"""A batch of pages of several schools: what fails or is held in one costs the pages of no other anything (chain §5)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from kernel.clock import now
from notifications.models import InboxMessage
from notifications.providers.ports import Sent
from referrals.emergency.engine.claiming import claim_in
from referrals.emergency.engine.queue import Tried, settle_in
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Delivery
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.emergency.sending_steps import leg_that_pages, page_row
from tests.emergency.world import World, make_world
from tests.gateway import Gateway, open_gateway
from tests.tenancy.catalogue import owner

pytestmark = pytest.mark.usefixtures("committed")
NUMBERS = ("+8613900000041", "+8613900000042")


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


@pytest.fixture
def other(world: World) -> World:
    school = make_school()
    with use_tenant(school.pk):
        return make_world(school)


def pages(place: World, channel: str = "sms") -> list[Delivery]:
    people = ("head", "duty")
    with use_tenant(place.school.pk):
        leg = leg_that_pages()
        return [
            page_row(leg, number, channel=channel, member=place.members[who] if channel == "in_app" else None)
            for number, who in zip(NUMBERS, people, strict=True)
        ]


def states(place: World, channel: str = "sms") -> list[str]:
    with use_tenant(place.school.pk):
        return sorted(Delivery.objects.filter(channel=channel).values_list("state", flat=True))


@contextmanager
def refused_by_the_database(place: World, state: str, page: Delivery | None = None) -> Iterator[None]:
    """As the owner of the database: no page of this school, or not this one, can be written as ``state``."""
    which = f"NEW.tenant_id = '{place.school.pk}'" if page is None else f"NEW.id = '{page.pk}'"
    with owner() as connection:
        connection.execute(
            "CREATE FUNCTION emergency_poison() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'poisoned'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER poison BEFORE UPDATE ON emergency_delivery FOR EACH ROW"
            f" WHEN ({which} AND NEW.state = '{state}') EXECUTE FUNCTION emergency_poison()"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER poison ON emergency_delivery")
            connection.execute("DROP FUNCTION emergency_poison()")


@pytest.mark.parametrize(("fails", "left"), [("claimed", "queued"), ("sent", "claimed")])
def test_a_school_whose_rows_cannot_be_written_keeps_no_other_from_its_pages(
    fails: str, left: str, world: World, other: World, gateway: Gateway
) -> None:
    for place in (world, other):
        pages(place)
    with refused_by_the_database(world, fails):
        send_due("sms")
        assert (states(world), states(other)) == ([left] * 2, ["sent"] * 2)
    with use_tenant(world.school.pk):
        Delivery.objects.update(lease_until=now() - timedelta(seconds=1))
    send_due("sms")
    assert states(world) == ["sent"] * 2, "and its own come again"


def test_in_the_house_one_page_that_cannot_be_written_keeps_no_other_from_its_reader(
    world: World, other: World
) -> None:
    bad, good = pages(world, "in_app")
    pages(other, "in_app")
    with refused_by_the_database(world, "sent", bad):
        send_due("in_app")
    assert (states(world, "in_app"), states(other, "in_app")) == (["claimed", "sent"], ["sent"] * 2)
    with use_tenant(world.school.pk):
        told = InboxMessage.objects.filter(membership__in=[good.recipient.member_id, bad.recipient.member_id])
        assert [one.key for one in told] == [good.key], "what is not settled is not shown: it comes once, later"
        Delivery.objects.update(lease_until=now() - timedelta(seconds=1))
    send_due("in_app")
    assert states(world, "in_app") == ["sent"] * 2
    with use_tenant(world.school.pk):
        assert sorted(told.all().values_list("key", flat=True)) == sorted([good.key, bad.key])


def test_a_page_that_somebody_writes_is_settled_by_itself_and_the_others_do_not_wait(
    world: World, other: World
) -> None:
    due = {place.school.pk: [page.pk for page in pages(place)] for place in (world, other)}
    taken = claim_in(due)
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with use_tenant(world.school.pk), transaction.atomic():
            Delivery.objects.select_for_update(no_key=True).get(pk=due[world.school.pk][0])
            held.set()
            over.wait(30)
        connections.close_all()

    def settle() -> None:
        settle_in({pk: [(one.page, Tried(Sent("x"), "gateway")) for one in rows] for pk, rows in taken.items()})
        connections.close_all()

    hand, sender = threading.Thread(target=hold), threading.Thread(target=settle)
    hand.start()
    assert held.wait(30)
    sender.start()
    sender.join(1.5)
    assert sender.is_alive(), "the one that is held is waited for, when nothing else is held"
    assert (states(world), states(other)) == (["claimed", "sent"], ["sent"] * 2)
    over.set()
    for thread in (hand, sender):
        thread.join(30)
    assert states(world) == ["sent"] * 2
