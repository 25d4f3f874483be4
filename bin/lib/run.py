"""`bin/run`: starts everything on this machine, keeps it running, and tells where it is.

bin/run [--port N] [--fresh] [--detach] [--stop]
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO, Any

import broker
import cluster
from environment import APP, OWNER, django_environment, load_secrets
from places import VAR, LauncherError, free_port, log_file, read_json, write_private
from service import demo_facts, prepare, processes
from supervisor import Keeper

RUN_JSON = VAR / "run.json"
LOCK = VAR / "run.lock"
READY_SECONDS = 120.0


class Stopped(Exception):
    """Ctrl-C, or `bin/run --stop`."""


def say(text: str) -> None:
    """One line to the person at the keyboard, at once."""
    print(text, flush=True)


def take_lock() -> IO[str] | None:
    """The right to run in this checkout, or None when another launcher has it. The file names the holder."""
    VAR.mkdir(parents=True, exist_ok=True)
    lock: IO[str] = LOCK.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def holder() -> int | None:
    """Process id of the launcher that runs in this checkout now."""
    if lock := take_lock():
        lock.truncate(0)
        lock.close()
        return None
    text = LOCK.read_text(encoding="utf-8").strip()
    return int(text) if text.isdigit() else None


def stop_running(seconds: float = 60.0) -> int:
    """`--stop`: ask the launcher to end and wait until it has."""
    pid = holder()
    if pid is None:
        say("没有在运行。/ Nothing is running.")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holder() is None:
            say("已停止。/ Stopped.")
            return 0
        time.sleep(0.2)
    say(f"进程 {pid} 还没有停下。/ Process {pid} has not stopped yet.")
    return 1


def answers(port: int, path: str = "/readyz") -> bool:
    """Whether the platform host says 200 (asked by address, so no resolver has to know `*.localhost`)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def print_addresses(state: dict[str, Any]) -> None:
    """Where to go and how to sign in."""
    say("")
    say(f"平台 / platform      {state['base_url']}/")
    for slug, url in state["hosts"].items():
        say(f"{slug:<20} {url}")
    say(f"求助页 / help page   {state['help_url']}")
    if link := state.get("family_link"):
        say(f"家人链接 / family    {link}")
    if state["logins"]:
        say("")
        say("演示账号(仅供开发)/ demo sign-ins (development only)")
        for login in state["logins"]:
            say(
                f"  {login.get('role', ''):<11} {login.get('email', ''):<32} {login.get('password', ''):<20} {login.get('name', '')}"
            )
    say("")
    say(f"细节 / details: {RUN_JSON}    停止 / stop: Ctrl-C, bin/run --stop")


class Launcher:
    """One run from start to stop."""

    def __init__(self, port: int | None, fresh: bool) -> None:
        self.port = port
        self.fresh = fresh
        self.keeper = Keeper(self.publish, say)
        self.state: dict[str, Any] = {}

    def publish(self) -> None:
        """Write `var/run.json` anew; before the addresses are known there is nothing to tell."""
        if self.state:
            self.state["processes"] = {"launcher": os.getpid(), **self.keeper.pids()}
            write_private(RUN_JSON, self.state)

    def start(self) -> None:
        """Bring everything up and wait until it is ready."""
        secrets = load_secrets()
        if self.fresh and not os.environ.get("BROKER_URL"):
            shutil.rmtree(VAR / "valkey", ignore_errors=True)  # messages about rows that will be gone
        queue = broker.start("valkey", secrets)
        if queue.process:
            self.keeper.adopt(queue.process)
        database = cluster.start("postgres", secrets)
        if database.process:
            self.keeper.adopt(database.process)
        port = free_port(self.port or 8000)
        if self.port and port != self.port:
            raise LauncherError(f"端口 {self.port} 已被占用。", f"Port {self.port} is taken.")
        help_port = free_port(port + 1 if port + 1 != 8000 else port + 2)
        settings = os.environ.get("DJANGO_SETTINGS_MODULE", "settings.dev")
        env = django_environment(secrets, database.urls, queue.url, base_port=port, settings=settings)
        env["HELP_URL"] = f"http://localhost:{help_port}/"
        (VAR / "static").mkdir(exist_ok=True)
        prepare(database, env, fresh=self.fresh)
        self.state = {
            "base_url": f"http://localhost:{port}",
            "help_url": env["HELP_URL"],
            **demo_facts(port),
            "database_url": database.urls[OWNER],
            "app_database_url": database.urls[APP],
            "broker_url": queue.url,
            "ready": False,
        }
        for process in processes(env, help_port):
            self.keeper.adopt(process)
        self.await_ready(port)
        self.state["ready"] = True
        self.publish()
        print_addresses(self.state)

    def await_ready(self, port: int) -> None:
        """Return when `/readyz` says 200; what has died meanwhile is started again."""
        deadline = time.monotonic() + READY_SECONDS
        while not answers(port):
            if time.monotonic() > deadline:
                raise LauncherError(
                    f"{READY_SECONDS:.0f} 秒内没有就绪。请看 {VAR / 'log'} 里的日志。",
                    f"Not ready within {READY_SECONDS:.0f} s. Look at the logs in {VAR / 'log'}.",
                )
            self.keeper.tend()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop all that was started, and say so no longer in run.json."""
        self.keeper.stop()
        RUN_JSON.unlink(missing_ok=True)


def on_signal(number: int, frame: FrameType | None) -> None:
    """Turn a signal into the end of the main loop; further ones do not disturb the stopping."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def run_here(port: int | None, fresh: bool) -> int:
    """Stay until stopped."""
    lock = take_lock()
    if lock is None:
        return already_running()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, on_signal)
    RUN_JSON.unlink(missing_ok=True)  # of a launcher that was killed
    launcher, status = Launcher(port, fresh), 0
    try:
        launcher.start()
        while True:
            launcher.keeper.tend()
            time.sleep(0.5)
    except Stopped:
        say("\n正在停止…… / stopping …")
    except LauncherError as error:
        say(f"\n✗ {error}")
        status = 1
    finally:
        launcher.stop()
        lock.truncate(0)
        lock.close()
    return status


def already_running() -> int:
    """Tell where the running one is; that is success only when it is ready."""
    state = read_json(RUN_JSON)
    say(f"已经在运行 / already running: {state.get('base_url', '…')}   (bin/run --stop)")
    return 0 if state.get("ready") else 1


def run_detached(arguments: list[str]) -> int:
    """Start a launcher that outlives this one; pass its words on until it is ready."""
    if holder() is not None:
        return already_running()
    log = log_file("run")
    with log.open("wb") as sink:
        child = subprocess.Popen(
            [sys.executable, str(Path(__file__)), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    with log.open("r", encoding="utf-8", errors="replace", newline="") as source:
        while True:
            ended = child.poll()
            state = read_json(RUN_JSON)
            ready = bool(state.get("ready")) and state.get("processes", {}).get("launcher") == child.pid
            if ready:
                time.sleep(0.3)  # its last words are on their way
            sys.stdout.write(source.read())
            sys.stdout.flush()
            if ready:
                return 0
            if ended is not None:
                return ended or 1
            time.sleep(0.2)


def main() -> int:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="bin/run", description="Start the whole product on this machine.")
    parser.add_argument("--port", type=int, help="port of the web (default: 8000, or the next free one)")
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away and load it anew")
    parser.add_argument("--detach", action="store_true", help="return when /readyz answers 200")
    parser.add_argument("--stop", action="store_true", help="stop the one that runs")
    given = parser.parse_args()
    if given.stop:
        return stop_running()
    if given.detach:
        return run_detached([argument for argument in sys.argv[1:] if argument != "--detach"])
    return run_here(given.port, given.fresh)


if __name__ == "__main__":
    sys.exit(main())
