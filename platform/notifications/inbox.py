"""A person's own messages: reading, marking, choosing channels."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.actor import Actor, require
from kernel.errors import Invalid, NotFound
from notifications.models import Channel, InboxMessage, Preference
from notifications.texts import Topic, render
from registry import table
from ui.lists import ListPage, page_of

PAGE = 20
CHOOSABLE_TOPICS = [topic for topic in Topic if topic is not Topic.ACCOUNT]


@dataclass(frozen=True, slots=True)
class Shown:
    """One message in the reader's language. ``about``: what it is about, for its owner on this page alone."""

    id: UUID
    subject: str
    body: str
    link: str
    created_at: datetime
    is_read: bool
    about: str


def my_messages(actor: Actor, *, unread_only: bool, page: str | None, language: str) -> ListPage[InboxMessage]:
    """A page of the actor's messages, newest first; each row carries ``shown``."""
    rows = InboxMessage.objects.filter(membership_id=_membership(actor)).order_by("-created_at", "-pk")
    if unread_only:
        rows = rows.filter(read_at__isnull=True)

    def shown(found: list[Any]) -> list[InboxMessage]:
        about = _about(actor, {row.link for row in found})
        for row in found:
            row.shown = _shown(row, language, about.get(row.link, ""))
        return found

    return page_of(rows, page, PAGE, shown)


def _about(actor: Actor, links: Collection[str]) -> Mapping[str, str]:
    """For a link what it is about, by the apps above (``message_subjects.SUBJECTS``). One query each at most."""
    known: dict[str, str] = {}
    for subjects in table("message_subjects", "SUBJECTS").values():
        known |= subjects(actor, links)
    return known


def unread_up_to(most: int, actor: Actor) -> int:
    """How many messages the actor has not read, counted no further than ``most``: the number beside 消息. One query."""
    unread = InboxMessage.objects.filter(membership_id=_membership(actor), read_at__isnull=True)
    return unread[:most].count()


@transaction.atomic
def mark_read(*, actor: Actor, message_id: UUID) -> str:
    """Mark one message as read, once; returns its link. NotFound for somebody else's."""
    row = (
        InboxMessage.objects.select_for_update(no_key=True)
        .filter(pk=message_id, membership_id=_membership(actor))
        .first()
    )
    if row is None:
        raise NotFound
    if row.read_at is None:
        InboxMessage.objects.filter(pk=row.pk).update(read_at=Now())
    link: str = row.link
    return link


@transaction.atomic
def mark_all_read(*, actor: Actor) -> int:
    """Mark all of the actor's messages as read; returns how many were not."""
    return InboxMessage.objects.filter(membership_id=_membership(actor), read_at__isnull=True).update(read_at=Now())


def choosable_channels() -> list[Channel]:
    """What a person may add to 消息: e-mail, and the school's message service where there is one."""
    return [Channel.EMAIL, *([Channel.WECOM] if settings.GATEWAY_URL else [])]


def preferences(actor: Actor) -> dict[str, list[str]]:
    """Topic → channels the actor added."""
    rows = Preference.objects.filter(membership_id=_membership(actor)).values_list("kind", "channels")
    chosen: dict[str, list[str]] = {topic.value: [] for topic in CHOOSABLE_TOPICS}
    return chosen | dict(rows)


@transaction.atomic
def set_preferences(*, actor: Actor, chosen: Mapping[str, list[str]]) -> None:
    """Replace the actor's choices. Invalid for a topic or channel that cannot be chosen."""
    membership_id = _membership(actor)
    allowed = {channel.value for channel in choosable_channels()}
    for topic, channels in chosen.items():
        if topic not in {known.value for known in CHOOSABLE_TOPICS} or not set(channels) <= allowed:
            raise Invalid("preference_unknown", fields=(("channels", "preference_unknown", "not a choice"),))
    for topic, channels in sorted(chosen.items()):
        Preference.objects.update_or_create(
            membership_id=membership_id, kind=topic, defaults={"channels": sorted(set(channels))}
        )


def _membership(actor: Actor) -> UUID:
    require(actor, "inbox.own")
    if actor.membership_id is None:
        raise NotFound
    return actor.membership_id


def _shown(row: InboxMessage, language: str, about: str) -> Shown:
    text = render(row.template, row.context, language)
    return Shown(row.pk, text.subject, text.body, row.link, row.created_at, row.read_at is not None, about)
