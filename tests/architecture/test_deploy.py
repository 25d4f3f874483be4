"""What stands in deploy/ and settings.production fits the product: names, commands, checks."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
LEFT_TO_THE_SERVER = {"XINQIAO_VAR", "BASE_PORT", "XINQIAO_AS_OWNER", "DEBUG", "SECOND_FACTOR_REQUIRED"}
"""Names with a good default on a server, or of development alone."""


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line)


def example() -> dict[str, str]:
    lines = (DEPLOY / "env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_production_settings_pass_every_check_of_a_deployment() -> None:
    key = "dGVzdC12YXVsdC1rZXktMzItYnl0ZXMtbG9uZy0hISE="
    secret = "".join(chr(33 + n * 7 % 90) for n in range(60))
    env = {**example(), "SECRET_KEY": secret, "VAULT_KEY": key, "HASH_KEY": key}
    env |= {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "settings.production"}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


def test_every_setting_from_outside_stands_in_the_example() -> None:
    read = {
        name
        for path in (ROOT / "settings").glob("*.py")
        for name in re.findall(r'env\.(?:text|flag|key)\("([A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert read - example().keys() - LEFT_TO_THE_SERVER == set()


def test_the_containers_run_what_the_procfile_says() -> None:
    services = compose()["services"]
    for name in ("web", "worker", "beat"):
        assert f".venv/bin/{' '.join(services[name]['command'])}" == procfile()[name]
    assert procfile()["help"] == ".venv/bin/python bin/lib/help_server.py --port 8081"
    assert set(procfile()) <= set(services)


def test_only_the_product_is_handed_its_secrets() -> None:
    services = compose()["services"]
    product = {name for name, service in services.items() if service.get("env_file")}
    assert product == {"migrate", "web", "worker", "beat"}
    said = {name for service in services.values() for name in service.get("environment", {})}
    assert said & {"SECRET_KEY", "VAULT_KEY", "HASH_KEY"} == set()


def test_the_image_holds_no_secret_and_no_data() -> None:
    kept_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"var", "deploy/.env", ".git", ".venv"} <= set(kept_out)


def test_the_unit_runs_a_line_of_the_procfile() -> None:
    unit = (DEPLOY / "systemd" / "xinqiao@.service").read_text(encoding="utf-8")
    assert "ExecStart=/srv/xinqiao/deploy/process %i" in unit
    assert os.access(DEPLOY / "process", os.X_OK)
    said = subprocess.run(["sh", str(DEPLOY / "process"), "nobody"], capture_output=True, text=True, check=False)
    assert (said.returncode, "no process named nobody" in said.stderr) == (2, True)
