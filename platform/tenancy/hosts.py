"""Finds the school of a host name; cached, because every request asks."""

import re
from time import monotonic

from tenancy.models import Tenant

_SECONDS = 5.0
_PORT = re.compile(r":\d*$")
"""Of an IPv6 address too: that ends in a bracket."""
_known: dict[str, tuple[float, Tenant]] = {}


def tenant_of(host: str) -> Tenant | None:
    """The active tenant that answers on ``host`` (port ignored), or None. Remembered for five seconds."""
    name = _PORT.sub("", host).lower().rstrip(".")
    if name in ("127.0.0.1", "[::1]"):
        name = "localhost"
    remembered = _known.get(name)
    if remembered and monotonic() - remembered[0] < _SECONDS:
        return remembered[1]
    tenant = Tenant.objects.filter(host=name, is_active=True).first()
    if tenant is None:
        _known.pop(name, None)
    else:
        _known[name] = (monotonic(), tenant)
    return tenant


def forget() -> None:
    """Drop what is remembered: after a school is created or renamed, and between tests."""
    _known.clear()
