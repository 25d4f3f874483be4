"""Checks an installation for what would make it fail; each finding says how to mend it, in two languages."""

import ctypes.util
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from accounts.operators import operators
from kernel.clock import local_day, now
from notifications.providers.mark import marked
from operations import doctor_chain
from operations.findings import Finding
from operations.heartbeat import broker, is_beating, is_working
from papers.printer import why_no_pdf
from tenancy import roles
from tenancy.rounds import parked
from tenancy.scope import across_tenants
from workdays.state_table import KNOWN_YEARS

_RARE_FONTS: Final = {"HanaMin": "fonts-hanazono", "BabelStone Han": "fonts-babelstone-han"}
"""Families of the two fonts that ``bin/run`` installs for rare characters, and their packages."""
_HOLIDAYS_AHEAD: Final = 90
"""Days ahead that people make appointments for."""


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "Python",
        sys.version_info >= (3, 12),
        version,
        "需要 Python 3.12 或更新版本。",
        "Python 3.12 or newer is needed.",
    )


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_encoding')")
            number, encoding = cursor.fetchone()
            cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
            collate = cursor.fetchone()[0]
    except DatabaseError as error:
        return Finding(
            "PostgreSQL",
            False,
            type(error).__name__,
            "数据库连不上，请检查 DATABASE_URL。",
            "The database does not answer: check DATABASE_URL.",
        )
    well = number >= 150000 and encoding == "UTF8" and collate not in ("C", "POSIX")
    return Finding(
        "PostgreSQL",
        well,
        f"{number // 10000}, {encoding}, {collate}",
        "需要 PostgreSQL 15 以上，编码 UTF8，排序规则 C.UTF-8（不能是 C，否则中文搜索失效）。",
        "PostgreSQL 15 or newer with UTF8 and C.UTF-8 is needed; with plain C, Chinese search finds nothing.",
    )


def columns_sorted_by(provider: str) -> list[str]:
    """``table.column`` of ours, indexes too, whose order comes from ``provider``: ``i`` is ICU, ``c`` libc."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attrelid::regclass::text, a.attname FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation "
            "JOIN pg_class t ON t.oid = a.attrelid WHERE c.collprovider = %s AND t.relkind IN ('r', 'i', 'm') "
            "AND t.relnamespace = 'public'::regnamespace ORDER BY 1, 2",
            [provider],
        )
        return [".".join(row) for row in cursor.fetchall()]


def _sorting() -> Finding:
    """No column is sorted by ICU: an upgrade of ICU changes its order and breaks its indexes. Names have a sort key."""
    try:
        found = columns_sorted_by("i")
        with connection.cursor() as cursor:
            cursor.execute("SELECT datlocprovider FROM pg_database WHERE datname = current_database()")
            whole = cursor.fetchone()[0] == "i"
    except DatabaseError as error:
        return Finding("Sorting", False, type(error).__name__, "见上一条。", "See the lines above.")
    return Finding(
        "Sorting",
        not found and not whole,
        ", ".join(found) or ("the whole database" if whole else "no ICU"),
        "请用 libc 的 C.UTF-8 建库，并去掉使用 ICU 排序规则的列：姓名按 sort_key 排序。",
        "Create the database with libc's C.UTF-8 and drop columns with an ICU collation: names are sorted by sort_key.",
    )


def _walls() -> Finding:
    """The database roles may not bypass row-level security."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND NOT rolsuper AND NOT rolbypassrls",
                [[roles.APP, roles.PARTNER, roles.SYSTEM]],
            )
            right = len(cursor.fetchall()) == 3
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            mighty = cursor.fetchone()[0]
    except DatabaseError as error:
        return Finding("Roles", False, type(error).__name__, "见上一条。", "See the line above.")
    return Finding(
        "Roles",
        right and not mighty,
        "app, partner, system" if right else "missing",
        "数据库角色缺失或权限过大，请按 deploy/roles.sh 创建；应用不能用超级用户连接。",
        "Database roles are missing or too mighty: create them with deploy/roles.sh; never connect as a superuser.",
    )


def _migrations() -> Finding:
    try:
        executor = MigrationExecutor(connections["default"])
        behind = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        return Finding("Migrations", False, type(error).__name__, "见上一条。", "See the lines above.")
    return Finding("Migrations", behind == 0, f"{behind} open", "请运行 manage.py migrate。", "Run manage.py migrate.")


def _parked() -> Finding:
    """Due rows that failed so often that they wait for a mend: each is tried once a day (``tenancy.rounds``)."""
    try:
        with across_tenants("count due rows that wait for a mend"):
            waiting = parked()
    except DatabaseError as error:
        return Finding("Due rows", False, type(error).__name__, "见上一条。", "See the lines above.")
    return Finding(
        "Due rows",
        waiting == 0,
        f"{waiting} parked",
        "有到期的事项多次办不成，请看日志里的 row … failed，修好后次日会自动再试。",
        "Some due rows fail again and again: look for “row … failed” in the log. Once mended they are tried within a day.",
    )


def _broker() -> Finding:
    try:
        with broker() as server:
            server.ping()
    except RedisError as error:
        return Finding(
            "Broker",
            False,
            type(error).__name__,
            "消息服务连不上，请检查 BROKER_URL。",
            "The broker does not answer: check BROKER_URL.",
        )
    return Finding("Broker", True, "ok")


def _scheduler() -> Finding:
    """Beat's heartbeat is with the broker."""
    try:
        beating = is_beating()
    except RedisError as error:
        return Finding("Scheduler", False, type(error).__name__, "见上一条。", "See the line above.")
    return Finding(
        "Scheduler",
        beating,
        "ok" if beating else "no sign of life",
        "定时程序没有运行，请启动 beat（bin/run 会自动启动，服务器上是 xinqiao@beat）。",
        "The scheduler does not run: start beat (bin/run does it; on a server it is xinqiao@beat).",
    )


def _worker() -> Finding:
    """A worker's heartbeat is with the broker."""
    try:
        working = is_working()
    except RedisError as error:
        return Finding("Worker", False, type(error).__name__, "见“消息服务”一条。", "See the line on the broker.")
    return Finding(
        "Worker",
        working,
        "ok" if working else "no sign of life",
        "后台程序没有运行，请启动 worker（bin/run 会自动启动，服务器上是 xinqiao@worker）。",
        "No worker runs: start worker (bin/run does it; on a server it is xinqiao@worker).",
    )


def _pdf() -> Finding:
    """Whether the engine can be loaded, and the library without which it is slow."""
    fault = why_no_pdf() or ("" if ctypes.util.find_library("harfbuzz-subset") else "harfbuzz-subset?")
    return Finding(
        "PDF",
        not fault,
        fault or "ok",
        "PDF 打印不出来，其余功能照常。请安装 libpango-1.0-0、libpangoft2-1.0-0、libharfbuzz-subset0；缺了最后一个，每张卡券要等五秒。",
        "No PDF is printed, or slowly; all else works. Install libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0; "
        "without the last a voucher takes five seconds.",
    )


def _font() -> Finding:
    if not shutil.which("fc-list"):
        return Finding("Font", False, "fc-list?", "请安装 fontconfig。", "Install fontconfig.")
    found = subprocess.run(
        ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return Finding(
        "Font", bool(found), found.split("\n")[0] or "none", "请安装 fonts-noto-cjk。", "Install fonts-noto-cjk."
    )


def _rare_fonts() -> Finding:
    """Whether every character of GB 18030 in a name can be printed; else paper shows 〓 and says below what was meant."""
    families = ""
    if shutil.which("fc-list"):
        families = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout
    missing = {family: package for family, package in _RARE_FONTS.items() if family not in families}
    packages = " ".join(missing.values())
    return Finding(
        "Rare characters",
        not missing,
        f"no {', '.join(missing)}" if missing else ", ".join(_RARE_FONTS),
        f"姓名里的生僻字打印出来会是〓。请安装 {packages}。",
        f"Rare characters of names are printed as 〓. Install {packages}.",
        is_warning=True,
    )


def _folder() -> Finding:
    try:
        settings.VAR.mkdir(parents=True, exist_ok=True)
        probe = settings.VAR / ".doctor"
        probe.write_text("ok")
        probe.unlink()
    except OSError as error:
        return Finding(
            "var/", False, type(error).__name__, "运行目录不可写。", "The folder for running data cannot be written."
        )
    return Finding("var/", True, "ok")


def _mark() -> Finding:
    """Whether real transports are open here (``notifications.providers.mark``)."""
    try:
        found = marked()
    except DatabaseError as error:
        return Finding("Mark", False, type(error).__name__, "见上面数据库一条。", "See the lines on the database.")
    return Finding(
        "Mark",
        bool(settings.INSTANCE_ID) and found == settings.INSTANCE_ID,
        "this installation's" if found and found == settings.INSTANCE_ID else "another's" if found else "none",
        "这个数据库没有本机的标记：短信、电话、企业微信、邮件都不会发出。确认它不是别处的副本后，"
        "设好 INSTANCE_ID，以数据库所有者运行 manage.py mark_instance --put --not-a-copy（见 docs/operations.md）。",
        "This database does not bear this installation's mark: no text, call, WeCom message or mail is sent. When you are "
        "sure that it is nobody's copy, set INSTANCE_ID and run manage.py mark_instance --put --not-a-copy as its owner "
        "(docs/operations.md).",
        is_warning=True,
    )


def _operator() -> Finding:
    """Without one nobody opens a school, and every host answers 404."""
    try:
        count = operators().count()
    except DatabaseError as error:
        return Finding("Operator", False, type(error).__name__, "见上面数据库一条。", "See the lines on the database.")
    return Finding(
        "Operator",
        count > 0,
        str(count) if count else "nobody operates this installation",
        "还没有人运营这个平台，也就开不了学校。请运行 manage.py add_operator 邮箱 姓名（见 docs/operations.md）。",
        "Nobody operates this installation, so no school can be opened. Run manage.py add_operator EMAIL NAME "
        "(docs/operations.md).",
    )


def _hosts() -> Finding:
    if settings.PLATFORM_HOST == "localhost":
        return Finding("Hosts", True, "*.localhost (browsers and programs that send the Host header)")
    try:
        socket.getaddrinfo(f"school.{settings.PLATFORM_HOST}", None)
    except OSError:
        return Finding(
            "Hosts",
            False,
            f"*.{settings.PLATFORM_HOST}",
            "本机无法解析学校的子域名：请在 DNS 或 hosts 文件中添加；浏览器对 *.localhost 通常不需要。",
            "This machine cannot resolve the schools' sub-domains: add them to DNS or the hosts file; browsers resolve *.localhost themselves.",
        )
    return Finding("Hosts", True, f"*.{settings.PLATFORM_HOST}")


def _holidays() -> Finding:
    """Holidays are announced each November for the next year; until we know them, Monday to Friday count."""
    today = local_day(now())
    unknown = sorted({today.year, (today + timedelta(days=_HOLIDAYS_AHEAD)).year} - KNOWN_YEARS)
    return Finding(
        "Holidays",
        not unknown,
        f"{', '.join(map(str, unknown))} not known" if unknown else f"known until {max(KNOWN_YEARS)}",
        "这一年的法定假日和调休还不知道，暂按周一至周五为工作日。国务院公布后请升级 chinesecalendar，或由学校在“校历”里登记。",
        "The holidays of this year are not known: Monday to Friday count as workdays. Raise chinesecalendar once the State "
        "Council has announced them, or let the schools enter them in their calendar.",
        is_warning=True,
    )


CHECKS: tuple[Callable[[], Finding], ...] = (
    _python,
    _database,
    _sorting,
    _walls,
    _migrations,
    _parked,
    _mark,
    _operator,
    _broker,
    _scheduler,
    _worker,
    *doctor_chain.CHECKS,
    _pdf,
    _font,
    _rare_fonts,
    _folder,
    _hosts,
    _holidays,
)


def examine() -> list[Finding]:
    """All findings, in the order in which one rests on another."""
    return [check() for check in CHECKS]
