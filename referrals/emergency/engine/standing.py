"""Tells the page of channels how a school's accounts answered: canaries and circuits (``settings.CHANNEL_STANDING``)."""

from collections.abc import Collection, Mapping
from uuid import UUID

from notifications.models import ProviderAccount
from notifications.providers.circuit import CircuitState
from notifications.standing import Asked, Standing
from referrals.emergency.engine.signs import processes
from referrals.emergency.engine.ways import key_of
from referrals.emergency.models import Canary
from referrals.emergency.models.engine import ENGINE


def standing_of_accounts(accounts: Collection[ProviderAccount]) -> Mapping[UUID, Standing]:
    """By account, as the rows stand now; two questions however many accounts."""
    keys = {row.pk: key_of(row) for row in accounts}
    rows: dict[str, list[Canary]] = {}
    for canary in Canary.objects.exclude(asked_at=None).order_by("key"):
        account = ":".join(canary.key.split(":")[:3])
        rows.setdefault(account, []).append(canary)
    left_alone = {
        key
        for process in processes()
        if process.kind == ENGINE and process.is_living
        for key, state in process.circuits.items()
        if state == CircuitState.OPEN
    }
    return {
        pk: Standing(tuple(_asked(row) for row in rows.get(key, ())), key in left_alone) for pk, key in keys.items()
    }


def _asked(row: Canary) -> Asked:
    _provider, _channel, _account, *what = row.key.split(":")
    assert row.asked_at is not None  # left out by the query
    return Asked(what[0] if what else "message", row.asked_at, row.result, row.well_at, row.failures)
