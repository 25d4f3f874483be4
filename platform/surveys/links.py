"""The secret of a survey: the same for everybody, found by a keyed hash inside the school of the host."""

from typing import Final
from uuid import UUID

from kernel.errors import NotFound
from surveys.models import Survey
from tenancy.scope import current_tenant_id
from vault.blind import blind_index

_LONGEST: Final = 100


def hashed(token: str) -> bytes:
    """What is kept of the link."""
    return blind_index(current_tenant_id(), "survey", token)


def form_hash(survey_id: UUID, form_key: str) -> bytes:
    """By what a second sending of the same form is known."""
    return blind_index(current_tenant_id(), "survey_form", f"{survey_id}|{form_key}")


def survey_of(token: str, *, lock: bool = False) -> Survey:
    """The survey behind a link; NotFound for none. Locked, no other answer is written until the transaction ends."""
    if not token.isascii() or len(token) > _LONGEST:
        raise NotFound
    rows = Survey.objects.select_for_update(no_key=True) if lock else Survey.objects.all()
    found: Survey | None = rows.filter(token_hash=hashed(token)).first()
    if found is None:
        raise NotFound
    return found
