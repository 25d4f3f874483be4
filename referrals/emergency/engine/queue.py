"""The queue of pages: how they went (``due`` says what may leave). SQL only, set by set, by the chain's clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from notifications.providers.ports import Failed, Sent, Trouble
from referrals.emergency import secrets
from referrals.emergency.engine.bounced import tell_bounced
from referrals.emergency.models import Delivery, Timeline
from referrals.emergency.rules.sending import MOST_CLAIMS, PUT_BACK_LASTS, DeliveryState
from tenancy.messages import Part, send_in
from tenancy.scope import current_tenant_id, no_scope, use_tenant

_SOONER: Final = """
    UPDATE emergency_delivery AS other SET due_at = chain_now()
    WHERE other.recipient_id = %s AND other.epoch = %s AND other.state = 'queued' AND other.due_at > chain_now()
      AND other.error = '' AND NOT EXISTS (
        SELECT 1 FROM emergency_delivery AS before
        WHERE before.recipient_id = other.recipient_id AND before.epoch = other.epoch
          AND before.channel = other.channel AND before.due_at < other.due_at)"""
"""The first try of each other channel; a call that is to be repeated later stays later, and what was put back stays back."""

_NEXT_STEP: Final = """
    UPDATE emergency_leg AS leg SET next_at = chain_now()
    WHERE leg.id = %s AND leg.epoch = %s AND leg.state = 'paging' AND leg.next_event = 'step_due'
      AND leg.next_at > chain_now() AND NOT EXISTS (
        SELECT 1 FROM emergency_delivery AS page JOIN emergency_recipient AS who ON who.id = page.recipient_id
        WHERE page.leg_id = leg.id AND page.epoch = leg.epoch AND who.round = leg.round
          AND who.step_id IN (SELECT id FROM emergency_legstep WHERE leg_id = leg.id AND "position" = leg."position"
            AND purpose = 'step')
          AND page.state <> 'failed')"""

_FOLD: Final = "SELECT emergency_fold(%s, %s, %s)"

_END: Final = """
    UPDATE emergency_delivery SET state = %s, error = %s, provider_ref = '', provider = %s, template = %s,
        tried_at = CASE WHEN %s THEN coalesce(tried_at, chain_now()) END, lease_until = NULL, claims = claims - %s,
        member_hash = coalesce(%s, member_hash), settled_at = CASE WHEN %s THEN NULL ELSE chain_now() END,
        due_at = CASE WHEN %s THEN chain_now() + make_interval(secs => %s) ELSE due_at END
    WHERE id = %s AND state = 'claimed' AND claims = %s"""

_SENT: Final = "SELECT emergency_sent(%s, %s, %s, %s, %s, %s)"
"""One that somebody writes just now is passed over, and written by itself afterwards, when it alone is held."""

_AGAIN_AFTER: Final = timedelta(seconds=3)
_NO_MARK_WAIT: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class PutBack:
    """It could not be tried now, and can be after ``wait``: a budget lifts, a circuit closes. No try is counted."""

    code: str
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Tried:
    """How it went: by which provider and template, and after how many accounts were asked. ``member``: whom WeCom was asked
    to show it to, also where nobody knows whether it did.
    """

    outcome: Sent | Failed | PutBack
    provider: str = ""
    template: str = ""
    accounts: int = 1
    member: str = field(default="", repr=False)

    @property
    def member_hash(self) -> bytes | None:
        """As it is kept; None where it went to no member."""
        return secrets.member_hash(self.member) if self.member else None


def fold(pairs: Sequence[tuple[Delivery, UUID]]) -> set[UUID]:
    """Settle each page as told with another one; which of them were: the others' carrier did not leave, or they are lost.

    In one statement, in the caller's transaction, and told in the incident.
    """
    with connection.cursor() as cursor:
        carriers = [carrier for _page, carrier in pairs]
        pages = [page for page, _carrier in pairs]
        cursor.execute(_FOLD, [[page.pk for page in pages], [page.claims for page in pages], carriers])
        folded = {row[0] for row in cursor.fetchall()}
    Timeline.objects.bulk_create(
        [_happened(page, "delivery.folded", "") for page, _carrier in pairs if page.pk in folded]
    )
    return folded


def settle_all(tried: Sequence[tuple[Delivery, Tried]]) -> None:
    """The same of pages of the open school."""
    settle_in({current_tenant_id(): tried})


def settle_in(tried: Mapping[UUID, Sequence[tuple[Delivery, Tried]]], before: Sequence[tuple[UUID, Part]] = ()) -> None:
    """Write how pages went, by school: those that were taken in one message for one commit, of however many schools, with
    what is to be written ``before`` them; the others each by itself, for they touch legs as well.
    """
    taken: dict[UUID, list[tuple[Delivery, Tried]]] = {}
    for school, pages in tried.items():
        if sent := [(page, how) for page, how in pages if _is_sent(how)]:
            taken[school] = sent
    with no_scope():
        answers = send_in(*before, *((school, _sent(pages)) for school, pages in taken.items()))[len(before) :]
    for (school, sent), written in zip(taken.items(), answers, strict=True):
        done = {pk for (pk,) in written}
        for one in sent:
            if one[0].pk not in done:
                _sent_by_itself(school, one)
    for school, pages in tried.items():
        for page, how in pages:
            if not _is_sent(how):
                with use_tenant(school):
                    settle(page, how)


def _is_sent(how: Tried) -> bool:
    return isinstance(how.outcome, Sent)


def _sent(taken: Sequence[tuple[Delivery, Tried]]) -> Part:
    keys = [page.pk for page, _how in taken]
    return Part(
        _SENT,
        (
            keys,
            [page.claims for page, _how in taken],
            [cast(Sent, how.outcome).provider_ref[:100] for _page, how in taken],
            [how.provider[:8] for _page, how in taken],
            [_template(page, how) for page, how in taken],
            [how.member_hash for _page, how in taken],
        ),
    )


def _sent_by_itself(school: UUID, one: tuple[Delivery, Tried]) -> None:
    """Waits for whoever writes that page. One that has lost its lease is written by nobody."""
    held = Part("SELECT id FROM emergency_delivery WHERE id = %s FOR NO KEY UPDATE", (one[0].pk,))
    with no_scope():
        send_in((school, held), (school, _sent([one])))


def _template(page: Delivery, how: Tried) -> str:
    """The approved one, else our text; empty where nobody was asked."""
    return (how.template or (page.text if how.provider else ""))[:80]


def settle(delivery: Delivery, tried: Tried) -> None:
    """Write how it went; a sender that lost its lease writes nothing.

    What failed, was put back or was said to nobody brings the next way at once, and is told in the incident; what failed
    everywhere brings the next step, and a contact's number that no provider sends to is marked. A page that was put back again and again is given up after ``PUT_BACK_LASTS``.
    """
    outcome = tried.outcome
    if isinstance(outcome, Sent):
        settle_all([(delivery, tried)])
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # Nothing was tried, and no other way is open: it waits, however long that takes.
        if outcome.code == Trouble.NO_MARK:
            if _end(cursor, delivery, DeliveryState.QUEUED, tried, code=outcome.code, wait=_NO_MARK_WAIT, uncounted=1):
                _tell(delivery, "delivery.put_back", outcome.code)
            return
        if isinstance(outcome, PutBack):
            if not _is_old(cursor, delivery, outcome.wait):
                if _end(
                    cursor, delivery, DeliveryState.QUEUED, tried, code=outcome.code, wait=outcome.wait, uncounted=1
                ):
                    cursor.execute(_SOONER, [delivery.recipient_id, delivery.epoch])
                    _tell(delivery, "delivery.put_back", outcome.code)
                return
            outcome = Failed(outcome.code, is_final=True)
        waits = outcome.retry_after is not None and outcome.retry_after > _AGAIN_AFTER
        if not (outcome.is_final or waits or tried.accounts > 1 or delivery.claims >= MOST_CLAIMS):
            is_written = _end(cursor, delivery, DeliveryState.QUEUED, tried, code=outcome.code, wait=_AGAIN_AFTER)
            if is_written and outcome.is_unsaid:
                cursor.execute(_SOONER, [delivery.recipient_id, delivery.epoch])
                _tell(delivery, "delivery.put_back", outcome.code)
            return
        is_failed = _end(cursor, delivery, DeliveryState.FAILED, tried, code=outcome.code)
        if is_failed:
            _next_way(cursor, delivery)
            _tell(delivery, "delivery.failed", outcome.code)
    if is_failed and outcome.code == Trouble.NUMBER:
        tell_bounced(delivery)


def failed_later(delivery: Delivery) -> None:
    """The provider says afterwards that a page did not arrive: as if it had failed at once, the next way comes now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE emergency_delivery SET state = 'failed', error = 'not_delivered' WHERE id = %s AND state = 'sent'",
            [delivery.pk],
        )
        if cursor.rowcount:
            _next_way(cursor, delivery)
            _tell(delivery, "delivery.failed", "not_delivered")


def _next_way(cursor: CursorWrapper, delivery: Delivery) -> None:
    cursor.execute(_SOONER, [delivery.recipient_id, delivery.epoch])
    cursor.execute(_NEXT_STEP, [delivery.leg_id, delivery.epoch])


def _tell(delivery: Delivery, code: str, why: str) -> None:
    """In what happened, once for each reason: whoever looks sees why a telephone did not ring."""
    if delivery.error == why and code == "delivery.put_back":
        return
    _happened(delivery, code, why).save(force_insert=True)


def _happened(delivery: Delivery, code: str, why: str) -> Timeline:
    facts = {"channel": delivery.channel, "role": delivery.recipient.role}
    return Timeline(
        incident_id=delivery.leg.incident_id,
        leg_id=delivery.leg_id,
        code=code,
        who="engine",
        facts=facts | {"why": why} if why else facts,
    )


def _is_old(cursor: CursorWrapper, delivery: Delivery, wait: timedelta) -> bool:
    cursor.execute(
        "SELECT chain_now() + make_interval(secs => %s) > %s",
        [wait.total_seconds(), delivery.created_at + PUT_BACK_LASTS],
    )
    return bool(cursor.fetchone()[0])


def _end(
    cursor: CursorWrapper,
    delivery: Delivery,
    state: DeliveryState,
    tried: Tried,
    *,
    code: str = "",
    wait: timedelta | None = None,
    uncounted: int = 0,
) -> bool:
    """Whether the row was still this sender's. ``wait``: it comes again after that."""
    has_left = isinstance(tried.outcome, Failed) and tried.outcome.may_have_left
    again = wait is not None
    cursor.execute(
        _END,
        [
            state.value,
            code[:40],
            tried.provider[:8],
            _template(delivery, tried),
            has_left,
            uncounted,
            tried.member_hash,
            again,
            again,
            wait.total_seconds() if wait is not None else 0,
            delivery.pk,
            delivery.claims,
        ],
    )
    return bool(cursor.rowcount)
