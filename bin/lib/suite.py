"""`bin/test` and `bin/bench`: a cluster and a broker of their own, then the suite or the measurements.

python bin/lib/suite.py test [--quick [--all] | --looks | arguments for pytest]
python bin/lib/suite.py bench [case]
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import broker
import cluster
import needs
import touched
from environment import django_environment, load_secrets
from places import CODE, ROOT, VAR, LauncherError, free_port
from service import BIN, PYTHON, manage
from supervisor import Keeper

#: What a whole run looks at before the tests; each failure fails the command.
CHECKS: tuple[tuple[str, list[str]], ...] = (
    ("mypy", [str(BIN / "mypy"), "."]),
    ("ruff check", [str(BIN / "ruff"), "check", "--quiet", "."]),
    ("ruff format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ("import-linter", [str(BIN / "lint-imports")]),
    ("djlint", [str(BIN / "djlint"), "--lint", "--quiet", *CODE]),
    ("makemigrations --check", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
)


#: The whole suite. Four workers keep two cores busy: each waits now and then, for the database, the browser or a lease.
#: A file stays on one worker, so what a module planted is planted once. Files begin in the order of the collection
#: (tests/conftest.py: the dear ones first), not by how many tests they hold.
WORKERS = ["-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]

#: While one works: what needs no browser and no second program, and of the workflow's tests those that the change touches.
#: Warnings are told in the whole run alone, and the random walk through the books (promise M2) is a tenth as long.
QUICK = [*WORKERS, "-q", "--disable-warnings", "tests/unit", "tests/architecture"]
BY_CHANGE = "tests/workflow"
QUICK_WALK = {"M2_COMMANDS": "1000"}

#: Each page is a test of its own here, and any worker may take the next one.
LOOKS = ["tests/journeys/test_look.py", "-n", "2", "--dist", "load"]

#: Migrates the database that every worker copies: on the second core, while the checks keep the first one busy.
TEMPLATE = [PYTHON, "-c", "import django; django.setup(); from tests.databases import make_template; make_template()"]


#: Writes down what pytest makes of every test module: in a fresh clone each worker would do so for itself, twelve seconds long.
COLLECTION = [PYTHON, "-m", "pytest", "--collect-only", "-qq", "--disable-warnings"]


def say(text: str) -> None:
    """To standard error: bench's standard output is for its JSON lines alone."""
    print(text, file=sys.stderr, flush=True)


def run_checks(env: Mapping[str, str]) -> list[str]:
    """Names of the checks that failed; each one's words are shown only then. Two at a time, mypy first: it takes longest."""
    # import-linter looks packages up on the path, as the settings put it.
    checking = {**env, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")])}

    def passes(check: tuple[str, list[str]]) -> bool:
        name, command = check
        began = time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, env=checking, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        words = done.stdout + done.stderr + "\n" if done.returncode else ""
        say(f"{words}{'✗' if done.returncode else '✓'} {name} ({time.monotonic() - began:.1f} s)")
        return done.returncode == 0

    with ThreadPoolExecutor(2) as two:
        return [name for (name, _command), passed in zip(CHECKS, two.map(passes, CHECKS), strict=True) if not passed]


def run_tests(env: dict[str, str], arguments: list[str]) -> int:
    """pytest's status; a failed check fails too. pytest's closing line is printed last.

    What this machine lacks is said first; the tests that need it are left out, and the run fails.
    """
    is_quick = arguments in (["--quick"], ["--quick", "--all"])
    if is_quick:
        chosen = [*QUICK, *by_change(is_all=len(arguments) > 1)]
    else:
        chosen = [*LOOKS, *arguments[1:]] if arguments[:1] == ["--looks"] else arguments or WORKERS
    if left_out := needs.lacking(chosen):
        say(needs.sentence(left_out))
    if arguments[:1] == ["--looks"]:
        return run_pytest({**env, "LOOK_ALL": "1"}, chosen)
    if arguments and not is_quick:
        return run_pytest(env, chosen)
    path = os.pathsep.join([str(ROOT), str(ROOT / "platform")])
    migrating = subprocess.Popen(TEMPLATE, cwd=ROOT, env={**env, "PYTHONPATH": path}, stdin=subprocess.DEVNULL)
    asked_for = [word for word in chosen if word.startswith("tests/")] or ["tests"]
    collecting = subprocess.Popen(
        [*COLLECTION, *asked_for],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        failed = run_checks(env)
        if failed:
            say(f"✗ 未通过的检查 / failed checks: {', '.join(failed)}")
        collecting.wait()
        # The tests are collected meanwhile, and who needs the database waits for its lock (tests/databases.py). Where
        # migrating failed, the first worker tries again and shows why.
        status = run_pytest({**QUICK_WALK, **env} if is_quick else env, chosen)
    finally:
        migrating.wait()
        collecting.wait()
    return status or (1 if failed else 0)


def by_change(*, is_all: bool) -> list[str]:
    """The workflow's tests that a quick run takes in, and says so."""
    chosen = None if is_all else touched.chosen(BY_CHANGE)
    if chosen is None:
        return [BY_CHANGE]
    say(
        f"{BY_CHANGE}: 改动涉及 {len(chosen)} 个文件;全部用 bin/test --quick --all"
        f" / {len(chosen)} files are touched by the change; bin/test --quick --all takes them all"
    )
    return chosen


def run_pytest(env: Mapping[str, str], arguments: list[str]) -> int:
    """pytest's own status; 1 when tests had to be left out."""
    left_out = needs.lacking(arguments)
    kept = needs.remaining(arguments, left_out)
    if kept is None:
        return 1
    noting = {**env, "REACHED": str(touched.RECORDS)}
    status = subprocess.run([PYTHON, "-m", "pytest", *kept], cwd=ROOT, env=noting, check=False).returncode
    return status or (1 if left_out else 0)


def run_bench(database: cluster.Database, env: dict[str, str], arguments: list[str]) -> int:
    """Cases on a database that is migrated and holds nothing else: each makes the rows it needs."""
    if database.process is not None:
        cluster.recreate_database(database)
    running = {
        **env,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "platform")]),
        # A case that needs a database of its own makes it as this one; empty where the cluster is not ours.
        "BENCH_SUPERUSER_URL": database.superuser_url or "",
    }
    manage(running, "migrate", "--verbosity", "0")
    return subprocess.run([PYTHON, "-m", "bench", *arguments], cwd=ROOT, env=running, check=False).returncode


def on_terminate(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C ends: servers are stopped on the way out."""
    raise KeyboardInterrupt


def main() -> int:
    """Servers up, work, servers down."""
    kind, arguments = sys.argv[1], sys.argv[2:]
    signal.signal(signal.SIGTERM, on_terminate)
    VAR.mkdir(parents=True, exist_ok=True)
    keeper = Keeper(lambda: None, say)
    with (VAR / f"{kind}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"等待另一个 bin/{kind} 结束 / waiting for another bin/{kind} in this checkout to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            secrets = load_secrets()
            # Measurements keep the disk's confirmation: without it the figures would be another product's.
            database = cluster.start(f"{kind}-postgres", secrets, durable=kind == "bench")
            if database.process:
                keeper.adopt(database.process)
            queue = broker.start(f"{kind}-valkey", secrets)
            if queue.process:
                keeper.adopt(queue.process)
            env = django_environment(
                secrets,
                database.urls,
                queue.url,
                base_port=free_port(8000),
                settings="settings.test" if kind == "test" else "settings.dev",
            )
            if browser := needs.chromium():
                env.setdefault("CHROMIUM", browser)
            return run_tests(env, arguments) if kind == "test" else run_bench(database, env, arguments)
        except LauncherError as error:
            say(f"✗ {error}")
            return 2
        except KeyboardInterrupt:
            return 130
        finally:
            keeper.stop()


if __name__ == "__main__":
    sys.exit(main())
