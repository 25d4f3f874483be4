"""Secrets of this checkout, made once, and the environment that every Django process is handed."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from places import VAR, read_json, write_private

OWNER, APP, PARTNER, SYSTEM, TESTER = (
    "xinqiao_owner",
    "xinqiao_app",
    "xinqiao_partner",
    "xinqiao_system",
    "xinqiao_tester",
)
DATABASE = "xinqiao"

#: Which variable of the environment carries the address for which role (docs/operations.md).
ADDRESS_OF = {
    OWNER: "DATABASE_URL",
    APP: "APP_DATABASE_URL",
    PARTNER: "PARTNER_DATABASE_URL",
    SYSTEM: "SYSTEM_DATABASE_URL",
    TESTER: "TESTER_DATABASE_URL",
}

_PASSWORDS = ("postgres", OWNER, APP, PARTNER, SYSTEM, TESTER, "broker")


@dataclass(frozen=True)
class Secrets:
    """Generated values of one checkout; `passwords` by role of the database, and `broker`."""

    passwords: Mapping[str, str] = field(repr=False)
    secret_key: str = field(repr=False)
    vault_key: str = field(repr=False)
    hash_key: str = field(repr=False)
    instance_id: str = field(repr=False)


def _key() -> str:
    """32 random bytes, base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def load_secrets() -> Secrets:
    """Read `var/secrets.json` (0600), making what is not there yet.

    Losing this file makes encrypted fields unreadable: backups keep it apart from the data.
    """
    VAR.mkdir(parents=True, exist_ok=True)
    path = VAR / "secrets.json"
    with (VAR / "secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = read_json(path)
        passwords = {name: kept.get("passwords", {}).get(name) or secrets.token_urlsafe(24) for name in _PASSWORDS}
        keys = {
            "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_urlsafe(50),
            "VAULT_KEY": kept.get("VAULT_KEY") or _key(),
            "HASH_KEY": kept.get("HASH_KEY") or _key(),
            "INSTANCE_ID": kept.get("INSTANCE_ID") or f"xinqiao-{secrets.token_hex(6)}",
        }
        if (value := {"passwords": passwords, **keys}) != kept:
            write_private(path, value)
    return Secrets(passwords, keys["SECRET_KEY"], keys["VAULT_KEY"], keys["HASH_KEY"], keys["INSTANCE_ID"])


def address(role: str, password: str, port: int, database: str = DATABASE) -> str:
    """A `postgresql://` address on loopback."""
    return f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{port}/{database}"


def django_environment(
    kept: Secrets, databases: Mapping[str, str], broker_url: str, *, base_port: int, settings: str = "settings.dev"
) -> dict[str, str]:
    """The caller's environment plus all addresses and keys. Keys that the operator set by hand win.

    Addresses always come from what was really started or found; `BASE_PORT` is what the web listens on. Compiled modules
    are kept, whatever the caller's shell says: dozens of processes begin, and each would compile the product anew.
    """
    keys = {
        "SECRET_KEY": kept.secret_key,
        "VAULT_KEY": kept.vault_key,
        "HASH_KEY": kept.hash_key,
        "INSTANCE_ID": kept.instance_id,
    }
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        **{name: os.environ.get(name) or value for name, value in keys.items()},
        **{ADDRESS_OF[role]: url for role, url in databases.items()},
        "BROKER_URL": broker_url,
        "BASE_PORT": str(base_port),
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
