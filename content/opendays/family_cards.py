"""The next open day on a relative's page, for who agreed to open days. Found by ``families.cards``."""

from content.opendays.selectors import next_day
from families.cards import FamilyCard, Visit
from families.links import OpenLink
from families.models import Consent
from families.purposes import Purpose
from families.states import ConsentState


def open_day_card(visit: Visit) -> FamilyCard | None:
    """What everybody may read of the day, and nothing of who named the relative; None without an agreement. Two queries at most."""
    if not _agreed(visit.opened):
        return None
    return FamilyCard(30, "opendays/family_card.html", {"day": next_day()})


def _agreed(opened: OpenLink) -> bool:
    """By this link's agreement or another of the same relative; the link of a letter, which may be forwarded, tells of no other."""
    if opened.may_answer:
        return False
    if opened.consent.purpose == Purpose.OPEN_DAY:
        return opened.consent.state == ConsentState.GIVEN
    if opened.is_letter:
        return False
    return bool(
        Consent.objects.filter(relative=opened.relative, purpose=Purpose.OPEN_DAY, state=ConsentState.GIVEN).exists()
    )


CARDS = (open_day_card,)
