"""The chain in figures for ``/metrics``: asked of the database at each look, for the web process itself calls nobody."""

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from notifications.models import Channel
from referrals.emergency.engine.signs import Signs, signs
from referrals.emergency.models.engine import ENGINE, WATCHDOG


def chain_figures() -> bytes:
    """Prometheus text. ``xinqiao_chain_known`` is 0, and nothing else is said, when the database does not answer."""
    registry = CollectorRegistry()
    known = Gauge("xinqiao_chain_known", "Whether the database told the figures of the chain", registry=registry)
    try:
        _fill(registry, signs())
    except DatabaseError:
        known.set(0)
    else:
        known.set(1)
    return generate_latest(registry)


def _fill(registry: CollectorRegistry, found: Signs) -> None:
    living = Gauge("xinqiao_chain_processes", "Processes that signed within 30 s", ["kind"], registry=registry)
    beat = Gauge("xinqiao_chain_sign_seconds", "Age of the newest sign of life", ["kind"], registry=registry)
    for kind in (ENGINE, WATCHDOG):
        living.labels(kind).set(len(found.living(kind)))
        age = found.newest(kind)
        beat.labels(kind).set(float("inf") if age is None else age)
    Gauge(
        "xinqiao_chain_overdue_seconds",
        "By how much the latest clock of an open leg or incident is overdue",
        registry=registry,
    ).set(max(found.late.values(), default=0.0))
    queued = Gauge("xinqiao_chain_pages_waiting", "Pages that are due and not sent", ["channel"], registry=registry)
    oldest = Gauge("xinqiao_chain_pages_oldest_seconds", "Since when the oldest waits", ["channel"], registry=registry)
    for channel in Channel.values:
        waiting = found.waiting.get(channel)
        queued.labels(channel).set(waiting.count if waiting else 0)
        oldest.labels(channel).set(waiting.oldest if waiting else 0.0)
    left = Gauge(
        "xinqiao_chain_circuits_open",
        "Provider accounts that an engine leaves alone",
        ["provider", "channel"],
        registry=registry,
    )
    for provider, channel, count in found.circuits_open():
        left.labels(provider, channel).set(count)
    Gauge("xinqiao_chain_left_alone", "Due legs and incidents that no living engine knows", registry=registry).set(
        found.left_alone
    )
    Gauge("xinqiao_chain_clock_offset_seconds", "How far the chain's clock was moved", registry=registry).set(
        found.offset
    )
    alarms = Gauge("xinqiao_watchdog_alarms", "Alarms of the watchdogs since each was started", registry=registry)
    alarms.set(sum(process.alarms for process in found.living(WATCHDOG)))
    heard = Gauge("xinqiao_heartbeat_seconds", "Since when nobody outside was told that all is well", registry=registry)
    ages = [process.heartbeat_age for process in found.living(WATCHDOG) if process.heartbeat_age is not None]
    heard.set(min(ages, default=float("inf")))
