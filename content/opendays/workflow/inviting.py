"""A member of the staff invites their family by one link, sees what came by it, and may take a family off again."""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from content.opendays import links, seating
from content.opendays.access import invited_party, offered_to_staff, only
from content.opendays.models import Invitation, OpenDay, Party
from content.opendays.workflow.answering import end_party, must_not_have_begun
from kernel.clock import now
from kernel.errors import NotFound
from kernel.identifiers import new_secret


@transaction.atomic
def invite(*, actor: Actor, open_day_id: UUID | str) -> Invitation:
    """The actor's link for their family. Asked again it is the same one. NotFound for a day that takes no families."""
    require(actor, "openday.invite")
    if actor.membership_id is None:
        raise NotFound
    day: OpenDay = only(offered_to_staff(actor), open_day_id)
    token = new_secret()
    invitation = Invitation(
        open_day=day, person_id=actor.membership_id, token_hash=links.hashed(links.INVITATION, token)
    )
    invitation.token = token
    # Two presses at once: one row stays, both see it.
    made = Invitation.objects.bulk_create([invitation], ignore_conflicts=True)
    found = Invitation.objects.get(open_day=day, person_id=actor.membership_id)
    if found.pk == made[0].pk:
        record(actor=actor, action="openday.invite", obj=found)
    return found


@transaction.atomic
def remove_party(*, actor: Actor, party_id: UUID | str) -> Party:
    """A family that came by the actor's link is not the actor's: its seats are free, its own link opens nothing any more.

    Conflict ``openday_begun`` once the gates are open.
    """
    require(actor, "openday.invite")
    party = Party.objects.select_for_update(no_key=True).get(pk=invited_party(actor, party_id).pk)
    rooms = seating.lock_sessions(party.open_day_id)
    day = OpenDay.objects.get(pk=party.open_day_id)
    must_not_have_begun(day, now())
    end_party(party, day, rooms, now(), removed=True)
    record(actor=actor, action="party.remove", obj=party)
    return party
