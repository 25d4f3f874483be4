"""What stands in deploy/ and settings.production fits the product: names, commands, checks."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from ui.middleware import MAX_UPLOAD

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
LEFT_TO_THE_SERVER = {"XINQIAO_VAR", "BASE_PORT", "XINQIAO_AS_OWNER", "DEBUG", "SECOND_FACTOR_REQUIRED"}
"""Names with a good default on a server, or of development alone."""


RUNNING = ("web", "worker", "beat", "engine", "watchdog")
"""What lasts and knows the database."""


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line)


def example() -> dict[str, str]:
    lines = (DEPLOY / "env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def handed(service: str) -> set[str]:
    """Names of the variables that a container is given."""
    return set(compose()["services"][service].get("environment", {}))


def read_from_outside() -> set[str]:
    """Names of the variables that the settings read."""
    return {
        name
        for path in (ROOT / "settings").glob("*.py")
        for name in re.findall(r'env\.(?:text|flag|key)\("([A-Z_]+)"', path.read_text(encoding="utf-8"))
    }


def test_the_production_settings_pass_every_check_of_a_deployment() -> None:
    key = "dGVzdC12YXVsdC1rZXktMzItYnl0ZXMtbG9uZy0hISE="
    secret = "".join(chr(33 + n * 7 % 90) for n in range(60))
    running = {name: value for name, value in example().items() if name in handed("web")}
    env = {**running, "SECRET_KEY": secret, "VAULT_KEY": key, "HASH_KEY": key}
    env |= {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "settings.production"}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


def test_every_setting_from_outside_stands_in_the_example() -> None:
    assert read_from_outside() - example().keys() - LEFT_TO_THE_SERVER == set()


def test_the_containers_run_what_the_procfile_says() -> None:
    services = compose()["services"]
    for name in RUNNING:
        assert f".venv/bin/{' '.join(services[name]['command'])}" == procfile()[name]
    assert procfile()["help"] == ".venv/bin/python bin/lib/help_server.py --port 8081"
    assert set(procfile()) <= set(services)


def test_only_the_product_is_handed_its_secrets() -> None:
    services = compose()["services"]
    assert not any("env_file" in service for service in services.values()), "a whole file would hand over all of it"
    secrets = {"SECRET_KEY", "VAULT_KEY", "HASH_KEY"}
    assert {name for name in services if handed(name) & secrets} == {"migrate", *RUNNING}


def test_the_owner_of_the_database_is_known_to_the_migrations_alone() -> None:
    """Whoever holds the owner's address stands above both walls: no process that lasts may."""
    services = compose()["services"]
    owners = {name for name in services if {"DATABASE_URL", "OWNER_PASSWORD", "POSTGRES_PASSWORD"} & handed(name)}
    assert owners == {"migrate", "database"}
    spoken = {name for name, service in services.items() if "OWNER_PASSWORD" in str(service)}
    assert spoken == {"database"}, "nor by way of another name"
    assert [name for name, service in services.items() if "${DATABASE_URL" in str(service)] == ["migrate"]
    assert services["migrate"]["restart"] == "no"
    for name in RUNNING:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert {"APP_DATABASE_URL", "PARTNER_DATABASE_URL", "SYSTEM_DATABASE_URL"} <= handed(name)
    assert {name for name in handed("migrate") if "DATABASE_URL" in name} == {"DATABASE_URL"}


def test_engine_and_watchdog_alone_come_by_the_connections_that_are_kept_for_them() -> None:
    services = compose()["services"]
    own = {name for name, service in services.items() if "CHAIN_APP_DATABASE_URL" in str(service.get("environment"))}
    assert own == {"engine", "watchdog"}
    printed = "printf %s, $APP_DATABASE_URL $SYSTEM_DATABASE_URL ${CHAIN_APP_DATABASE_URL:-}"
    script = (DEPLOY / "process").read_text(encoding="utf-8").replace("exec $command", printed)
    shared = {"APP_DATABASE_URL": "a", "SYSTEM_DATABASE_URL": "s"}
    kept = {"CHAIN_APP_DATABASE_URL": "own", "CHAIN_SYSTEM_DATABASE_URL": "own-s"}
    for name in procfile():
        for given, said in ((shared, "a,s,"), (shared | kept, "own,own-s," if name in own else "a,s,")):
            told = subprocess.run(
                ["sh", "-s", name], input=script.replace('cd "$(dirname "$0")/.."', f'cd "{ROOT}"'), text=True,
                env={"PATH": os.environ["PATH"], **given}, capture_output=True, check=True,
            )  # fmt: skip
            assert told.stdout == said, (name, told)


def test_every_container_of_the_product_is_handed_every_setting() -> None:
    """What ``settings`` reads from outside, named one by one: one that is forgotten would silently be its default."""
    wanted = read_from_outside() - LEFT_TO_THE_SERVER - {"DATABASE_URL"}
    for name in RUNNING:
        assert wanted - handed(name) == set()
    roles = {"APP_DATABASE_URL", "PARTNER_DATABASE_URL", "SYSTEM_DATABASE_URL"}
    assert wanted - roles - handed("migrate") == set()


def test_the_settings_of_migrations_need_only_the_owner() -> None:
    """As the container runs them; and those of a running process need no owner (the check above has none)."""
    key = "dGVzdC12YXVsdC1rZXktMzItYnl0ZXMtbG9uZy0hISE="
    env = {name: value for name, value in example().items() if name in handed("migrate")}
    env |= {"SECRET_KEY": "s" * 60, "VAULT_KEY": key, "HASH_KEY": key, "XINQIAO_AS_OWNER": "1"}
    env |= {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "settings.production"}
    program = "from django.conf import settings as s; print({d['USER'] for d in s.DATABASES.values()})"
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert said.stdout == "{'xinqiao_owner'}\n", said.stderr


def test_the_image_holds_no_secret_and_no_data() -> None:
    kept_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"var", "deploy/.env", ".git", ".venv"} <= set(kept_out)


def test_the_unit_runs_a_line_of_the_procfile() -> None:
    unit = (DEPLOY / "systemd" / "xinqiao@.service").read_text(encoding="utf-8")
    assert "ExecStart=/srv/xinqiao/deploy/process %i" in unit
    assert os.access(DEPLOY / "process", os.X_OK)
    said = subprocess.run(["sh", str(DEPLOY / "process"), "nobody"], capture_output=True, text=True, check=False)
    assert (said.returncode, "no process named nobody" in said.stderr) == (2, True)


def test_no_unit_but_the_migrations_reads_the_owners_file() -> None:
    lasting = (DEPLOY / "systemd" / "xinqiao@.service").read_text(encoding="utf-8").splitlines()
    once = (DEPLOY / "systemd" / "xinqiao-migrate.service").read_text(encoding="utf-8").splitlines()
    files = [line for line in lasting if line.startswith("EnvironmentFile=")]
    assert files == ["EnvironmentFile=/etc/xinqiao/env"]
    unset = next(line for line in lasting if line.startswith("UnsetEnvironment="))
    assert {"DATABASE_URL", "OWNER_PASSWORD", "POSTGRES_PASSWORD"} <= set(unset.partition("=")[2].split())
    assert "EnvironmentFile=/etc/xinqiao/owner.env" in once
    assert "Type=oneshot" in once
    assert "ExecStart=/srv/xinqiao/.venv/bin/python manage.py migrate" in once
    assert any("XINQIAO_AS_OWNER=1" in line for line in once)


def test_the_proxy_in_front_writes_down_no_request() -> None:
    """Its log of errors holds whole requests, address and browser included: whoever reports must not stand there."""
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    plain = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).strip()
    first = re.match(r"\{\s*log default \{\s*exclude ([^\n]+)\n\s*\}\s*\}", plain)
    assert first is not None, "global options stand first"
    assert set(first[1].split()) == {"http.log.error", "http.handlers.reverse_proxy", "http.stdlib"}
    assert len(re.findall(r"^\s*log\b", plain, re.MULTILINE)) == 1, "and no log of visits"


WORDS = {
    (): {"site", "options"},
    ("options",): {"log"},
    ("options", "log"): {"exclude"},
    ("site",): {"encode", "@report", "@others", "request_body", "reverse_proxy", "handle_errors"},
    ("site", "request_body"): {"max_size"},
    ("site", "handle_errors"): {"@down", "reverse_proxy"},
}
"""What may stand where in our Caddyfile. The proxy itself is no package that a bare machine must have: whoever adds a word looks it up,
asks `caddy validate` by hand, and puts it here.
"""


def directives() -> list[tuple[tuple[str, ...], str, str]]:
    """(Blocks around it, word, what stands behind it) of each line, read as Caddy does: a block opens at the end of a line."""
    found: list[tuple[tuple[str, ...], str, str]] = []
    around: list[str] = []
    for number, line in enumerate((DEPLOY / "Caddyfile").read_text(encoding="utf-8").splitlines(), 1):
        said = re.sub(r"(^|\s)#.*$", "", line).strip()
        if said == "}":
            assert around, f"line {number} closes what is not open"
            around.pop()
            continue
        opens = said == "{" or said.endswith(" {")
        said = said.removesuffix("{").strip()
        bare = re.sub(r"\{\$[A-Z_]+\}|`[^`]*`", "", said)
        assert not set('{}`"') & set(bare), (
            f"line {number}: a brace or a quotation mark stands where Caddy reads another thing"
        )
        if not said and not opens:
            continue
        word, _blank, rest = said.partition(" ")
        if not around:
            word = "site" if said else "options"
        found.append((tuple(around), word, rest if around else said))
        if opens:
            around.append(word)
    assert not around, f"{around} stay open"
    return found


def test_the_proxy_in_front_stops_no_form_that_the_web_takes() -> None:
    """Where it cuts a form off nothing of it arrives: of a report that would be the words, too."""
    units = {"MB": 1_000_000, "MiB": 1_048_576}
    around = [rest for _around, word, rest in directives() if word == "request_body"]
    sizes = [rest for around, word, rest in directives() if word == "max_size"]
    limits = {}
    for which, size in zip(around, sizes, strict=True):
        found = re.fullmatch(r"(\d+)([A-Za-z]+)", size)
        assert found is not None
        limits[which] = int(found[1]) * units[found[2]]
    assert limits["@others"] >= MAX_UPLOAD
    assert limits["@report"] >= 2 * MAX_UPLOAD, "a photograph of a telephone"
    paths = {word: rest for _around, word, rest in directives() if word in ("@report", "@others")}
    assert paths == {"@report": "path /report /report/*", "@others": "not path /report /report/*"}, (
        "each form has one limit"
    )


def test_the_proxy_in_front_is_told_nothing_that_it_does_not_know() -> None:
    said = directives()
    assert {(around, word) for around, word, _rest in said} == {
        (around, word) for around, words in WORDS.items() for word in words
    }
    text = "\n".join(rest for _around, _word, rest in said)
    names = set(re.findall(r"\{\$([A-Z_]+)\}", text))
    assert names and names <= example().keys() & handed("proxy")
    matchers = {word for _around, word, _rest in said if word.startswith("@")}
    used = {part for _around, _word, rest in said for part in rest.split() if part.startswith("@")}
    assert used == matchers, "a matcher that nobody has named, or that nobody asks"


def test_the_proxy_in_front_asks_services_that_answer_at_that_port() -> None:
    asked = {tuple(rest.split()[-1].split(":")) for _around, word, rest in directives() if word == "reverse_proxy"}
    services = compose()["services"]
    assert {name for name, _port in asked} == {"web", "help"}
    listens = {
        "help": " ".join(services["help"]["command"]),
        "web": (ROOT / "bin" / "lib" / "web_server.py").read_text(encoding="utf-8"),
    }
    assert "bin/lib/web_server.py" in services["web"]["command"] and "BASE_PORT" not in handed("web")
    for name, port in asked:
        assert re.search(rf"(--port |'BASE_PORT', '){port}\b", listens[name]), (name, port)
