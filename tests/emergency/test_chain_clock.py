"""One clock for every process of the chain, and only the owner sets it (ADR 0018)."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from referrals.emergency.models import ChainClock
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.emergency.chain_clock import chain_ahead
from tests.tenancy.catalogue import owner

pytestmark = pytest.mark.django_db
_LITTLE = timedelta(seconds=5)


def chain_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def test_it_is_the_databases_moment_and_goes_on_inside_a_transaction() -> None:
    first = chain_now()
    assert abs(first - datetime.now(UTC)) < _LITTLE
    assert chain_now() > first


def test_the_owner_puts_it_ahead_for_everybody(school: Tenant) -> None:
    with chain_ahead(timedelta(days=1)), use_tenant(school.pk):
        assert abs(chain_now() - datetime.now(UTC) - timedelta(days=1)) < _LITTLE
    assert abs(chain_now() - datetime.now(UTC)) < _LITTLE


def test_the_app_may_not_touch_it(school: Tenant) -> None:
    acts = (
        lambda: ChainClock.objects.create(pk=1, ahead=timedelta(days=1)),
        lambda: ChainClock.objects.update(ahead=timedelta(days=1)),
        lambda: ChainClock.objects.all().delete(),
    )
    with chain_ahead(timedelta(seconds=1)), use_tenant(school.pk):
        for act in acts:
            with pytest.raises(DatabaseError, match="only the owner"), transaction.atomic():
                act()
        assert abs(chain_now() - datetime.now(UTC)) < _LITTLE


def test_there_is_one_clock() -> None:
    with owner() as rows, pytest.raises(psycopg.errors.CheckViolation, match="emergency_one_clock"):
        rows.execute("INSERT INTO emergency_chainclock (id, ahead) VALUES (2, '0')")
