"""Writes a message in the transaction of its act: both commit or neither does."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.invitations import Place
from accounts.models import Membership, User
from notifications.models import Channel, OutboxMessage, Preference, Priority
from notifications.texts import CONTEXT_KEYS, INVITATION, Topic, texts, topic_of
from tenancy.scope import alias_for, current

logger = logging.getLogger(__name__)

DRAIN_TASK: Final = "notifications.drain"
_QUIET_SECONDS: Final = 5.0


def enqueue(
    *,
    key: str,
    template: str,
    to: Membership | User,
    context: Mapping[str, Any] | None = None,
    link: str = "",
    channels: Iterable[str] | None = None,
    address: str = "",
    is_urgent: bool = False,
) -> None:
    """Write one row per channel inside the caller's transaction; the same ``key`` again writes nothing.

    ``context`` may hold ``number`` and ``when`` only (``texts``). ``link`` is a path on the recipient's host. ``channels``
    overrides the person's preference. ``address`` (sealed at rest) replaces the person's own address on the channel.
    ``is_urgent``: taken before every usual message of every school.
    RuntimeError outside a transaction; ValueError for an unknown template, a foreign link, a fact that may not leave, or
    a place that nobody has accepted.
    """
    if not transaction.get_connection(alias_for(current())).in_atomic_block:
        raise RuntimeError("a message is written in the transaction of the act it tells of")
    facts = {name: str(value) for name, value in (context or {}).items() if value not in (None, "")}
    if template not in texts():
        raise ValueError(f"no such template: {template}")
    if not set(facts) <= CONTEXT_KEYS:
        raise ValueError(f"only {sorted(CONTEXT_KEYS)} may leave a page")
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError("a link is a path on the recipient's own host")
    user_id = to.user_id if isinstance(to, Membership) else to.pk
    if user_id is None:
        raise ValueError("a place that nobody has accepted is told of its invitation only")
    chosen = list(dict.fromkeys(channels)) if channels is not None else channels_for(to, template)
    rows = []
    for channel in chosen:
        row = OutboxMessage(
            key=key,
            template=template,
            channel=Channel(channel),
            to_user_id=user_id,
            context=facts,
            link=link,
            priority=Priority.URGENT if is_urgent else Priority.USUAL,
        )
        row.to_address = address
        rows.append(row)
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(wake, using=alias_for(current()), robust=True)


def write_invitations(kind: str, messages: Sequence[tuple[str, Place]]) -> None:
    """One e-mail per ``(key, place)`` in the caller's transaction, for lists of any length; ``kind`` names the table.

    Goes to the address that the place was typed with; no account is asked. The link is made when it is sent
    (``channels``): the row holds none. RuntimeError outside a transaction.
    """
    if not transaction.get_connection(alias_for(current())).in_atomic_block:
        raise RuntimeError("a message is written in the transaction of the act it tells of")
    rows = [
        OutboxMessage(key=key, template=INVITATION, channel=Channel.EMAIL, to_place_kind=kind, to_place=place.pk)
        for key, place in messages
    ]
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(wake, using=alias_for(current()), robust=True)


def channels_for(to: Membership | User, template: str) -> list[str]:
    """Where the message goes. A member always finds it in 消息, beside what they chose; others get an e-mail.

    Matters of the account go by e-mail whatever was chosen: somebody else may be signed in.
    """
    if not isinstance(to, Membership):
        return [Channel.EMAIL]
    topic = topic_of(template)
    if topic is Topic.ACCOUNT:
        return [Channel.EMAIL]
    chosen = Preference.objects.filter(membership=to, kind=topic.value).values_list("channels", flat=True).first()
    return list(dict.fromkeys([Channel.IN_APP.value, *(chosen or [])]))


class _Waker:
    """Tells a worker that something is due. A broker that is down is asked again only after a few seconds."""

    def __init__(self) -> None:
        self.quiet_until = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self.quiet_until:
            return
        try:
            current_app.send_task(DRAIN_TASK, retry=False, ignore_result=True, expires=60)
        except (OperationalError, OSError) as error:
            # Nothing is lost: the row is committed, and the timer drains every few seconds.
            self.quiet_until = time.monotonic() + _QUIET_SECONDS
            logger.warning("no broker to wake the drainer: %s", type(error).__name__)


wake = _Waker()
