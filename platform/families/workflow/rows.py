"""Rows of a family as its writers lock, move and end them."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.actor import Actor
from families.access import access_relative
from families.models import Consent, FamilyLink, Relative
from families.states import OPEN, ConsentEvent, ConsentState, step
from kernel.clock import now
from kernel.errors import NotFound


def locked_relative(actor: Actor, relative_id: UUID | str) -> Relative:
    """The actor's own relative, locked. NotFound for another's, and for one who was removed meanwhile."""
    relative: Relative = Relative.objects.select_for_update(no_key=True).get(pk=access_relative(actor, relative_id).pk)
    if relative.removed_at is not None:  # removed while we waited for the row
        raise NotFound
    return relative


def end_all(relative: Relative) -> int:
    """End the links of a relative, and what was asked or agreed; returns how many consents ended."""
    kill_links(FamilyLink.objects.filter(relative=relative))
    consents = Consent.objects.select_for_update(no_key=True).filter(relative=relative, state__in=OPEN).order_by("pk")
    for consent in consents:
        move(consent, ConsentEvent.WITHDRAW)
    return len(consents)


def kill_links(rows: QuerySet[FamilyLink]) -> None:
    """End the links that could still act, in one order."""
    moment = now()
    live = rows.select_for_update(no_key=True).filter(used_at__isnull=True, expires_at__gt=moment).order_by("pk")
    FamilyLink.objects.filter(pk__in=[link.pk for link in live]).update(expires_at=moment)


def move(consent: Consent, event: ConsentEvent) -> None:
    """Write what ``event`` makes of a locked consent. IllegalMove when it was settled before."""
    consent.state = step(ConsentState(consent.state), event)
    consent.at = now()
    consent.save(update_fields=["state", "at"])


def person_of(actor: Actor) -> UUID:
    """The actor's place. NotFound for who has none."""
    if actor.membership_id is None:
        raise NotFound
    return actor.membership_id
