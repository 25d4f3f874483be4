"""Loads a staff list by an untrusted id; NotFound for a stranger (house §style 5)."""

from uuid import UUID

from accounts.actor import Actor
from accounts.models import RosterImport
from kernel.errors import NotFound


def access_roster(actor: Actor, import_id: UUID) -> RosterImport:
    """The list with this id, for an actor who may import lists. NotFound otherwise."""
    roster: RosterImport | None = RosterImport.objects.filter(pk=import_id).first()
    if roster is None or not actor.may("roster.import"):
        raise NotFound
    return roster


def locked_roster(import_id: UUID, *left_out: str) -> RosterImport:
    """The list, locked until the transaction ends, without the columns ``left_out``. NotFound when there is none."""
    rows = RosterImport.objects.select_for_update(no_key=True).defer(*left_out)
    roster: RosterImport | None = rows.filter(pk=import_id).first()
    if roster is None:
        raise NotFound
    return roster
