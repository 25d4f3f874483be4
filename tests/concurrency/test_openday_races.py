"""Many families who answer at the same moment: never one seat too many, and the rest in order (books §6)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum

from content.opendays import seating
from content.opendays.models import Claim
from content.opendays.rules import MOST_CHANGES_A_DAY
from content.opendays.workflow.answering import answer, call_off_answer, change_answer
from kernel.errors import Conflict, Refused
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.opendays.world import World, another_invitation, come, family, make_world

pytestmark = pytest.mark.usefixtures("committed")

WORKERS = 16


@pytest.fixture
def school() -> Any:
    return make_school()


def rush(world: World, sizes: list[int], *, act: Any = None) -> list[Any]:
    """Families of these ``sizes`` answer, sixteen at any moment; the secret or the refusal of each."""
    with use_tenant(world.school.pk):
        links = [another_invitation(world).token for _ in range((len(sizes) + 3) // 4)]
    gate = threading.Barrier(WORKERS)

    def worker(number: int) -> list[tuple[int, Any]]:
        told: list[tuple[int, Any]] = []
        try:
            with use_tenant(world.school.pk):
                connection.ensure_connection()
                gate.wait(timeout=120)
                for place in range(number, len(sizes), WORKERS):
                    said = family(sizes[place], may_wait=True)
                    try:
                        told.append((place, (act or answer)(token=links[place // 4], form_key=f"f{place}", said=said)))
                    except Conflict as error:
                        told.append((place, error))
        finally:
            connections.close_all()
        return told

    with ThreadPoolExecutor(WORKERS) as pool:
        parts = list(pool.map(worker, range(WORKERS)))
    return [what for _place, what in sorted((pair for part in parts for pair in part), key=lambda pair: pair[0])]


def test_of_two_hundred_who_come_alone_exactly_forty_get_in_and_the_rest_wait_in_order(school: Any) -> None:
    """Sixteen at any moment, whoever many they are in all; a thousand for two hundred places: ``bin/bench openday``."""
    with use_tenant(school.pk):
        world = make_world(school, capacity=40)
    secrets = rush(world, [1] * 200)
    assert all(isinstance(secret, str) for secret in secrets)
    with use_tenant(school.pk):
        claims = Claim.objects.filter(session=world.entry)
        assert claims.aggregate(seats=Sum("seats"), wants=Sum("wants")) == {"seats": 40, "wants": 160}
        assert sorted(claims.exclude(line=None).values_list("line", flat=True)) == list(range(1, 161))
        first = claims.order_by("line").exclude(line=None).first()
        in_by_order = claims.filter(seats=1).order_by("party__created_at").first()
        assert first is not None and in_by_order is not None
        freed = secrets[next(n for n, secret in enumerate(secrets) if _has_seat(secret, world))]
        call_off_answer(token=freed)
        first.refresh_from_db()
        assert first.offered == 1, "the one who waited longest is asked first"


def _has_seat(secret: str, world: World) -> bool:
    from content.opendays.links import party_of

    return Claim.objects.filter(party=party_of(secret), session=world.entry, seats=1).exists()


def test_families_of_one_to_four_never_exceed_and_leave_less_than_the_smallest_who_waits(school: Any) -> None:
    for capacity in (50, 97):
        with use_tenant(school.pk):
            world = make_world(school, capacity=capacity)
        rush(world, [1 + n % 4 for n in range(80)])
        with use_tenant(school.pk):
            claims = Claim.objects.filter(session=world.entry)
            seats = sum(claims.values_list("seats", flat=True)) + sum(claims.values_list("offered", flat=True))
            sizes = [wants for wants, offered in claims.values_list("wants", "offered") if wants and not offered]
            assert seats <= capacity
            assert sizes and capacity - seats < min(sizes)


def test_changes_at_once_are_each_counted_and_take_no_seat_too_many(school: Any) -> None:
    """Two families change again and again in a hall of eight; one that is offered seats meanwhile answers that first."""
    with use_tenant(school.pk):
        world = make_world(school, capacity=8)
        secrets = [come(world, family(1)), come(world, family(1))]

    def change(number: int) -> str:
        try:
            with use_tenant(school.pk):
                change_answer(token=secrets[number % 2], said=family(1 + number % 5, may_wait=True))
        except (Conflict, Refused) as error:
            return error.reason
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(change, range(2 * MOST_CHANGES_A_DAY + 6)))
    with use_tenant(school.pk):
        parties = [claim.party for claim in Claim.objects.filter(session=world.entry).select_related("party")]
        assert all(party.changes <= MOST_CHANGES_A_DAY for party in parties)
        assert sum(party.changes for party in parties) == told.count("")
        claims = Claim.objects.filter(session=world.entry)
        assert sum(claims.values_list("seats", flat=True)) + sum(claims.values_list("offered", flat=True)) <= 8


def test_thirty_changes_at_once_of_one_answer_are_twelve(school: Any) -> None:
    with use_tenant(school.pk):
        world = make_world(school, capacity=8)
        secret = come(world, family(1))

    def change(number: int) -> str:
        try:
            with use_tenant(school.pk):
                change_answer(token=secret, said=family(1 + number % 5))
        except Refused as error:
            return error.reason
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(change, range(30)))
    assert (told.count(""), told.count("changed_often")) == (MOST_CHANGES_A_DAY, 30 - MOST_CHANGES_A_DAY)


def test_the_control_counts_without_the_lock_and_lets_too_many_in(school: Any) -> None:
    """The same act as one would write it by hand: count what is taken, then write, everybody looking at once."""
    with use_tenant(school.pk):
        world = make_world(school, capacity=4)
    looked = threading.Barrier(WORKERS)

    def careless(*, token: str, form_key: str, said: Any) -> str:
        free = seating.free_in(world.entry, world.day.created_at)
        looked.wait(timeout=120)
        if free < 1:
            raise Conflict("seats_left")
        with transaction.atomic():
            answer(token=token, form_key=form_key, said=said)
            # What the lock would have kept waiting is written as if nobody else had come.
            Claim.objects.filter(party__form_key__isnull=False, session=world.entry, wants__gt=0).update(
                seats=1, wants=0, line=None
            )
        return form_key

    rush(world, [1] * WORKERS, act=careless)
    with use_tenant(school.pk):
        assert sum(Claim.objects.filter(session=world.entry).values_list("seats", flat=True)) == WORKERS
