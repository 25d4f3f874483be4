"""The messages of the demo's people: what is a week old has been read, as anybody's would be."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from accounts.actor import Actor
from notifications.channels import send_in_app
from notifications.models import Channel, InboxMessage, OutboxMessage
from tenancy.models import Tenant

READ_AFTER: Final = timedelta(days=7)


def read_what_is_past(school: Tenant, people: Iterable[Actor], *, today: datetime) -> None:
    """Inside the school's scope. The rows that the sender will come to are made here already; the same key makes one row."""
    until = today - READ_AFTER
    past = OutboxMessage.objects.filter(
        channel=Channel.IN_APP, to_user__in=[one.user_id for one in people if one.user_id], created_at__lt=until
    )
    for message in past:
        send_in_app(message, school)
    InboxMessage.objects.filter(created_at__lt=until, read_at=None).update(read_at=F("created_at") + timedelta(hours=5))
