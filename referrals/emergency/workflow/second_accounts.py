"""Two places turn out to be one person's while something is open (chain §2: by person and by number, also in live incidents).

Who is called is asked when a step fires, under every account of theirs. What was queued before, and a leg that somebody took
before, is looked through again when a telephone or a staff number of the school changes (ADR 0064).
"""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from referrals.emergency.models import Delivery, Incident
from referrals.emergency.rules.sending import DeliveryState
from referrals.emergency.workflow.moving import lock
from referrals.emergency.workflow.withdrawing import leave_out

logger = logging.getLogger(__name__)


def numbers_changed() -> None:
    """The hook ``settings.NUMBERS_CHANGED`` of accounts: whoever must not know of an incident, and now has another account,
    is called no further under it and has nothing of it in their hands.

    Of each incident that is open, or of which anything still waits to be said; each in a transaction of its own, so that one
    that fails holds no other up. Of a drill nothing is to be hidden: it is about nobody.
    """
    waits = Delivery.objects.filter(state__in=(DeliveryState.QUEUED, DeliveryState.CLAIMED))
    meant = Q(closed_at=None) | Q(pk__in=waits.values("leg__incident"))
    found = Incident.objects.filter(meant, is_drill=False, erased_at=None).order_by("pk")
    for pk in list(found.values_list("pk", flat=True)):
        try:
            _look_again(pk)
        except Exception as error:  # noqa: BLE001  whatever it is, the other incidents are not to wait for it
            logger.error("who must not know of incident %s was not looked for again: %s", pk, type(error).__name__)


@transaction.atomic
def _look_again(incident_id: UUID) -> None:
    leave_out(lock(incident_id).incident)
