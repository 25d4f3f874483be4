"""The product's own processes, in the order of their start, and what is done before the first of them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import cluster
from environment import ADDRESS_OF, OWNER, TESTER
from places import CODE, ROOT, VAR, LauncherError, log_file, read_json
from supervisor import Process

PYTHON = sys.executable
BIN = Path(sys.executable).parent

#: There while the demo is being loaded: a load that broke off is begun again from an empty database.
UNFINISHED = VAR / "demo.unfinished"
DEMO = VAR / "demo.json"


def manage(env: Mapping[str, str], *arguments: str) -> None:
    """Run a management command in view of the person at the keyboard."""
    done = subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise LauncherError(
            f"manage.py {arguments[0]} 失败(状态 {done.returncode}),原因见上。",
            f"manage.py {arguments[0]} failed with status {done.returncode}; the reason stands above.",
        )


def prepare(database: cluster.Database, env: Mapping[str, str], *, fresh: bool) -> bool:
    """Migrate; load the demo into an empty database. Returns whether the demo was loaded now."""
    broken_off = UNFINISHED.exists()
    if fresh or (broken_off and database.process is not None):
        cluster.recreate_database(database)
        shutil.rmtree(VAR / "media", ignore_errors=True)
    empty: bool = cluster.is_empty(database)
    if empty:
        UNFINISHED.touch()
        DEMO.unlink(missing_ok=True)
        print("建立数据表,约一分钟…… / creating the tables, about a minute …", flush=True)
    # The database itself remembers for which code it was migrated last: the usual start has nothing to ask.
    code = code_fingerprint()
    if empty or cluster.remark(database) != code:
        manage(env, "migrate", "--verbosity", "0")
        cluster.set_remark(database, code)
    if empty or broken_off:
        print("载入演示数据…… / loading the demo …", flush=True)
        manage(env, "demo", "--seed", "1", "--schools", "3", "--staff", "40")
        # Its own fresh demo is nobody's copy. A database that stood here already is never marked by a start.
        if env["DJANGO_SETTINGS_MODULE"] == "settings.dev":
            manage({**env, "XINQIAO_AS_OWNER": "1"}, "mark_instance", "--put", "--not-a-copy")
        UNFINISHED.unlink(missing_ok=True)
    return empty or broken_off


def code_fingerprint() -> str:
    """Changes with any Python file of ours and with the pinned packages, whose migrations count too."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def processes(env: Mapping[str, str], help_port: int) -> list[Process]:
    """Everything that runs besides database and broker (Procfile says the same for other supervisors)."""
    # The owner stands above the walls between schools and the tester may become any role: neither is for what runs.
    env = {name: value for name, value in env.items() if name not in (ADDRESS_OF[OWNER], ADDRESS_OF[TESTER])}
    # Celery would run Django's checks again, seconds of work each; `migrate` and the tests have done so.
    return [
        Process("help", [PYTHON, "bin/lib/help_server.py", "--port", str(help_port)], log_file("help"), env),
        Process(
            "web",
            [str(BIN / "gunicorn"), "-c", "bin/lib/web_server.py", "settings.wsgi:application"],
            log_file("web"),
            env,
        ),
        *(
            Process(name, [PYTHON, "manage.py", "emergency_engine", "--children", "1"], log_file(name), env)
            for name in ("engine", "engine2")
        ),
        Process("watchdog", [PYTHON, "manage.py", "emergency_watchdog"], log_file("watchdog"), env),
        Process(
            "worker",
            [
                str(BIN / "celery"),
                "-A",
                "settings.celery",
                "--skip-checks",
                "worker",
                "--concurrency",
                "2",
                "--loglevel",
                "INFO",
                "--without-gossip",
                "--without-mingle",
            ],
            log_file("worker"),
            env,
            patience=20,
        ),
        Process(
            "beat",
            [
                str(BIN / "celery"),
                "-A",
                "settings.celery",
                "--skip-checks",
                "beat",
                "--loglevel",
                "INFO",
                "--schedule",
                str(VAR / "celerybeat-schedule"),
                "--pidfile=",
            ],
            log_file("beat"),
            env,
        ),
    ]


def demo_facts(port: int) -> dict[str, object]:
    """What the demo command told about its people, with addresses on the port that the web listens on now."""
    told = read_json(DEMO)
    hosts = {slug: with_port(str(url), port) for slug, url in dict(told.get("hosts", {})).items()}
    facts: dict[str, object] = {"hosts": hosts, "logins": told.get("logins", []), "tokens": told.get("tokens", {})}
    if link := told.get("family_link"):
        facts["family_link"] = with_port(str(link), port)
    return facts


def with_port(url: str, port: int) -> str:
    """A `*.localhost` address (or a bare host name) on this port; anything else as it is."""
    scheme, _, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    name = authority.partition(":")[0]
    if name != "localhost" and not name.endswith(".localhost"):
        return url
    return f"{scheme or 'http'}://{name}:{port}{slash}{path}"
