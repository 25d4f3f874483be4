"""What a message is about, said on the signed-in page alone: what leaves the house names no service. Found by ``notifications.inbox``."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

from accounts.actor import Actor
from referrals.models import Referral
from ui.names import named

_OWN: Final = re.compile(r"/my/referrals/([0-9a-f-]{36})/")


def _requests(actor: Actor, links: Collection[str]) -> Mapping[str, str]:
    """Service and agency of the actor's own requests. An office's message names nobody's: its list is opened by name."""
    ids = {found[1]: link for link in links if (found := _OWN.fullmatch(link))}
    if not ids:
        return {}
    rows = Referral.objects.filter(pk__in=ids, person_id=actor.membership_id).select_related("service", "partner")
    return {ids[str(row.pk)]: f"{named(row.service)} · {named(row.partner)}" for row in rows}


SUBJECTS: Final[Mapping[str, Callable[[Actor, Collection[str]], Mapping[str, str]]]] = {"referral": _requests}
