"""What `bin/run`, `bin/test` and `bin/bench` promise (contract.md, Commands), on real servers and real processes."""

import http.client
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

import broker  # noqa: E402
import cluster  # noqa: E402
import environment  # noqa: E402
import lodging  # noqa: E402
import places  # noqa: E402
import run  # noqa: E402
import service  # noqa: E402
from environment import ADDRESS_OF, APP, OWNER, TESTER, Secrets, django_environment, load_secrets  # noqa: E402
from supervisor import Keeper, Process  # noqa: E402


def until(true: Callable[[], object], seconds: float = 15) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    """Whether a process has ended (one that waits to be collected has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `var/` of the test's own, and no address from outside."""
    for module in (places, lodging, broker, environment):
        monkeypatch.setattr(module, "VAR", tmp_path)
    monkeypatch.setattr(places, "LOGS", tmp_path / "log")
    for name in (*ADDRESS_OF.values(), "BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def secrets(checkout: Path) -> Secrets:
    return load_secrets()


@pytest.fixture
def cluster_name(checkout: Path) -> Iterator[str]:
    """A cluster nobody else uses. As root its files may lie outside the checkout; they go with the test."""
    name = f"launcher-test-{os.getpid()}"
    yield name
    data, _ = lodging.data_directory(name)
    shutil.rmtree(data, ignore_errors=True)
    if data.parent != checkout and not any(data.parent.iterdir()):
        data.parent.rmdir()


class TestHouse:
    def test_no_package_hides_the_standard_library(self) -> None:
        assert not (ROOT / "platform" / "__init__.py").exists()

    def test_ci_refuses_a_package_that_hides_the_standard_library(self, tmp_path: Path) -> None:
        (tmp_path / ".ci").mkdir()
        shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
        (tmp_path / "platform").mkdir()
        (tmp_path / "platform" / "__init__.py").touch()
        done = subprocess.run(["bash", str(tmp_path / ".ci" / "run")], capture_output=True, text=True)
        assert done.returncode == 1
        assert "platform/__init__.py" in done.stderr

    @pytest.mark.parametrize("script", ["bin/run", "bin/test", "bin/bench", ".ci/run", "bin/lib/bootstrap.sh"])
    def test_scripts_can_be_run_and_parsed(self, script: str) -> None:
        assert os.access(ROOT / script, os.X_OK)
        assert subprocess.run(["bash", "-n", str(ROOT / script)]).returncode == 0


class TestWaysToTest:
    def test_help_is_given_before_anything_is_installed(self, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()
        shutil.copy(ROOT / "bin/test", tmp_path / "bin/test")
        told = subprocess.run([str(tmp_path / "bin/test"), "--help"], capture_output=True, text=True, check=True).stdout
        assert [path.name for path in tmp_path.iterdir()] == ["bin"]
        words = set(re.findall(r"--[a-z]+", told))
        assert words == {"--quick", "--all", "--looks"}
        ways = (ROOT / "bin/lib/suite.py").read_text()
        assert all(f'"{word}"' in ways for word in words)


class TestPlaces:
    def test_a_taken_port_is_passed_over(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", places.free_port(20000)))
            taken.listen()
            port = taken.getsockname()[1]
            assert places.free_port(port) != port

    def test_ports_stay_below_those_the_system_lends_out(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 32767))
            taken.listen()
            assert 10000 <= places.free_port(32767) < 32767

    def test_private_files_are_private_and_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "run.json"
        places.write_private(path, {"名": 1})
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert places.read_json(path) == {"名": 1}
        with pytest.raises(TypeError):
            places.write_private(path, {"not": object()})
        assert places.read_json(path) == {"名": 1}
        assert [file.name for file in tmp_path.iterdir()] == ["run.json"]

    def test_secrets_are_made_once(self, checkout: Path) -> None:
        first = load_secrets()
        assert load_secrets() == first
        assert stat.S_IMODE((checkout / "secrets.json").stat().st_mode) == 0o600
        assert len(set(first.passwords.values())) == len(first.passwords)

    def test_keys_the_operator_set_win_and_addresses_are_the_real_ones(
        self, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SECRET_KEY", "of the operator")
        monkeypatch.delenv("HASH_KEY", raising=False)
        monkeypatch.setenv("BASE_PORT", "1")
        monkeypatch.setenv("BROKER_URL", "redis://stale")
        env = django_environment(secrets, {OWNER: "postgresql://x/y"}, "redis://z", base_port=8123)
        assert (env["SECRET_KEY"], env["HASH_KEY"]) == ("of the operator", secrets.hash_key)
        assert (env["DATABASE_URL"], env["BROKER_URL"], env["BASE_PORT"]) == ("postgresql://x/y", "redis://z", "8123")

    def test_secrets_do_not_show_in_a_traceback(self, secrets: Secrets) -> None:
        assert repr(secrets) == "Secrets()"

    def test_what_runs_is_handed_neither_owner_nor_tester(self, secrets: Secrets) -> None:
        env = django_environment(secrets, dict.fromkeys(ADDRESS_OF, "postgresql://x/y"), "redis://z", base_port=8123)
        for process in service.processes(env, 8124):
            assert {ADDRESS_OF[OWNER], ADDRESS_OF[TESTER]} & set(process.env or {}) == set(), process.name
            assert (process.env or {})[ADDRESS_OF[APP]] == "postgresql://x/y"

    def test_demo_addresses_follow_the_port(self) -> None:
        assert (
            service.with_port("http://yucai.localhost:8000/family/x/", 8765) == "http://yucai.localhost:8765/family/x/"
        )
        assert service.with_port("yucai.localhost", 8765) == "http://yucai.localhost:8765"
        assert service.with_port("https://school.example/", 8765) == "https://school.example/"

    def test_the_demo_link_of_a_relative_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        told = tmp_path / "demo.json"
        monkeypatch.setattr(service, "DEMO", told)
        assert "family_link" not in service.demo_facts(8765), "without the demo there is none"
        places.write_private(told, {"family_link": "http://yucai.localhost:8000/family/x/"})
        facts = service.demo_facts(8765)
        assert facts["family_link"] == "http://yucai.localhost:8765/family/x/"
        run.print_addresses({"base_url": "http://localhost:8765", "help_url": "http://localhost:8081", **facts})
        assert "http://yucai.localhost:8765/family/x/" in capsys.readouterr().out


class TestSupervisor:
    def test_what_dies_is_started_again_after_a_growing_pause(self, tmp_path: Path) -> None:
        seen: list[dict[str, int]] = []
        keeper = Keeper(lambda: seen.append(keeper.pids()), lambda text: None)
        process = Process("sleeper", ["sleep", "300"], tmp_path / "log")
        keeper.adopt(process)
        first = process.pid
        assert first
        os.kill(first, signal.SIGKILL)
        until(lambda: not process.running())
        keeper.tend()
        assert seen[-1] == {}
        assert process.pause == 2.0
        keeper.tend()
        assert process.pid is None, "it must not be started again without a pause"
        until(lambda: keeper.tend() or process.pid)
        assert process.pid != first
        assert seen[-1] == {"sleeper": process.pid}
        keeper.stop()
        assert keeper.pids() == {}

    def test_stopping_spares_nobody_and_foundations_go_last(self, tmp_path: Path) -> None:
        order = tmp_path / "order"
        told = f'trap "echo $0 >> {order}; exit" TERM; while :; do sleep 0.05; done'
        keeper = Keeper(lambda: None, lambda text: None)
        keeper.adopt(Process("database", ["bash", "-c", told, "database"], tmp_path / "log", foundation=True))
        keeper.adopt(Process("web", ["bash", "-c", told, "web"], tmp_path / "log"))
        deaf = Process(
            "deaf",
            ["bash", "-c", 'trap "" TERM; echo up; sleep 300 & wait; sleep 300'],
            tmp_path / "deaf",
            patience=0.3,
        )
        keeper.adopt(deaf)
        until(lambda: "up" in (tmp_path / "deaf").read_text())
        pids = list(keeper.pids().values())
        time.sleep(0.3)  # the other two have set their traps
        keeper.stop()
        assert all(gone(pid) for pid in pids)
        assert order.read_text().split() == ["web", "database"]

    def test_nothing_outlives_a_killed_launcher(self, tmp_path: Path) -> None:
        program = (
            "import sys, time; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from supervisor import Process\n"
            "p = Process('child', ['sleep', '300'], Path(sys.argv[2])); p.start(); print(p.pid, flush=True); time.sleep(300)"
        )
        launcher = subprocess.Popen(
            [sys.executable, "-c", program, str(ROOT / "bin" / "lib"), str(tmp_path / "log")],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert launcher.stdout
        child = int(launcher.stdout.readline())
        assert not gone(child)
        launcher.kill()
        launcher.wait()
        launcher.stdout.close()
        until(lambda: gone(child))


class TestServers:
    def test_cluster_has_its_roles_and_keeps_its_data(self, cluster_name: str, secrets: Secrets) -> None:
        database = cluster.start(cluster_name, secrets, durable=False)
        assert database.process
        try:
            assert set(database.created) == set(ADDRESS_OF)
            for role, url in database.urls.items():
                with psycopg.connect(url) as connection:
                    row = connection.execute(
                        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user"
                    ).fetchone()
                    assert row == (role, False, False, role == OWNER)
            with psycopg.connect(database.urls[OWNER]) as connection:
                facts = connection.execute(
                    "SELECT pg_encoding_to_char(encoding), datcollate, pg_get_userbyid(datdba) FROM pg_database "
                    "WHERE datname = current_database()"
                ).fetchone()
                assert facts == ("UTF8", "C.UTF-8", OWNER)
                connection.execute("CREATE EXTENSION btree_gist; CREATE EXTENSION pg_trgm; CREATE TABLE kept (id int)")
            with (
                psycopg.connect(database.urls[TESTER]) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute("SELECT * FROM kept")
            with psycopg.connect(database.urls[TESTER]) as connection:
                connection.execute("SET ROLE xinqiao_app")
                assert connection.execute("SELECT current_user").fetchone() == (APP,)
        finally:
            database.process.stop()
        again = cluster.start(cluster_name, secrets, durable=False)
        assert again.process
        try:
            assert again.created == []
            assert cluster.is_empty(again)
            with psycopg.connect(again.urls[OWNER]) as connection:
                assert connection.execute("SELECT to_regclass('kept') IS NOT NULL").fetchone() == (True,)
            cluster.recreate_database(again)
            with psycopg.connect(again.urls[OWNER]) as connection:
                assert connection.execute("SELECT to_regclass('kept') IS NULL").fetchone() == (True,)
        finally:
            again.process.stop()

    def test_a_given_database_is_used_and_never_emptied(
        self, cluster_name: str, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = cluster.start(cluster_name, secrets, durable=False)
        assert own.process
        try:
            monkeypatch.setenv("DATABASE_URL", own.urls[OWNER])
            given = cluster.start("elsewhere", secrets)
            assert given.process is None
            assert given.urls == own.urls
            with pytest.raises(places.LauncherError):
                cluster.recreate_database(given)
            with psycopg.connect(own.superuser_url or "", autocommit=True) as connection:
                connection.execute("ALTER ROLE xinqiao_app PASSWORD 'another'")
            with pytest.raises(places.LauncherError, match="APP_DATABASE_URL"):
                cluster.start("elsewhere", secrets)
        finally:
            own.process.stop()

    def test_broker_asks_for_its_password_and_hides_it(self, checkout: Path, secrets: Secrets) -> None:
        queue = broker.start("valkey", secrets)
        assert queue.process
        assert queue.process.pid
        try:
            port = int(queue.url.rpartition(":")[2].partition("/")[0])
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                assert b"NOAUTH" in connection.recv(100)
            command_line = Path(f"/proc/{queue.process.pid}/cmdline").read_text()
            assert secrets.passwords["broker"] not in command_line
            assert stat.S_IMODE((checkout / "valkey" / "server.conf").stat().st_mode) == 0o600
        finally:
            queue.process.stop()

    def test_help_page_is_served_without_anything_else(self, tmp_path: Path) -> None:
        page = tmp_path / "help.html"
        page.write_text("<!doctype html><title>求助</title>12356", encoding="utf-8")
        port = places.free_port(21000)
        command = [sys.executable, str(ROOT / "bin/lib/help_server.py"), "--port", str(port), "--page", str(page)]
        process = Process("help", command, tmp_path / "help.log", env={"PATH": os.environ["PATH"]})
        process.start()
        try:
            until(lambda: not places.port_is_free(port))
            page.unlink()
            for path in ("/", "/help/", "/anything?x=1"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", path)
                answer = connection.getresponse()
                assert answer.status == 200
                assert "12356" in answer.read().decode()
                assert "default-src 'none'" in (answer.getheader("Content-Security-Policy") or "")
                connection.close()
            assert (tmp_path / "help.log").read_text() == ""
        finally:
            process.stop()


class TestBench:
    def test_an_unknown_case_is_refused(self) -> None:
        done = subprocess.run([sys.executable, "-m", "bench", "no-such-case"], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "no-such-case" in done.stderr
