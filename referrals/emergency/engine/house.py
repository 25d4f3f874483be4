"""Pages that stay in the house: rows of people's 消息. Nothing is waited for, so a batch is written as it was claimed."""

import logging
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from notifications.models import InboxMessage
from notifications.providers.ports import Sent
from referrals.emergency.engine.claiming import Claimed
from referrals.emergency.engine.letters import context_of
from referrals.emergency.engine.queue import Tried, settle_in
from referrals.emergency.messages import in_drill
from referrals.emergency.models import Delivery
from tenancy.messages import Part, insert
from tenancy.rounds import is_database_gone
from tenancy.scope import use_tenant

logger = logging.getLogger(__name__)

_TAKEN: Final = Tried(Sent(""))


def in_the_house(taken: Mapping[UUID, Sequence[Claimed]]) -> int:
    """Write the messages of all schools, and that they were, in one message for one commit; how many were taken.

    Where that fails each page is written by itself: one that cannot be keeps no other from its reader, and its own lease runs out.
    """
    try:
        _write(taken)
    except Exception as error:
        if is_database_gone(error):
            raise
        logger.error("a batch in the house could not be written, page by page now: %s", type(error).__name__)
        for school, pages in taken.items():
            for page in pages:
                _write_alone(school, page)
    return sum(map(len, taken.values()))


def _write_alone(school: UUID, page: Claimed) -> None:
    try:
        _write({school: [page]})
    except Exception as error:
        if is_database_gone(error):
            raise
        logger.error("page %s of school %s could not be written: %s", page.page.pk, school, type(error).__name__)


def _write(taken: Mapping[UUID, Sequence[Claimed]]) -> None:
    """A page that came before, under the same key, is in its reader's list already."""
    rows: list[tuple[UUID, Part]] = []
    for school, pages in taken.items():
        with use_tenant(school):
            if told := [message for one in pages if (message := _told(one.page)) is not None]:
                rows.append((school, insert(told, ignore_conflicts=True)))
    settle_in({school: [(one.page, _TAKEN) for one in pages] for school, pages in taken.items()}, rows)


def _told(page: Delivery) -> InboxMessage | None:
    """None for whoever has no list: nobody outside has."""
    member = page.recipient.member_id
    if member is None:
        return None
    return InboxMessage(
        membership_id=member,
        key=page.key,
        template=in_drill(page.text) if page.is_drill else page.text,
        context=dict(context_of(page)),
        link=f"/centre/emergency/{page.leg.incident_id}/",
    )
