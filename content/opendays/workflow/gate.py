"""Stewards' links, and the marks of who came in. Marks only add; nobody is sent out (books §6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from content.opendays import links
from content.opendays.access import organised, steward_at
from content.opendays.models import Mark, Party, Steward
from content.opendays.rules import MOST_PEOPLE
from content.opendays.workflow.checks import checked_text
from kernel.clock import now
from kernel.errors import Invalid
from kernel.identifiers import new_secret
from tenancy.models import Tenant

MOST_AT_ONCE: Final = 500
MOST_WALKING_IN: Final = 50


@dataclass(frozen=True, slots=True)
class StewardVoice:
    """Whoever holds the steward's link of the day: no account."""

    user_id: None = None
    kind: str = "steward"


STEWARD: Final = StewardVoice()


@dataclass(frozen=True, slots=True)
class Sent:
    """One mark as a telephone sends it. ``party`` is the hash of the QR, empty for a family that had not answered."""

    client_id: UUID
    party: str
    people: int
    at: datetime


@transaction.atomic
def open_gate(*, actor: Actor, open_day_id: UUID | str, gate: str) -> Steward:
    """A link for one gate: it checks in on the day itself and opens nothing on any other."""
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    token = new_secret()
    steward = Steward(open_day=day, gate=checked_text("gate", gate, 20), token_hash=links.hashed(links.STEWARD, token))
    steward.token = token
    steward.save(force_insert=True)
    record(actor=actor, action="gate.open", obj=steward)
    return steward


@transaction.atomic
def shut_gate(*, actor: Actor, open_day_id: UUID | str, steward_id: UUID | str) -> Steward:
    """The link opens nothing any more. Twice is once."""
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    steward = steward_at(day, steward_id)
    if steward.ended_at is None:
        steward.ended_at = now()
        steward.save(update_fields=["ended_at"])
        record(actor=actor, action="gate.shut", obj=steward)
    return steward


@transaction.atomic
def take_marks(*, token: str, school: Tenant, marks: Iterable[Sent]) -> set[UUID]:
    """Write what a telephone has noted; returns the client ids that stand now. Sent twice, or by two tabs, each counts once.

    A mark about a family that left meanwhile counts as one that had not answered: they stand at the gate. Invalid
    ``mark_wrong`` for people below one or beyond what a family or a group can be, ``too_many_marks``. Until noon of the day
    after, what a telephone without network noted on the day is taken, and nothing else stands.
    """
    steward = links.sending_steward_of(token, school)
    sent = list({mark.client_id: mark for mark in marks}.values())
    if len(sent) > MOST_AT_ONCE:
        raise Invalid("too_many_marks", most=MOST_AT_ONCE)
    if any(not 1 <= mark.people <= (MOST_PEOPLE if mark.party else MOST_WALKING_IN) for mark in sent):
        raise Invalid("mark_wrong")
    day = school.day_of(steward.open_day.starts_at)
    if school.day_of(now()) != day:
        sent = [mark for mark in sent if school.day_of(mark.at) == day]
    hashes = {mark.party for mark in sent if mark.party}
    known = dict(
        Party.objects.filter(open_day=steward.open_day_id, left_at__isnull=True, gate_hash__in=hashes).values_list(
            "gate_hash", "pk"
        )
    )
    rows = [
        Mark(
            open_day_id=steward.open_day_id,
            party_id=known.get(mark.party),
            steward=steward,
            client_id=mark.client_id,
            people=mark.people,
            at=mark.at,
        )
        for mark in sent
    ]
    there = set(Mark.objects.filter(client_id__in=[row.client_id for row in rows]).values_list("client_id", flat=True))
    # Another tab may send the same at this moment: the unique key decides, and both are told that it stands. In one order,
    # whatever theirs is: two that wait for each other's rows would be a deadlock.
    fresh = sorted((row for row in rows if row.client_id not in there), key=lambda row: row.client_id)
    Mark.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        record(actor=STEWARD, action="gate.mark", obj=steward, facts={"marks": len(fresh)})
    return {mark.client_id for mark in sent}
