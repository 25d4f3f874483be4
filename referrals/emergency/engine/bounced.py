"""A contact's number to which no provider sends: it is marked, and the person is told once (chain §2)."""

import logging

from django.db import transaction

from notifications.providers.ports import Trouble
from referrals.emergency.models import Delivery, Incident
from referrals.emergency.rules.sending import DeliveryState
from referrals.emergency.workflow.contacts import mark_bounced
from tenancy.rounds import is_database_gone

logger = logging.getLogger(__name__)


def tell_bounced(page: Delivery) -> bool:
    """Mark the number of a contact where every way to it has failed, because providers do not send to this number.

    A text message that is refused says nothing of the voice call that still waits: whoever blocks texts may be called.
    Nothing of a colleague, and so nothing in a drill: its recipients are colleagues, and the database keeps no number of
    them. After the page's own transaction: contacts are locked before incidents, never behind them. What fails here costs
    no page. Whether it was marked now.
    """
    if page.recipient.member_id is not None:
        return False
    try:
        with transaction.atomic():
            return _told(page)
    except Exception as error:
        if is_database_gone(error):
            raise
        logger.error("a number of page %s could not be marked: %s", page.pk, type(error).__name__)
        return False


def _told(page: Delivery) -> bool:
    incident = Incident.objects.only("person_id").get(pk=page.leg.incident_id)
    others = Delivery.objects.filter(recipient=page.recipient_id, epoch=page.epoch)
    if incident.person_id is None or others.exclude(state=DeliveryState.FAILED.value, error=Trouble.NUMBER).exists():
        return False
    return mark_bounced(incident.person_id, bytes(page.recipient.target_hash))
