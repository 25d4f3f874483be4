"""Sends invitations, and says who may be invited and when again. Links are made and opened in ``accounts.invitations``."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.invitations import is_open
from accounts.models import Membership, MembershipQuerySet
from audit import record
from kernel.clock import local_day, now
from kernel.errors import NotFound, Refused, TooMany
from notifications.outbox import write_invitations

AGAIN_AFTER: Final = timedelta(hours=1)
"""The least time between two invitations of one person."""


def invite(members: Iterable[Membership]) -> list[UUID]:
    """Invite those of ``members`` whom it helps; their ids. Inside the caller's transaction. Their earlier links end."""
    chosen = mark_invited(members)
    if chosen:
        Membership.objects.filter(pk__in=[member.pk for member in chosen]).update(invited_at=chosen[0].invited_at)
    invite_newcomers(chosen)
    return [member.pk for member in chosen]


def mark_invited(members: Iterable[Membership]) -> list[Membership]:
    """Of members that are about to be written: those who stay and whom an invitation helps, marked as invited.

    ``invite_newcomers`` follows in the same transaction.
    """
    chosen = [member for member in members if may_invite(member)]
    moment = now()
    for member in chosen:
        member.invited_at = moment
    return chosen


def invite_newcomers(members: Sequence[Membership]) -> None:
    """Write a message to each of those that ``mark_invited`` chose: two invitations of one person are two messages."""
    if members:
        write_invitations(
            "member", [(f"invitation:{member.pk}:{member.invited_at:%Y%m%d%H%M%S%f}", member) for member in members]
        )


def may_invite(member: Membership) -> bool:
    """Whether the member waits, has an address, and has not left: a last day to come does not matter yet."""
    return is_open(member) and (member.left_on is None or member.left_on >= local_day(now()))


@transaction.atomic
def invite_again(*, actor: Actor, membership_id: UUID) -> None:
    """Send one member another invitation; the link of the one before ends. Needs ``member.manage``.

    Refused (``invitation_needless``) for somebody who left, has accepted or has no address; TooMany within ``AGAIN_AFTER``.
    """
    require(actor, "member.manage")
    member: Membership | None = Membership.objects.select_for_update(no_key=True).filter(pk=membership_id).first()
    if member is None:
        raise NotFound
    if not may_invite(member):
        raise Refused("invitation_needless")
    if member.invited_at is not None and now() - member.invited_at < AGAIN_AFTER:
        raise TooMany("invitation_too_soon")
    invite([member])
    record(actor=actor, action="invitation.send", obj=member)


def never_invited() -> MembershipQuerySet:
    """Members of the open school who wait, have an address, have not left, and were never invited."""
    rows: MembershipQuerySet = Membership.objects.filter(user__isnull=True, invited_at__isnull=True)
    return rows.exclude(email="").exclude(left_on__lt=local_day(now()))


@transaction.atomic
def invite_all(*, actor: Actor) -> int:
    """Invite every member who waits and was never invited; how many. Needs ``member.manage``."""
    require(actor, "member.manage")
    ids = invite(never_invited().select_for_update(no_key=True).order_by("pk"))
    for start in range(0, len(ids), 200):
        record(
            actor=actor,
            action="invitation.send",
            object_type="accounts.membership",
            facts={"members": ids[start : start + 200]},
        )
    return len(ids)
