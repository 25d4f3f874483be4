"""Limits how often a secret may be tried. Tries are counted in the database, under a lock, before the secret is checked.

A counter in a session or a cache is read, raised and written back: ten tries at once count as one. A cache that is lost
forgets. Here the rows of all limits of a try are locked together, so the limit holds for requests that arrive at once,
on any process, and while the cache is away. The limits stand in ``ACCOUNT_RATE_LIMITS`` in allauth's spelling
(``5/5m/key,20/h/key``); docs/sign-in.md lists what is counted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.core.internal import ratelimit
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts.models import TryCount, User
from kernel.clock import now
from kernel.identifiers import keyed_hash

_APP = "allauth.account"


@dataclass(frozen=True, slots=True)
class Try:
    """One try that was counted."""

    keys: tuple[str, ...]
    at: datetime

    @transaction.atomic
    def give_back(self) -> None:
        """The secret was right: the try counts nowhere. Others' tries stay, so a right one washes no counter."""
        for row in TryCount.objects.select_for_update(no_key=True).filter(pk__in=self.keys).order_by("pk"):
            if self.at in row.times:
                row.times.remove(self.at)
                row.save(update_fields=["times"])


def take(request: HttpRequest, action: str, *, key: str | None = None, user: User | None = None) -> Try | None:
    """Count a try of ``action`` at ``key`` or ``user``; None, and nothing counted, when one of its limits is reached.

    Commits by itself: the count stands whatever becomes of the request. RuntimeError inside a transaction.
    """
    limits = {_row_key(request, action, rate, key, user): rate for rate in _rates(action)}
    moment = now()
    with transaction.atomic(durable=True):
        rows = _locked(limits, moment)
        for name, row in rows.items():
            row.times = [time for time in row.times if time > moment - timedelta(seconds=limits[name].duration)]
        if any(len(row.times) >= limits[name].amount for name, row in rows.items()):
            return None
        for name, row in rows.items():
            row.times.append(moment)
            row.kept_until = moment + timedelta(seconds=limits[name].duration)
            row.save(update_fields=["times", "kept_until"])
    return Try(tuple(limits), moment)


def clear(request: HttpRequest, action: str, *, key: str | None = None, user: User | None = None) -> None:
    """Forget the tries at ``key`` or ``user``; those of an address on the net stay."""
    keys = [_row_key(request, action, rate, key, user) for rate in _rates(action) if rate.per != "ip"]
    TryCount.objects.filter(pk__in=keys).delete()


def once(what: str, *, kept: timedelta) -> bool:
    """Whether ``what`` is said for the first time; it is remembered for ``kept``. Of many at once, one is the first."""
    _row, is_first = TryCount.objects.get_or_create(pk=_hash(f"once|{what}"), defaults={"kept_until": now() + kept})
    return is_first


def forget_old_tries() -> int:
    """Delete what counts no longer. Returns how many rows."""
    deleted, _kinds = TryCount.objects.filter(kept_until__lt=now()).delete()
    return deleted


def _rates(action: str) -> list[ratelimit.Rate]:
    rates: list[ratelimit.Rate] = ratelimit.get_rates(app=_APP, action=action)
    if not rates:
        raise LookupError(f"no limit is set for {action}")  # a misspelt action would be no limit at all
    return rates


def _row_key(request: HttpRequest, action: str, rate: ratelimit.Rate, key: str | None, user: User | None) -> str:
    return _hash(ratelimit.get_cache_key(request, app=_APP, action=action, rate=rate, key=key, user=user))


def _hash(text: str) -> str:
    return keyed_hash(settings.HASH_KEY, f"accounts.tries|{text}").hex()


def _locked(keys: dict[str, ratelimit.Rate], moment: datetime) -> dict[str, TryCount]:
    """The rows, made when missing, locked in the order of their keys."""
    missing = [TryCount(pk=key, kept_until=moment) for key in sorted(keys)]
    TryCount.objects.bulk_create(missing, ignore_conflicts=True)
    rows = TryCount.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}
