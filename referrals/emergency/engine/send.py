"""*Send*: takes pages that are due to people, one channel at a time (chain §5).

claim (lease of 15 s, committed) → send (no transaction, 5 s in all) → settle. A claim joins the leg's epoch, so a page of a
leg that was answered is never taken; a sender that dies leaves its lease to run out, and another sends the same key again.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from itertools import groupby
from operator import itemgetter
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import Membership
from notifications.models import Channel, InboxMessage
from notifications.providers.clock import signing_clock
from notifications.providers.ports import Choice, Failed, Outcome, Page, Provider, Sent
from notifications.texts import render
from referrals.emergency import secrets
from referrals.emergency.engine.decide import DIAL
from referrals.emergency.engine.ways import ways_out
from referrals.emergency.models import Delivery, Recipient
from referrals.emergency.rules.sending import LEASE, MOST_CLAIMS, DeliveryState
from tenancy.models import Tenant
from tenancy.scope import across_tenants, use_tenant

CHANNELS: Final = (Channel.IN_APP, Channel.WECOM, Channel.SMS, Channel.VOICE, Channel.EMAIL)
BATCH: Final = 50
_CHOICES: Final = (Choice("1", "我来处理"), Choice("2", "不是我"))

_DUE: Final = """
    SELECT tenant_id, id FROM emergency_delivery
    WHERE channel = %s AND state IN ('queued', 'claimed') AND due_at <= (SELECT chain_now())
      AND (lease_until IS NULL OR lease_until <= (SELECT chain_now()))
    ORDER BY rank, due_at LIMIT %s"""

_CLAIM: Final = """
    WITH free AS (
        SELECT one.id FROM emergency_delivery AS one
        JOIN emergency_leg AS leg ON leg.tenant_id = one.tenant_id AND leg.id = one.leg_id AND leg.epoch = one.epoch
        WHERE one.id = ANY(%s) AND one.state IN ('queued', 'claimed') AND one.due_at <= (SELECT chain_now())
          AND (one.lease_until IS NULL OR one.lease_until <= (SELECT chain_now()))
        ORDER BY one.rank, one.due_at FOR NO KEY UPDATE OF one SKIP LOCKED)
    UPDATE emergency_delivery AS taken
    SET state = 'claimed', claims = claims + 1, lease_until = chain_now() + make_interval(secs => %s)
    FROM free WHERE taken.id = free.id RETURNING taken.id"""

_STALE: Final = """
    UPDATE emergency_delivery AS old SET state = 'dropped', settled_at = chain_now() FROM emergency_leg AS leg
    WHERE old.id = ANY(%s) AND old.state = 'queued' AND leg.tenant_id = old.tenant_id AND leg.id = old.leg_id
      AND leg.epoch <> old.epoch"""

_SOONER: Final = """
    UPDATE emergency_delivery AS other SET due_at = chain_now()
    WHERE other.recipient_id = %s AND other.epoch = %s AND other.state = 'queued' AND other.due_at > chain_now()"""

_NEXT_STEP: Final = """
    UPDATE emergency_leg AS leg SET next_at = chain_now()
    WHERE leg.id = %s AND leg.epoch = %s AND leg.state = 'paging' AND leg.next_event = 'step_due'
      AND leg.next_at > chain_now() AND NOT EXISTS (
        SELECT 1 FROM emergency_delivery AS page JOIN emergency_recipient AS who ON who.id = page.recipient_id
        WHERE page.leg_id = leg.id AND page.epoch = leg.epoch AND who.round = leg.round
          AND who.step_id IN (SELECT id FROM emergency_legstep WHERE leg_id = leg.id AND "position" = leg."position"
            AND purpose = 'step')
          AND page.state <> 'failed')"""


def send_due(channel: str, pool: Executor | None = None, limit: int = BATCH) -> int:
    """Send what is due on one channel, most urgent first, whosever it is; returns how many were tried."""
    with (
        across_tenants("pages of the chain that are due, of every school") as alias,
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(_DUE, [channel, limit])
        due: list[tuple[UUID, UUID]] = cursor.fetchall()
    count = 0
    for tenant_id, rows in groupby(sorted(due, key=itemgetter(0)), key=itemgetter(0)):
        with use_tenant(tenant_id):
            count += _of_school(tenant_id, channel, [pk for _tenant, pk in rows], pool)
    return count


def _of_school(tenant_id: UUID, channel: str, ids: Sequence[UUID], pool: Executor | None) -> int:
    taken = claim(ids)
    if not taken:
        return 0
    school = Tenant.objects.get(pk=tenant_id)
    if channel == Channel.IN_APP:
        return _in_app(taken, school)
    provider = ways_out(channel)
    for delivery, outcome in _outcomes(taken, school, provider, pool):
        settle(delivery, outcome)
    return len(taken)


def claim(ids: Sequence[UUID]) -> list[Delivery]:
    """Those of ``ids`` that are still due, of their leg's present epoch and held by nobody; now held for the lease."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [list(ids), LEASE.total_seconds()])
        mine = [row[0] for row in cursor.fetchall()]
        if len(mine) < len(ids):
            cursor.execute(_STALE, [list(ids)])
    rows = Delivery.objects.filter(pk__in=mine).select_related("recipient", "leg__incident")
    return list(rows.order_by("rank", "due_at"))


def _outcomes(
    taken: Sequence[Delivery], school: Tenant, provider: Provider | None, pool: Executor | None
) -> Iterator[tuple[Delivery, Outcome]]:
    if provider is None:
        yield from ((delivery, Failed("no_provider", is_final=True)) for delivery in taken)
        return
    at = signing_clock.now()
    pages = [message_for(delivery, school) for delivery in taken]

    def one(page: Page) -> Outcome:
        return provider.send(page, at=at)

    results = pool.map(one, pages) if pool is not None else map(one, pages)
    yield from zip(taken, results, strict=True)


def message_for(delivery: Delivery, school: Tenant) -> Page:
    """What the provider gets: a fixed text, never a name or a reason; for somebody outside how to answer (chain §4)."""
    recipient, leg = delivery.recipient, delivery.leg
    said = render(delivery.text, {}, settings.LANGUAGE_CODE)
    to = recipient.address
    link, body = f"/centre/emergency/{leg.incident_id}/", said.body
    asks = delivery.text.startswith("emergency_page_")
    if delivery.text == DIAL:
        body += recipient.role.partition(":")[2]
    if recipient.member_id is None:
        link = "/a/"
        if asks:
            body += _how_to_answer(recipient, school)
    elif delivery.channel == Channel.EMAIL:
        to = Membership.objects.values_list("email", flat=True).get(pk=recipient.member_id)
    own = {
        "incident": str(leg.incident_id),
        "track": leg.kind,
        "leg": str(leg.pk),
        "step": recipient.role,
    }
    return Page(
        key=secrets.reference_of(delivery.pk),
        channel=delivery.channel,
        to=to,
        school=school.slug,
        kind="chain",
        text=f"{said.subject}。{body}",
        subject=said.subject,
        link=link,
        call_reference=secrets.reference_of(delivery.pk),
        choices=_CHOICES if asks else (),
        own=own,
        written_at=delivery.created_at,
    )


def _how_to_answer(recipient: Recipient, school: Tenant) -> str:
    code = secrets.code_of(recipient.pk)
    spaced = " ".join((code[:3], code[3:6], code[6:]))
    call = f"，或回电 {school.duty_phone}" if school.duty_phone else ""
    return f"编号 {recipient.shown_number}。请打开 {settings.PLATFORM_HOST}/a/ 输入 {spaced}{call}。"


def _in_app(taken: Sequence[Delivery], school: Tenant) -> int:
    """Rows of people's 消息 and their state in one transaction: nothing to wait for."""
    with transaction.atomic():
        rows = [
            InboxMessage(
                membership_id=delivery.recipient.member_id,
                key=delivery.key,
                template=delivery.text,
                link=f"/centre/emergency/{delivery.leg.incident_id}/",
            )
            for delivery in taken
            if delivery.recipient.member_id is not None
        ]
        InboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
        for delivery in taken:
            settle(delivery, Sent(""))
    return len(taken)


def settle(delivery: Delivery, outcome: Outcome) -> None:
    """Write how it went; a sender that lost its lease writes nothing. What failed brings the next way at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        if isinstance(outcome, Sent):
            _end(cursor, delivery, DeliveryState.SENT, "", outcome.provider_ref)
            return
        if not outcome.is_final and delivery.claims < MOST_CLAIMS:
            _end(cursor, delivery, DeliveryState.QUEUED, outcome.code, "")
            return
        if _end(cursor, delivery, DeliveryState.FAILED, outcome.code, ""):
            cursor.execute(_SOONER, [delivery.recipient_id, delivery.epoch])
            cursor.execute(_NEXT_STEP, [delivery.leg_id, delivery.epoch])


def failed_later(delivery: Delivery) -> None:
    """The provider says afterwards that a page did not arrive: as if it had failed at once, the next way comes now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE emergency_delivery SET state = 'failed' WHERE id = %s AND state = 'sent'", [delivery.pk])
        if cursor.rowcount:
            cursor.execute(_SOONER, [delivery.recipient_id, delivery.epoch])
            cursor.execute(_NEXT_STEP, [delivery.leg_id, delivery.epoch])


def _end(cursor: CursorWrapper, delivery: Delivery, state: DeliveryState, error: str, reference: str) -> bool:
    """Whether the row was still this sender's."""
    cursor.execute(
        "UPDATE emergency_delivery SET state = %s, error = %s, provider_ref = %s, lease_until = NULL,"
        " settled_at = CASE WHEN %s = 'queued' THEN NULL ELSE chain_now() END,"
        " due_at = CASE WHEN %s = 'queued' THEN chain_now() + interval '5 seconds' ELSE due_at END"
        " WHERE id = %s AND state = 'claimed' AND claims = %s",
        [state.value, error[:40], reference[:100], state.value, state.value, delivery.pk, delivery.claims],
    )
    return bool(cursor.rowcount)
