"""谁看过 of a card: the psychological centre or the institution, and when; never a name."""

from django.utils.text import capfirst

from audit.models import AuditEntry, object_of
from disclosure.words import READERS, Reader
from referrals.liaison.models import HandOn
from ui.templatetags.ui import school_time

LOOKS = ("card.read", "card.partner_read")
MOST = 50


def looks_at(case: HandOn, agency: str) -> list[tuple[str, str]]:
    """Newest first, fifty at most, without the person's own: ``(who, when)``. One query."""
    object_type, object_id = object_of(case)
    rows = AuditEntry.objects.filter(object_type=object_type, object_id=object_id, action__in=LOOKS)
    found = rows.exclude(actor_id=case.person.user_id).order_by("-seq").values_list("at", "action")[:MOST]
    centre = capfirst(str(READERS[Reader.CENTRE]))
    return [(agency if action == "card.partner_read" else centre, school_time(at)) for at, action in found]
