"""Requests that were reserved as a whole get their units; not a fen moves, and their lives go on by the unit (books §1)."""

from collections import defaultdict
from datetime import timedelta
from importlib import import_module
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

from accounts.actor import system_in
from kernel.clock import as_of
from ledger.models import Account, Transfer
from ledger.selectors import difference
from referrals.models import Booking, Redemption, Referral, Unit, Voucher
from referrals.subsidies import accounting
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.ending import expire_voucher
from referrals.workflow.redeeming import redeem, reverse
from referrals.workflow.submitting import decline_referral, look_again
from referrals.workflow.unscanned import pass_time
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

migration: Any = import_module("referrals.migrations.0012_units_of_before")
TABLES = ("ledger_transfer", "ledger_entry", *migration._TABLES)


def lived(journey: Journey) -> dict[str, Referral]:
    """A request of every kind of life, by what happened to it."""
    found = {"offered": ask(journey, units=2, days=4)}
    for days, (word, units) in enumerate((("served", 3), ("reversed", 1), ("over", 1)), start=5):
        found[word] = ask(
            journey, units=units, days=days, who=journey.actors["union" if word == "served" else "staff2"]
        )
        booking = answer(journey, found[word])
        voucher = Voucher.objects.get(booking=booking)
        if word == "over":
            with as_of(booking.ends_at + timedelta(days=1)):
                expire_voucher(actor=system_in(journey.tenant.id), tenant=journey.tenant, voucher_id=voucher.pk)
            continue
        with as_of(booking.starts_at):
            (taken,) = redeem(actor=journey.partner_counter, text=voucher.code)
            if word == "reversed":
                reverse(actor=journey.partner_office, redemption_id=taken.pk, reason="scanned_by_mistake")
    found["cancelled"] = ask(journey, days=9, who=journey.centre)
    cancel_referral(actor=journey.centre, tenant=journey.tenant, referral_id=found["cancelled"].pk)
    found["again"] = ask(journey, units=4, days=10, who=journey.finance)
    decline_referral(actor=journey.centre, referral_id=found["again"].pk, reason="talk_first")
    look_again(actor=journey.finance, tenant=journey.tenant, referral_id=found["again"].pk)
    return found


def _of_before(reference: str, redemptions: dict[str, str]) -> str:
    """The reference under which the same movement stood before there were units."""
    noun, key, *rest = reference.split("/")
    if noun == "voucher":
        return f"voucher/{key}/expire"
    if noun != "unit":
        return reference
    if not rest[0].isdigit():
        return f"referral/{key}/release/{rest[0]}"
    if rest[1] == "1":
        return f"referral/{key}/reserve"
    return f"redemption/{redemptions[key]}/again" if key in redemptions else f"referral/{key}/reserve/again"


def to_the_shape_of_before(owner: psycopg.Connection, redemptions: dict[str, str]) -> None:
    """One reservation a request, nothing against anything, no units: as a database of before holds it."""
    for table in ("ledger_transfer", "ledger_entry"):
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table in TABLES:
        owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    owner.execute("ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_against_a_reservation")
    owner.execute("UPDATE ledger_transfer SET against_id = NULL, service_date = NULL, budget_year = NULL")
    rows: dict[str, list[Any]] = defaultdict(list)
    for key, reference in owner.execute("SELECT id, reference FROM ledger_transfer ORDER BY created_at, reference"):
        rows[_of_before(reference, redemptions)].append(key)
    for reference, (first, *others) in rows.items():
        owner.execute(
            "UPDATE ledger_entry e SET amount = (SELECT sum(o.amount) FROM ledger_entry o"
            " WHERE o.account_id = e.account_id AND o.transfer_id = ANY(%s)) WHERE e.transfer_id = %s",
            [[first, *others], first],
        )
        owner.execute("DELETE FROM ledger_entry WHERE transfer_id = ANY(%s)", [others])
        owner.execute("DELETE FROM ledger_transfer WHERE id = ANY(%s)", [others])
        owner.execute("UPDATE ledger_transfer SET reference = %s WHERE id = %s", [reference, first])
    owner.execute(
        "ALTER TABLE ledger_transfer ADD CONSTRAINT ledger_against_a_reservation CHECK"
        " (kind NOT IN ('commit', 'release', 'refund') OR against_id IS NOT NULL) NOT VALID"
    )
    owner.execute("DELETE FROM referrals_unit")
    for table in ("ledger_transfer", "ledger_entry"):
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for table in TABLES:
        owner.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def stands() -> dict[Any, int]:
    rows = Account.objects.values_list("book", "owner", "period", "bucket", "balance")
    return {tuple(row[:-1]): row[-1] for row in rows}


def units() -> list[Any]:
    return list(
        Unit.objects.order_by("referral", "index").values_list(
            "referral", "index", "state", "service_date", "fee_fen", "subsidy_fen", "self_fen", "quota"
        )
    )


def test_requests_of_before_get_their_units_and_not_a_fen_moves(committed: None) -> None:
    tenant = make_school()
    journey = make_journey(tenant)
    with use_tenant(tenant.id), transaction.atomic():
        found = lived(journey)
    with use_tenant(tenant.id):
        before, wanted = stands(), units()
        redemptions = {
            str(row.voucher.referral_id): str(row.pk)
            for row in Redemption.objects.prefetch_related("voucher").filter(state="reversed")
        }
    database = connection.settings_dict
    login = settings.OWNER_DATABASE
    with psycopg.connect(
        user=login["USER"], password=login["PASSWORD"], host=database["HOST"], port=database["PORT"], dbname=database["NAME"]
    ) as owner:  # fmt: skip
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
        to_the_shape_of_before(owner, redemptions)
        assert owner.execute("SELECT count(*) FROM ledger_transfer WHERE reference LIKE 'unit/%'").fetchone() == (0,)
        owner.commit()
        [operation] = migration.Migration.operations
        owner.execute(operation.sql[0])
        owner.commit()
        walls = owner.execute(
            "SELECT count(*) FROM pg_class WHERE relname = ANY(%s) AND relforcerowsecurity", [list(migration._TABLES)]
        ).fetchone()
        assert walls == (len(migration._TABLES),)
        guarded = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'ledger_transfer_append_only'"
        assert owner.execute(guarded).fetchall() == [("O",)]
    with use_tenant(tenant.id):
        assert (stands(), units()) == (before, wanted)
        assert (difference(), accounting.units_difference()) == (0, 0)
        followers = Transfer.objects.filter(kind__in=("commit", "release", "refund"))
        assert followers.count() >= 5
        assert not followers.filter(against=None).exists()
        assert not Transfer.objects.filter(service_date=None).exclude(kind="grant").exists()
        _lives_go_on(journey, found)


def _lives_go_on(journey: Journey, found: dict[str, Referral]) -> None:
    """What was reserved as a whole is spent, reversed, held anew and released by the unit; at the end nothing is reserved."""
    with transaction.atomic():
        taken = Redemption.objects.exclude(state="reversed").get()
        booking = Booking.objects.get(referral=found["served"])
        with as_of(booking.starts_at):
            reverse(actor=journey.partner_office, redemption_id=taken.pk, reason="not_delivered")
            assert difference() == 0
            unit = Unit.objects.get(referral=found["served"], index=0)
            assert (unit.state, unit.reservation) == ("held", f"unit/{unit.referral_id}/0/1")
            redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=found["served"]).code)
        cancel_referral(actor=journey.staff2, tenant=journey.tenant, referral_id=found["reversed"].pk)
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=found["offered"].pk)
        decline_referral(actor=journey.centre, referral_id=found["again"].pk, reason="not_covered")
        voucher = Voucher.objects.get(referral=found["served"])
        with as_of(booking.starts_at + timedelta(days=200)):
            for row in Booking.objects.filter(due_at__isnull=False):
                pass_time(booking_id=row.pk)  # asked about for 48 hours, and nobody said a word
            expire_voucher(actor=system_in(journey.tenant.id), tenant=journey.tenant, voucher_id=voucher.pk)
    assert (difference(), accounting.units_difference()) == (0, 0)
    assert not Account.objects.filter(bucket="reserved", balance__gt=0).exists()
    assert Referral.objects.get(pk=found["served"].pk).state == "completed"
