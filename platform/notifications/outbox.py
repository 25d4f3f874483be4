"""Writes a message in the transaction of its act: both commit or neither does."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock, Timer
from typing import Any, Final
from uuid import UUID

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
_PAUSE_SECONDS: Final = 0.1


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
    if template not in texts():
        raise ValueError(f"no such template: {template}")
    user_id = to.user_id if isinstance(to, Membership) else to.pk
    chosen = list(dict.fromkeys(channels)) if channels is not None else channels_for(to, template)
    rows = message_rows(
        key=key,
        template=template,
        user_id=user_id,
        channels=chosen,
        context=context,
        link=link,
        address=address,
        is_urgent=is_urgent,
    )
    OutboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
    wake_on_commit()


def message_rows(
    *,
    key: str,
    template: str,
    user_id: UUID | None,
    channels: Iterable[str],
    context: Mapping[str, Any] | None = None,
    link: str = "",
    address: str = "",
    is_urgent: bool = False,
) -> list[OutboxMessage]:
    """The rows that ``enqueue`` would write, not written yet: for an act that writes them with more, and then calls
    ``wake_on_commit``. ValueError as there.
    """
    facts = {name: str(value) for name, value in (context or {}).items() if value not in (None, "")}
    if template not in texts():
        raise ValueError(f"no such template: {template}")
    if not set(facts) <= CONTEXT_KEYS:
        raise ValueError(f"only {sorted(CONTEXT_KEYS)} may leave a page")
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError("a link is a path on the recipient's own host")
    if user_id is None:
        raise ValueError("a place that nobody has accepted is told of its invitation only")
    rows = []
    for channel in channels:
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
    return rows


def wake_on_commit() -> None:
    """A worker is told that something is due, once the open transaction has committed."""
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
    wake_on_commit()


def channels_for(to: Membership | User, template: str) -> list[str]:
    """Where the message goes. A member always finds it in 消息, beside what they chose; others get an e-mail.

    Matters of the account go by e-mail whatever was chosen: somebody else may be signed in.
    """
    if not isinstance(to, Membership):
        return [Channel.EMAIL]
    topic = topic_of(template)
    if topic is Topic.ACCOUNT:
        return [Channel.EMAIL]
    return channels_of(
        Preference.objects.filter(membership=to, kind=topic.value).values_list("channels", flat=True).first()
    )


def channels_of(chosen: Sequence[str] | None) -> list[str]:
    """A member's channels for a matter that is not of the account: 消息, and what they chose beside it."""
    return list(dict.fromkeys([Channel.IN_APP.value, *(chosen or [])]))


class _Waker:
    """Tells a worker that something is due: at once, and then at most once in ``_PAUSE``, for whatever came meanwhile too.

    A broker that is down is asked again only after a few seconds.
    """

    def __init__(self) -> None:
        self.quiet_until = 0.0
        self._lock = Lock()
        self._told_at = -_PAUSE_SECONDS
        self._is_waiting = False

    def __call__(self) -> None:
        moment = time.monotonic()
        if moment < self.quiet_until:
            return
        with self._lock:
            pause = self._told_at + _PAUSE_SECONDS - moment
            if self._is_waiting:
                return  # somebody tells soon, and this message is due by then
            if pause > 0:
                self._is_waiting = True
            else:
                self._told_at = moment
        if pause > 0:
            later = Timer(pause, self._tell_later)
            later.daemon = True
            later.start()
        else:
            self._tell()

    def _tell_later(self) -> None:
        with self._lock:
            self._is_waiting = False
            self._told_at = time.monotonic()
        self._tell()

    def _tell(self) -> None:
        try:
            current_app.send_task(DRAIN_TASK, retry=False, ignore_result=True, expires=60)
        except (OperationalError, OSError) as error:
            # Nothing is lost: the row is committed, and the timer drains every few seconds.
            self.quiet_until = time.monotonic() + _QUIET_SECONDS
            logger.warning("no broker to wake the drainer: %s", type(error).__name__)


wake = _Waker()
