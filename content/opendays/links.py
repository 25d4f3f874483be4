"""Secrets of open days: made once, found by a keyed hash inside the school of the host. Four kinds that open four things."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q

from content.opendays import rules
from content.opendays.models import Invitation, Party, Steward
from kernel.clock import end_of_day, now, start_of_day
from kernel.errors import NotFound
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from vault.blind import blind_index

_LONGEST: Final = 100
SAID_YES: Final = Q(may_photograph=True) | Q(photo_ended_at__gte=F("party__open_day__starts_at"))
"""Guests who may be in a picture, or have taken that back since there were any."""
INVITATION: Final = "openday_invitation"
PARTY: Final = "openday_party"
STEWARD: Final = "openday_steward"
_FORM: Final = "openday_form"
_ANSWER: Final = "openday_answer"


def hashed(kind: str, token: str) -> bytes:
    """What is kept of a secret."""
    return blind_index(current_tenant_id(), kind, token)


def form_hash(invitation_id: UUID, form_key: str) -> bytes:
    """By what a second sending of the same form is known."""
    return blind_index(current_tenant_id(), _FORM, f"{invitation_id}|{form_key}")


def answer_token(invitation_id: UUID, form_key: str) -> str:
    """The secret of the answer that this form makes: the same for every sending of it, told to nobody but its sender."""
    return (
        urlsafe_b64encode(blind_index(current_tenant_id(), _ANSWER, f"{invitation_id}|{form_key}")).decode().rstrip("=")
    )


def _key(kind: str, token: str) -> bytes:
    if not token.isascii() or len(token) > _LONGEST:
        raise NotFound
    return hashed(kind, token)


def invitation_of(token: str) -> Invitation:
    """The invitation and its day; NotFound for a secret of another kind or none."""
    found: Invitation | None = (
        Invitation.objects.select_related("open_day", "person").filter(token_hash=_key(INVITATION, token)).first()
    )
    if found is None:
        raise NotFound
    return found


def party_of(token: str) -> Party:
    """The answer and its day; NotFound for one that was removed or whose names are gone."""
    found: Party | None = (
        Party.objects.select_related("open_day", "invitation__person").filter(token_hash=_key(PARTY, token)).first()
    )
    if found is None or found.was_removed or found.open_day.names_wiped_at is not None:
        raise NotFound
    return found


def photo_party_of(token: str) -> Party:
    """The same, and once the names are gone the answer of a family of whom somebody said yes to photographs: pictures outlast
    the names, and so does the road to take a yes back. NotFound for every other.
    """
    found: Party | None = (
        Party.objects.select_related("open_day", "invitation__person").filter(token_hash=_key(PARTY, token)).first()
    )
    if found is None or found.was_removed:
        raise NotFound
    if found.open_day.names_wiped_at is not None and (found.left_at is not None or not found.guests.filter(SAID_YES)):
        raise NotFound
    return found


def steward_of(token: str, school: Tenant) -> Steward:
    """The steward's link, on the day itself and no other (books §6). NotFound before, after, and once it was ended."""
    found = sending_steward_of(token, school)
    if school.day_of(now()) != school.day_of(found.open_day.starts_at):
        raise NotFound
    return found


def sending_steward_of(token: str, school: Tenant) -> Steward:
    """The same, for sending marks alone: also until noon of the day after, for a gate that had no network (books §6)."""
    found: Steward | None = Steward.objects.select_related("open_day").filter(token_hash=_key(STEWARD, token)).first()
    if found is None or found.ended_at is not None:
        raise NotFound
    day = school.day_of(found.open_day.starts_at)
    noon = end_of_day(day, school.time_zone) + timedelta(hours=rules.MARKS_TAKEN_TO_HOUR)
    if not start_of_day(day, school.time_zone) <= now() < noon:
        raise NotFound
    return found


def gate_hash_of(token: str) -> str:
    """What the gate knows of an answer with this secret."""
    return rules.gate_hash(rules.gate_code(token))
