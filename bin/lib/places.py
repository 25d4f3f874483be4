"""Where things lie in a checkout, and the small file habits all launcher modules share."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"

#: Folders with code of the product: the platform, the composition root, and every app beside them.
CODE = ("platform", "settings", *sorted(apps.parent.name for apps in ROOT.glob("*/apps.py")))
LOGS = VAR / "log"

#: Linux hands out ports from 32768 up to outgoing connections, so a server there may find its port taken.
FIRST_EPHEMERAL_PORT = 32768

#: Two checkouts on one machine look for ports in different places first.
CHECKOUT_KEY = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


class LauncherError(Exception):
    """Something the person at the keyboard can mend; the text says how, Chinese first, then English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")


def write_private(path: Path, value: Any) -> None:
    """Replace a JSON file in one step, readable by its owner only: readers never see half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(value, stream, ensure_ascii=False, indent=2)
            stream.write("\n")
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty when there is no such file or it is damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen here now (a port whose old connections still linger counts as free)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(preferred: int) -> int:
    """`preferred`, else the next free loopback port below 32768."""
    candidates: list[int] = [*range(preferred, FIRST_EPHEMERAL_PORT), *range(10000, preferred)]
    for port in candidates:
        if port_is_free(port):
            return port
    raise LauncherError(
        "没有空闲端口,请关闭一些程序后再试。",
        "No free port below 32768; close some programs and try again.",
    )


def preferred_port(base: int) -> int:
    """A starting point of this checkout's own, within 2 000 ports above `base`."""
    return base + int(CHECKOUT_KEY, 16) % 2000


def log_file(name: str) -> Path:
    """The log of one process; a log over 10 MB is kept once as `.1`."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{name}.log"
    if path.exists() and path.stat().st_size > 10_000_000:
        path.replace(path.with_suffix(".log.1"))
    return path
