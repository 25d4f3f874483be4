"""What stands before a request of a kind that begins with a talk at the school (16.6).

The first step is kept by an app above this one, which is handed in by name (``settings.FIRST_STEP``). Whoever asks here holds
the person, so that one yes is used once.
"""

from datetime import datetime
from importlib import import_module
from typing import Any, Protocol, cast
from uuid import UUID

from django.conf import settings

from kernel.errors import Refused
from referrals.kinds import KINDS
from referrals.models import Referral


class FirstStep(Protocol):
    """What the module of ``settings.FIRST_STEP`` offers."""

    def is_open_to(self, person_id: UUID, moment: datetime) -> bool: ...

    def take(self, person_id: UUID, referral: Referral, moment: datetime) -> bool: ...


def _first_step() -> FirstStep:
    found: Any = import_module(settings.FIRST_STEP)
    return cast(FirstStep, found)


def may_ask_outside(kind: str, person_id: UUID | None, moment: datetime) -> bool:
    """Whether ``person_id`` may ask an agency for this kind of service now."""
    return not KINDS[kind].after_talk or (person_id is not None and _first_step().is_open_to(person_id, moment))


def require_first_step(kind: str, person_id: UUID | None, moment: datetime) -> None:
    """Refused ``mediation_first`` while the school's psychologist has not heard the person, or not both sides agreed."""
    if not may_ask_outside(kind, person_id, moment):
        raise Refused("mediation_first")


def take_first_step(referral: Referral, moment: datetime) -> None:
    """The request uses what ``require_first_step`` found."""
    if KINDS[referral.kind].after_talk and not _first_step().take(referral.person_id, referral, moment):
        raise Refused("mediation_first")
