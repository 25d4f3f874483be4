"""Which school, or which institution, is open right now.

One context variable, never stored on a connection: the database backend reads it for every statement it sends
(``tenancy.pgtenant``), so nothing is left behind on a pooled connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings


class NoTenant(RuntimeError):
    """A tenant table was touched while no school was open. Always a bug, never a page."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is open. ``across`` holds the reason as a sentence when every school is."""

    tenant: UUID | None = None
    partner: UUID | None = None
    across: str = ""

    def __post_init__(self) -> None:
        # The values are written into SQL by the backend; only a UUID is safe to write.
        for value in (self.tenant, self.partner):
            if value is not None and not isinstance(value, UUID):
                raise TypeError("a scope takes UUIDs")

    @property
    def role(self) -> str:
        """Which of the database's roles answers: app, partner or system."""
        if self.across:
            return "system"
        return "partner" if self.partner else "app"


NOTHING = Scope()
_open: ContextVar[Scope] = ContextVar("tenancy_scope", default=NOTHING)


def current() -> Scope:
    """The scope that is open, perhaps ``NOTHING``."""
    return _open.get()


def current_tenant_id() -> UUID:
    """The open school. Raises NoTenant when there is none."""
    tenant = _open.get().tenant
    if tenant is None:
        raise NoTenant("no school is open: wrap the call in use_tenant(...)")
    return tenant


def alias_for(scope: Scope) -> str:
    """The database alias whose role fits the scope. Tests map all three to one connection (``settings.test``)."""
    return settings.TENANCY_ALIASES[scope.role]


@contextmanager
def _opened(scope: Scope) -> Iterator[str]:
    token = _open.set(scope)
    try:
        yield alias_for(scope)
    finally:
        _open.reset(token)


@contextmanager
def use_tenant(tenant_id: UUID) -> Iterator[str]:
    """Open one school for reading and writing. Yields the alias to name in ``atomic(using=…)``."""
    with _opened(Scope(tenant=tenant_id)) as alias:
        yield alias


@contextmanager
def use_partner(institution_id: UUID) -> Iterator[str]:
    """Open one institution's rows in every school, for reading (house §Tenancy)."""
    with _opened(Scope(partner=institution_id)) as alias:
        yield alias


@contextmanager
def across_tenants(reason: str) -> Iterator[str]:
    """Open every school, for reading. The one way across: at most 20 uses, listed by a test."""
    if not reason.strip():
        raise ValueError("crossing schools needs a reason as a sentence")
    with _opened(Scope(across=reason)) as alias:
        yield alias


@contextmanager
def no_scope() -> Iterator[None]:
    """Close whatever is open: for sign-in and other global work that must not see a school by accident."""
    token = _open.set(NOTHING)
    try:
        yield
    finally:
        _open.reset(token)
