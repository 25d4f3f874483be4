"""Everything that comes from outside, read in one place. A missing secret stops the start and is named."""

import base64
import os
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The variable, or ``default``; ImproperlyConfigured when neither is there."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. `bin/run` sets it; see docs/operations.md")
    return value


def flag(name: str, default: bool = False) -> bool:
    """``1``, ``true`` and ``yes`` are true."""
    return os.environ.get(name, str(default)).lower() in ("1", "true", "yes")


def key(name: str, default: str | None = None) -> bytes:
    """A secret key: base64 of 32 bytes."""
    value = base64.b64decode(text(name, default))
    if len(value) != 32:
        raise ImproperlyConfigured(f"{name} must be base64 of 32 bytes")
    return value


def database(url: str, **extra: Any) -> dict[str, Any]:
    """A ``DATABASES`` entry from ``postgresql://user:password@host:port/name?host=/socket``."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("PostgreSQL is the only database")
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {},
        "TEST": {"DEPENDENCIES": []},
        **extra,
    }
