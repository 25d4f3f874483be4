"""What ``doctor`` looks at of the emergency chain: engine, watchdog, the address outside, the clock, the canaries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection

from operations.findings import Finding
from referrals.emergency.engine.signs import offset_seconds, processes
from referrals.emergency.models import Canary, ChainNow
from referrals.emergency.models.engine import ENGINE, WATCHDOG
from referrals.emergency.workflow.releasing import held_back
from tenancy import roles


def _unknown(what: str, error: DatabaseError) -> Finding:
    return Finding(what, False, type(error).__name__, "见上面数据库一条。", "See the lines on the database.")


def _living(what: str, kind: str, zh: str, en: str) -> Finding:
    try:
        found = [process for process in processes() if process.kind == kind and process.is_living]
    except DatabaseError as error:
        return _unknown(what, error)
    worst = max((abs(process.skew_ms) for process in found), default=0)
    seen = f"{len(found)}, clock {worst} ms off" if found else "no sign of life"
    return Finding(what, bool(found) and worst <= 2000, seen, zh, en)


def engine() -> Finding:
    """An engine signed within 30 s, and no clock is more than two seconds off."""
    return _living(
        "Engine",
        ENGINE,
        "应急呼叫程序没有运行，或这台机器的时钟不准：没有人会被呼叫。请启动 engine（服务器上是 xinqiao@engine），并校准时钟。",
        "The emergency engine does not run, or a clock is off: nobody is called. Start engine (on a server xinqiao@engine), set the clock.",
    )


def watchdog() -> Finding:
    """A watchdog signed within 30 s."""
    return _living(
        "Watchdog",
        WATCHDOG,
        "值守程序没有运行，或时钟不准：呼叫程序停了没有人会知道。请启动 watchdog（服务器上是 xinqiao@watchdog）。",
        "The watchdog does not run, or its clock is off: nobody learns that the engine stands. Start watchdog (xinqiao@watchdog).",
    )


def outside() -> Finding:
    """Somebody outside hears each minute that the engine calls, and somebody can be called when it does not."""
    lacking = [name for name in ("HEARTBEAT_URL", "OPERATOR_PHONE", "OPERATOR_EMAIL") if not getattr(settings, name)]
    return Finding(
        "Heartbeat",
        not lacking,
        f"no {', '.join(lacking)}" if lacking else "set",
        "请设置 HEARTBEAT_URL（外部监控的地址：几分钟没有收到就报警）、OPERATOR_PHONE 和 OPERATOR_EMAIL（报警打给谁）。没有外部地址，学校的应急链条不应上线。",
        "Set HEARTBEAT_URL (a service outside that alarms when it hears nothing for some minutes), OPERATOR_PHONE and OPERATOR_EMAIL "
        "(whom the watchdog calls). Without an address outside no school's chain should go live.",
        is_warning=True,
    )


def clock() -> Finding:
    """The chain's clock was not moved."""
    try:
        offset = offset_seconds()
    except DatabaseError as error:
        return _unknown("Chain clock", error)
    return Finding(
        "Chain clock",
        not offset,
        f"{offset:g} s ahead" if offset else "not moved",
        "链条时钟被拨动过：生产环境不会启动。请以数据库所有者执行 DELETE FROM emergency_chainclock。",
        "The chain's clock was moved: production does not start. As the owner of the database: DELETE FROM emergency_chainclock.",
        is_warning=settings.CHAIN_CLOCK_MAY_MOVE,
    )


def canaries() -> Finding:
    """Every account that is tried answered at its last try."""
    try:
        rows = list(Canary.objects.order_by("key").annotate(at=ChainNow()))
    except DatabaseError as error:
        return _unknown("Canaries", error)
    asked = [
        row
        for row in rows
        if row.asked_at is not None and row.at - row.asked_at < 2 * timedelta(seconds=row.every_seconds)
    ]
    bad = [f"{row.provider} {row.channel}: {row.result}" for row in asked if row.failures]
    return Finding(
        "Canaries",
        not bad,
        "; ".join(bad) or f"{len(asked)} accounts answer",
        "有通道没有应答，请检查该账号的密钥、签名、模板和余额。",
        "A provider's account does not answer as it should: look at its keys, signature, templates and balance.",
        is_warning=True,
    )


def released() -> Finding:
    """No open incident waits for the operator in a copy of the database (ADR 0057)."""
    try:
        waiting = len(held_back())
    except DatabaseError as error:
        return _unknown("Held back", error)
    return Finding(
        "Held back",
        not waiting,
        f"{waiting} incidents call nobody" if waiting else "none",
        "这是一份数据库副本，有事件还没有放行，不会呼叫任何人。请运行 manage.py release_incident 逐个核对。",
        "This is a copy of a database, and incidents wait to be released: nobody is called. Look through manage.py release_incident.",
        is_warning=True,
    )


CONNECTIONS_NEEDED: Final = 30
"""What an engine of two children (28, measured in ``tests/faults``) and a watchdog hold while they call."""

_CONNECTIONS: Final = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int,
        (SELECT array_agg(rolconnlimit) FROM pg_roles WHERE rolname = ANY(%s)),
        (SELECT array_agg(DISTINCT usename::text) FROM pg_stat_activity WHERE usename = ANY(%s))"""


def connections() -> Finding:
    """Whatever asks for pages cannot take the connections by which the engine calls (chain §10)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                _CONNECTIONS, [[roles.APP, roles.PARTNER, roles.SYSTEM], [roles.ENGINE, roles.ENGINE_SYSTEM]]
            )
            room, limits, used = cursor.fetchone()
        runs = any(process.kind == ENGINE and process.is_living for process in processes())
    except DatabaseError as error:
        return _unknown("Reserved connections", error)
    is_limited = bool(limits) and min(limits) >= 0
    left = room - sum(limits) if is_limited else 0
    is_own = not runs or roles.ENGINE in (used or ())
    seen = f"{left} of {room} for the engine" if is_limited else "none: any process may take all"
    return Finding(
        "Reserved connections",
        is_limited and left >= CONNECTIONS_NEEDED and is_own,
        seen if is_own else f"{seen}, which it does not use",
        f"访问太多时，网页可能占满数据库连接，呼叫程序重启后就连不上。请运行 deploy/reserve.sh，给呼叫程序留出至少 {CONNECTIONS_NEEDED} 个连接，并设置 CHAIN_APP_DATABASE_URL 和 CHAIN_SYSTEM_DATABASE_URL。",
        f"A flood of requests could take every connection, and an engine that starts anew would find none: run deploy/reserve.sh so that "
        f"{CONNECTIONS_NEEDED} are left for it, and set CHAIN_APP_DATABASE_URL and CHAIN_SYSTEM_DATABASE_URL.",
        is_warning=True,
    )


CHECKS: tuple[Callable[[], Finding], ...] = (engine, watchdog, outside, clock, canaries, released, connections)
