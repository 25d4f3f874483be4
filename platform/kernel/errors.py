"""What can go wrong, in the field's words. Raised anywhere, translated to HTTP once, at the edge (house §style 7).

A code is stable: programs depend on it. The sentence a person reads is looked up from the code at the edge,
so a rule never carries a language.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class DomainError(Exception):
    """Base of every refusal. ``params`` fill the sentence shown to the person; never a name or a secret.

    ``fields``: one ``(field, code, detail)`` for each input that it speaks of.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 422

    def __init__(self, code: str | None = None, /, **params: Any) -> None:
        super().__init__(code or self.code)
        self.reason: str = code or self.code
        self.fields: tuple[tuple[str, str, str], ...] = tuple(params.pop("fields", ()))
        self.params: Mapping[str, Any] = params


class NotFound(DomainError):
    """Missing, or not yours: both look the same to a stranger (rules §5)."""

    code, status = "not_found", 404


class Forbidden(DomainError):
    """You may see it, but this act belongs to another role."""

    code, status = "forbidden", 403


class Conflict(DomainError):
    """The thing moved on since you looked."""

    code, status = "conflict", 409


class Refused(DomainError):
    """A rule of the domain says no."""

    code, status = "refused", 422


class TooMany(DomainError):
    """Too many tries in too short a time."""

    code, status = "too_many", 429


class Unavailable(DomainError):
    """This machine lacks what it takes; nothing is wrong with what was asked."""

    code, status = "unavailable", 503


class Invalid(DomainError):
    """The input cannot be read. ``fields`` holds ``(field, code, detail)`` rows."""

    code, status = "invalid", 400


class IllegalMove(Conflict):
    """No such move in the table of states (house §style 4)."""

    code = "illegal_move"


class AlreadyDone(IllegalMove):
    """The state is what the step would have made it: a second press, or a colleague was quicker. For programs the code is
    the same; a person is told that there is nothing left to do.
    """
