"""What is told to the member of the staff who invited: their family has no account, and its link is theirs to pass on."""

from collections.abc import Iterable
from typing import Final

from accounts.models import Membership
from content.opendays.models import Claim, Invitation, OpenDay, Party
from notifications.outbox import enqueue

MINE: Final = "/my/open-days/"


def tell(person: Membership, template: str, key: str) -> None:
    """One message in the transaction of its act; a place that nobody has accepted is told nothing."""
    if person.user_id is not None:
        enqueue(key=f"{template}:{key}", template=template, to=person, link=MINE)


def tell_of_offers(claims: Iterable[Claim]) -> None:
    """Seats are kept for a family until an hour that its own page names."""
    for claim in claims:
        party = Party.objects.select_related("invitation__person").get(pk=claim.party_id)
        until = claim.offer_until
        assert until is not None
        tell(party.invitation.person, "openday_offer", f"{claim.pk}:{until.isoformat()}")


def tell_all(day: OpenDay, template: str, key: str) -> int:
    """Everybody whose family is coming; returns how many."""
    parties = Party.objects.filter(open_day=day, left_at__isnull=True)
    rows = Invitation.objects.select_related("person").filter(pk__in=parties.values("invitation")).order_by("pk")
    for invitation in rows:
        tell(invitation.person, template, f"{invitation.pk}:{key}")
    return len(rows)
