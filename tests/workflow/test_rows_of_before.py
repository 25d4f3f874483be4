"""Rows of before carry over: each migration that fills columns is run on a filled school brought back to the shape of before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.operations import RunSQL

from kernel.clock import as_of
from referrals.models import Booking, Offer, Redemption, Referral
from referrals.workflow.answering import confirm_offer, decline_offer
from referrals.workflow.objecting import dispute
from referrals.workflow.redeeming import redeem
from referrals.workflow.rescheduling import ask_reschedule
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import ask
from tests.workflow.missed_steps import booked
from tests.workflow.several_steps import agency_with, ask_several, pay_for

missed: Any = import_module("referrals.migrations.0017_missed")
several: Any = import_module("referrals.migrations.0020_several_agencies")


@contextmanager
def owner() -> Iterator[psycopg.Connection]:
    """The database's owner, who migrates; commits at the end."""
    at, login = connection.settings_dict, settings.OWNER_DATABASE
    with psycopg.connect(
        user=login["USER"], password=login["PASSWORD"], host=at["HOST"], port=at["PORT"], dbname=at["NAME"]
    ) as found:
        found.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield found


@contextmanager
def unwalled(found: psycopg.Connection, *tables: str) -> Iterator[None]:
    """The owner sees the rows of every school meanwhile."""
    for table in tables:
        found.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in tables:
        found.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def is_walled(found: psycopg.Connection, *tables: str) -> bool:
    walls = "SELECT count(*) FROM pg_class WHERE relname = ANY(%s) AND relforcerowsecurity"
    return found.execute(walls, [list(tables)]).fetchone() == (len(tables),)


def sql_of(module: Any) -> list[str]:
    """What the migration runs as it stands."""
    return [text for each in module.Migration.operations if isinstance(each, RunSQL) for text in each.sql]


def of_bookings() -> dict[Any, Any]:
    return {row.pk: (row.state, row.due_at) for row in Booking.objects.all()}


def of_redemptions() -> dict[Any, Any]:
    return {row.pk: (row.state, row.service_date, row.due_at) for row in Redemption.objects.all()}


def plant(zone: str = "") -> Journey:
    """A school; ``zone``: its own, when it is not Shanghai's."""
    tenant = make_school()
    if zone:
        Tenant.objects.filter(pk=tenant.pk).update(time_zone=zone)
        tenant.refresh_from_db()
    return make_journey(tenant)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi"])
def test_appointments_of_before_get_their_clock_and_redemptions_their_day(committed: None, zone: str) -> None:
    journey = plant(zone)
    with use_tenant(journey.tenant.id), transaction.atomic():
        booked(journey, days=9)
        _again, moved, _voucher = booked(journey, days=11, who=journey.staff2)
        later = moved.starts_at + timedelta(hours=3)
        ask_reschedule(
            actor=journey.staff2, tenant=journey.tenant, booking_id=moved.pk, starts_at=later,
            ends_at=later + timedelta(minutes=50),
        )  # fmt: skip
        _visit_at_home(journey)
        _used, had, voucher = booked(journey, days=2, who=journey.finance)
        with as_of(had.starts_at):
            redeem(actor=journey.partner_counter, text=voucher.code)
        _other, second, code = booked(journey, days=4, who=journey.centre)
        with as_of(second.starts_at):
            (line,) = redeem(actor=journey.partner_counter, text=code.code)
        Redemption.objects.filter(pk=line.pk).update(state="validated", due_at=None)
    with use_tenant(journey.tenant.id):
        wanted = of_bookings(), of_redemptions()
        assert sum(state == "confirmed" for state, _due in wanted[0].values()) == 3
        assert len({due for _state, due in wanted[0].values() if due}) == 3
    with owner() as found:
        with unwalled(found, *missed.TABLES):
            found.execute("ALTER TABLE referrals_redemption ALTER service_date DROP NOT NULL")
            found.execute("UPDATE referrals_booking SET due_at = NULL, remind_at = NULL")
            found.execute("UPDATE referrals_redemption SET due_at = NULL, service_date = NULL")
        found.commit()
        missed.fill(None, found)
        found.execute("ALTER TABLE referrals_redemption ALTER service_date SET NOT NULL")
        assert is_walled(found, *missed.TABLES)
    with use_tenant(journey.tenant.id):
        assert (of_bookings(), of_redemptions()) == wanted
        assert not Booking.objects.exclude(remind_at=None).exists(), "nobody is reminded of what was made before"


def _visit_at_home(journey: Journey) -> None:
    """An open voucher, good for ninety days from its first visit."""
    pay_for(journey, "home_help")
    service, office = agency_with(journey, "home_help", 20_000, mode="confirm")
    asked = ask(journey, service=service, days=13, who=journey.union)
    start = asked.windows.get().starts_at
    confirm_offer(
        actor=office, tenant=journey.tenant, offer_id=Offer.objects.get(referral=asked).pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip


def test_offers_of_before_say_their_fee_and_the_split_only_once_accepted(committed: None) -> None:
    journey = plant()
    with use_tenant(journey.tenant.id), transaction.atomic():
        pay_for(journey, "home_help")
        rows = [agency_with(journey, "home_help", fee) for fee in (20_000, 40_000)]
        asked = ask_several(journey, [service for service, _office in rows])
        start = asked.windows.get().starts_at
        decline_offer(
            actor=rows[1][1], offer_id=Offer.objects.get(referral=asked, service=rows[1][0]).pk, reason="no_capacity"
        )
        confirm_offer(
            actor=rows[0][1], tenant=journey.tenant,
            offer_id=Offer.objects.get(referral=asked, service=rows[0][0]).pk,
            starts_at=start, ends_at=start + timedelta(minutes=50),
        )  # fmt: skip
        ask(journey, days=5, who=journey.staff2)
    with use_tenant(journey.tenant.id):
        wanted = {row.pk: (row.state, row.fee_fen, row.subsidy_fen, row.self_fen) for row in Offer.objects.all()}
    assert {state for state, *_amounts in wanted.values()} == {"accepted", "declined", "open"}
    assert {subsidy is None for state, _fee, subsidy, _own in wanted.values() if state != "accepted"} == {True}
    with owner() as found:
        with unwalled(found, "referrals_offer"):
            found.execute("ALTER TABLE referrals_offer ALTER fee_fen DROP NOT NULL")
            found.execute(
                "UPDATE referrals_offer SET subsidy_fen = coalesce(subsidy_fen, fee_fen / 2),"
                " self_fen = coalesce(self_fen, fee_fen - fee_fen / 2), fee_fen = NULL"
            )
        found.commit()
        for text in sql_of(several):
            found.execute(text)
        found.execute("ALTER TABLE referrals_offer ALTER fee_fen SET NOT NULL")
        assert is_walled(found, "referrals_offer")
    with use_tenant(journey.tenant.id):
        assert {
            row.pk: (row.state, row.fee_fen, row.subsidy_fen, row.self_fen) for row in Offer.objects.all()
        } == wanted


def test_completed_requests_of_before_get_the_clock_that_closes_them_and_objections_go_on(committed: None) -> None:
    after: Any = import_module("referrals.migrations.0023_after")
    journey = plant()
    with use_tenant(journey.tenant.id), transaction.atomic():
        referral, had, voucher = booked(journey, days=2)
        with as_of(had.starts_at):
            (line,) = redeem(actor=journey.partner_counter, text=voucher.code)
            dispute(actor=journey.staff, tenant=journey.tenant, redemption_id=line.pk, reason="other_day")
        open_one, _booking, _code = booked(journey, days=4, who=journey.staff2)
    with use_tenant(journey.tenant.id):
        stands = Referral.objects.get(pk=open_one.pk).deadline
    with owner() as found:
        with unwalled(found, "referrals_referral", "referrals_redemption"):
            found.execute("UPDATE referrals_referral SET deadline = NULL WHERE state = 'completed'")
            found.execute("UPDATE referrals_redemption SET due_at = NULL")
        found.commit()
        for text in sql_of(after):
            found.execute(text)
        assert is_walled(found, "referrals_referral", "referrals_redemption")
    with use_tenant(journey.tenant.id):
        done = Referral.objects.get(pk=referral.pk)
        assert done.deadline == done.changed_at + timedelta(days=15)
        assert Referral.objects.get(pk=open_one.pk).deadline == stands
        line.refresh_from_db()
        assert line.due_at is not None, "the sweep passes it on"
