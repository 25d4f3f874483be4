"""Who may be photographed: no until somebody says yes, one person at a time (books §6)."""

from collections import Counter
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from content.opendays import links
from content.opendays.access import invited_party, only, organised
from content.opendays.models import Guest, Invitation, OpenDay, Party
from content.opendays.rules import UNDER_14, Band, band_of
from families.access import children_of
from families.workflow import FAMILY
from kernel.clock import now
from kernel.errors import Conflict, Refused
from tenancy.models import Tenant


@transaction.atomic
def say_photo(*, token: str, guest_id: UUID | str, yes: bool) -> Guest:
    """By the answer's own link: yes or no for somebody of 14 or older, and no for everybody, also when the names are gone.

    Refused ``guardian_says_photo`` for a yes about a child under 14: this link proves no guardian.
    """
    found = links.party_of(token) if yes else links.photo_party_of(token)
    party = Party.objects.select_for_update(no_key=True).get(pk=found.pk)
    if party.left_at is not None:
        raise Conflict("party_left")
    guest: Guest = only(Guest.objects.filter(party=party), guest_id)
    if yes and Band(guest.band) in UNDER_14:
        raise Refused("guardian_says_photo")
    _set(guest, yes=yes)
    record(actor=FAMILY, action="guest.photo", obj=guest, facts={"yes": yes})
    return guest


@transaction.atomic
def say_photo_as_guardian(
    *, actor: Actor, school: Tenant, party_id: UUID | str, guest_id: UUID | str, yes: bool
) -> Guest:
    """By the member of the staff who invited, for a child under 14 whose guardian they are.

    Refused ``no_such_child`` when fewer children of that age are registered with them than would be photographed: a cousin
    who comes along is not theirs to answer for. A no is taken also when the names are gone.
    """
    require(actor, "openday.invite")
    found = invited_party(actor, party_id, is_named=yes)
    _one_after_another(found.invitation_id)
    party = Party.objects.select_for_update(no_key=True).get(pk=found.pk)
    guest: Guest = only(Guest.objects.filter(party=party), guest_id)
    if yes and not _answers_for(actor, school, party, guest):
        raise Refused("no_such_child")
    _set(guest, yes=yes)
    record(actor=actor, action="guest.photo", obj=guest, facts={"yes": yes})
    return guest


@transaction.atomic
def pictures_looked_through(*, actor: Actor, open_day_id: UUID | str) -> OpenDay:
    """Whoever took a yes back up to now is in none of the published pictures any more: they may be shown again."""
    require(actor, "openday.run")
    day = organised(actor, open_day_id, lock=True)
    day.pictures_seen_at = now()
    day.save(update_fields=["pictures_seen_at"])
    record(actor=actor, action="openday.pictures", obj=day)
    return day


def _one_after_another(invitation_id: UUID) -> None:
    """Children are counted over all families of an invitation: two yeses for two of them wait for each other here."""
    Invitation.objects.select_for_update(no_key=True).get(pk=invitation_id)


def _answers_for(actor: Actor, school: Tenant, party: Party, guest: Guest) -> bool:
    if Band(guest.band) not in UNDER_14:
        return False
    day = school.day_of(party.open_day.starts_at)
    registered = Counter(band_of(child.born, day) for child in children_of(actor))
    others = Guest.objects.filter(
        party__invitation=party.invitation_id, party__left_at__isnull=True, band=guest.band, may_photograph=True
    ).exclude(pk=guest.pk)
    return others.count() < registered[Band(guest.band)]


def _set(guest: Guest, *, yes: bool) -> None:
    if guest.may_photograph == yes:
        return
    guest.photo_ended_at = None if yes else now()
    guest.may_photograph = yes
    guest.save(update_fields=["may_photograph", "photo_ended_at"])
