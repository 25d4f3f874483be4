"""Refusals that belong to the wire, not to a rule of the domain."""

from kernel.errors import Conflict, DomainError, Invalid, Refused


class Malformed(Invalid):
    """The body cannot be read as strict JSON. The code says what is wrong with it."""

    code = "malformed"


class BodyTooLarge(DomainError):
    """The body is longer than the parser reads."""

    code, status = "too_large", 413


class WrongMediaType(DomainError):
    """Something other than JSON was sent."""

    code, status = "unsupported_media_type", 415


class IdempotencyMismatch(Refused):
    """The key was used for another body or another call (contract §API)."""

    code = "idempotency_mismatch"


class InFlight(Conflict):
    """The first request with this key is still at work: ask again in a moment."""

    code = "in_flight"
