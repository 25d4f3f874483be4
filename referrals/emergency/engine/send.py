"""*Send*: takes pages that are due to people, one channel at a time (chain §5).

claim (lease of 15 s, committed) → send (no transaction, threads of the channel's pool) → settle. A claim joins the leg's
epoch, so a page of a leg that was answered is never taken; a sender that dies leaves its lease to run out, and another
sends the same key again. Who hands pages out never waits for one: an account that hangs holds its own threads, never all
of them, until its circuit opens, and no other account or school learns of it.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from django.db import transaction

from notifications.models import Channel, InboxMessage
from notifications.providers import mark
from notifications.providers.clock import signing_clock
from notifications.providers.ports import SECONDS, Failed, Page, Sent, Trouble
from referrals.emergency.engine.choosing import Chosen, reserve
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.engine.circuits import circuits as own_circuits
from referrals.emergency.engine.claiming import Claimed, claim, claim_in
from referrals.emergency.engine.letters import context_of, message_for
from referrals.emergency.engine.queue import PutBack, Tried, due_pages, failed_later, settle, settle_all, settle_in
from referrals.emergency.engine.ways import Door, doors
from referrals.emergency.messages import in_drill
from referrals.emergency.models import Delivery
from tenancy.models import Tenant
from tenancy.rounds import is_database_gone
from tenancy.scope import use_tenant

__all__ = ["CHANNELS", "Sender", "claim", "failed_later", "send_due", "settle"]

logger = logging.getLogger(__name__)

CHANNELS: Final = (Channel.IN_APP, Channel.WECOM, Channel.SMS, Channel.VOICE, Channel.EMAIL)
BATCH: Final = 50
EACH: Final = 20
"""Of one school at a time."""
SEEN: Final = 400
IN_ALL_SECONDS: Final = 2 * SECONDS
"""A claim may ask a second account when the first fails; its lease is half as long again."""
CIRCUIT_WAIT: Final = timedelta(seconds=10)
WAYS_KEPT_SECONDS: Final = 2.0
TOGETHER_SECONDS: Final = 0.02
"""After one has come back so long is waited for the others: they are written, and the next are claimed, in fewer rounds."""
_LEAST_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class _Flight:
    """A page that is under way: whose, and which account was to be asked first."""

    tenant_id: UUID
    delivery: Delivery
    account: str


class Sender:
    """One channel of one process. Without a ``pool`` pages are sent one after the other, in the caller's thread.

    ``size`` is how many may be under way; of them one account holds at most three quarters.
    """

    def __init__(
        self, channel: str, pool: Executor | None = None, size: int = BATCH, circuits: Circuits = own_circuits
    ) -> None:
        self.channel, self.size = channel, size
        self.most_of_one = size if size < 4 else size - size // 4
        self._pool, self._circuits = pool, circuits
        self._flights: dict[Future[Tried], _Flight] = {}
        self._doors: dict[UUID, tuple[float, Door]] = {}

    @property
    def has_room(self) -> bool:
        """Whether one more page could leave now."""
        return len(self._flights) < self.size

    def step(self, pause: float = 0.05) -> int:
        """Write what has come back, then take what is due; how much of both. Waits ``pause`` seconds for a page, no more."""
        done = self.land()
        taken = self.take()
        if self._flights:
            wait(self._flights, timeout=pause, return_when=FIRST_COMPLETED)
            wait(self._flights, timeout=TOGETHER_SECONDS)
        return done + taken

    def finish(self, seconds: float = IN_ALL_SECONDS + 1) -> None:
        """Wait for what is under way and write it down."""
        wait(self._flights, timeout=seconds)
        self.land()

    def land(self) -> int:
        """Write how those went that have come back. A database that is gone loses none of them: they are written later."""
        back = [future for future in self._flights if future.done()]
        if not back:
            return 0
        by_school: dict[UUID, list[tuple[Delivery, Tried]]] = {}
        for future in back:
            flight = self._flights[future]
            by_school.setdefault(flight.tenant_id, []).append((flight.delivery, future.result()))
        try:
            settle_in(by_school)
        except Exception as error:
            if is_database_gone(error):
                raise
            for tenant_id, tried in by_school.items():
                self._settle_alone(tenant_id, tried)
        for future in back:
            del self._flights[future]
        return len(back)

    @staticmethod
    def _settle_alone(tenant_id: UUID, tried: Sequence[tuple[Delivery, Tried]]) -> None:
        """One school's, after the message of all has failed: their leases run out, and they are sent again under the same
        keys; those of other schools land. What was written before it failed is written no second time.
        """
        try:
            settle_in({tenant_id: tried})
        except Exception as error:
            if is_database_gone(error):
                raise
            logger.error("pages of school %s could not be settled: %s", tenant_id, type(error).__name__)

    def take(self) -> int:
        """Claim what is due and hand it out, most urgent first, whosever it is; how many were taken."""
        picked: dict[UUID, list[UUID]] = {}
        if not self.has_room:
            return 0
        held = Counter(flight.account for flight in self._flights.values())
        free = self.size - len(self._flights)
        due = due_pages(self.channel, EACH, SEEN)
        accounts = self._accounts_of(tenant_id for tenant_id, _pk in due)
        for tenant_id, pk in due:
            account = accounts.get(tenant_id, "")
            if account and held[account] >= self.most_of_one:
                continue
            held[account] += 1
            picked.setdefault(tenant_id, []).append(pk)
            free -= 1
            if not free:
                break
        return self._hand_out(picked) if picked else 0

    def _hand_out(self, picked: Mapping[UUID, Sequence[UUID]]) -> int:
        """Claim them together. A school in which something fails costs the others nothing: their pages leave."""
        taken, lost = 0, None
        for tenant_id, pages in _claimed(picked).items():
            taken += len(pages)
            try:
                with use_tenant(tenant_id):
                    self._of_school(tenant_id, pages)
            except Exception as error:  # noqa: BLE001  whatever it is, the pages of the other schools are held by this process
                lost = error if is_database_gone(error) else lost
                logger.error("pages of school %s stay for another round: %s", tenant_id, type(error).__name__)
        if lost is not None:
            raise lost
        return taken

    def _accounts_of(self, schools: Iterable[UUID]) -> dict[UUID, str]:
        """The account that each school's pages go to as things stand; empty for none: then nothing is waited for."""
        return {pk: self._account(door) for pk, door in self._doors_of(schools).items()}

    def _account(self, door: Door) -> str:
        return next((way.key for way in door.ways if not self._circuits.is_open(way.key)), "")

    def _doors_of(self, schools: Iterable[UUID]) -> dict[UUID, Door]:
        """As they were a moment ago, else as the database has them now; none for what stays in the house."""
        wanted = list(dict.fromkeys(schools)) if self.channel != Channel.IN_APP else []
        now = time.monotonic()
        if missing := [pk for pk in wanted if pk not in self._doors or self._doors[pk][0] <= now]:
            if len(self._doors) > SEEN:
                self._doors = {pk: self._doors[pk] for pk in wanted if pk not in missing}
            self._doors |= {pk: (now + WAYS_KEPT_SECONDS, one) for pk, one in doors(self.channel, missing).items()}
        return {pk: self._doors[pk][1] for pk in wanted}

    def _of_school(self, tenant_id: UUID, taken: Sequence[Claimed]) -> None:
        if self.channel == Channel.IN_APP:
            _in_app([one.page for one in taken])
            return
        door = self._doors_of([tenant_id])[tenant_id]
        mark.is_open()  # asked here, for the pool's threads ask no database
        at, account = signing_clock.now(), self._account(door)
        known = {one.page.pk: one for one in taken}
        failed: list[tuple[Delivery, Tried]] = []
        for delivery, chosen in reserve(taken, door.ways, self._circuits):
            page = chosen if isinstance(chosen, Tried) else _page(known[delivery.pk], door.school)
            if isinstance(chosen, Tried) or isinstance(page, Tried):
                failed.append((delivery, cast(Tried, page)))
            else:
                self._flights[self._start(page, chosen, at)] = _Flight(tenant_id, delivery, account)
        settle_all(failed)

    def _start(self, page: Page, chosen: Chosen, at: datetime) -> "Future[Tried]":
        if self._pool is not None:
            return self._pool.submit(attempt, page, chosen, at, self._circuits)
        done: Future[Tried] = Future()
        done.set_result(attempt(page, chosen, at, self._circuits))
        return done


def _claimed(picked: Mapping[UUID, Sequence[UUID]]) -> Mapping[UUID, list[Claimed]]:
    """Together, and where that fails each school by itself: one whose rows cannot be taken keeps nobody else's from leaving."""
    try:
        return claim_in(picked)
    except Exception as error:
        if is_database_gone(error):
            raise
        logger.error("a batch of pages could not be claimed, school by school now: %s", type(error).__name__)
    found: dict[UUID, list[Claimed]] = {}
    for tenant_id, ids in picked.items():
        try:
            found |= claim_in({tenant_id: ids})
        except Exception as error:
            if is_database_gone(error):
                raise
            logger.error("pages of school %s could not be claimed: %s", tenant_id, type(error).__name__)
    return found


def send_due(channel: str, pool: Executor | None = None, size: int = BATCH) -> int:
    """Send once what is due on one channel, and wait for it; returns how many were tried."""
    sender = Sender(channel, pool, size)
    taken = sender.take()
    sender.finish()
    return taken


def attempt(page: Page, chosen: Chosen, at: datetime, circuits: Circuits) -> Tried:
    """Ask the accounts in turn until one takes it, within ``IN_ALL_SECONDS``. Touches no database and never raises.

    An account that is left alone is not asked; when all are, the page is put back and the next channel comes at once.
    """
    last, asked, began = Tried(PutBack("circuit_open", CIRCUIT_WAIT)), 0, time.monotonic()
    with mark.as_known():
        for way, template in chosen.ways:
            left = IN_ALL_SECONDS - (time.monotonic() - began)
            if left < _LEAST_SECONDS:
                break
            if not circuits.may(way.key):
                continue
            asked += 1
            try:
                outcome = way.send(replace(page, template_id=template), at=at, seconds=min(SECONDS, left))
            except Exception as error:  # noqa: BLE001  a defect in one account must not take the channel with it
                logger.error("an account of %s failed: %s", way.name, type(error).__name__)
                outcome = Failed(type(error).__name__)
            circuits.tell(way.key, is_well=isinstance(outcome, Sent) or not outcome.is_of_provider)
            last = Tried(outcome, way.name, template, asked, way.member(page.to))
            if isinstance(outcome, Sent) or outcome.code == Trouble.NUMBER:
                break
    return last


def _page(one: Claimed, school: Tenant) -> Page | Tried:
    """What is handed over. One that cannot be made fails by itself: the others behind it leave. Asks no database."""
    if one.page.channel == Channel.EMAIL and one.page.recipient.member_id is not None and not one.email:
        return Tried(Failed("address_refused", is_final=True))  # a mailer takes a mail to nobody without a word
    try:
        return message_for(one.page, school, reports=one.reports, email=one.email)
    except Exception as error:  # noqa: BLE001  whatever it is, it is this page's alone
        logger.error("page %s cannot be written: %s", one.page.pk, type(error).__name__)
        return Tried(Failed("unwritable", is_final=True))


def _in_app(taken: Sequence[Delivery]) -> None:
    """Rows of people's 消息 and their state in one transaction: nothing to wait for."""
    with transaction.atomic():
        rows = [
            InboxMessage(
                membership_id=delivery.recipient.member_id,
                key=delivery.key,
                template=in_drill(delivery.text) if delivery.is_drill else delivery.text,
                context=dict(context_of(delivery)),
                link=f"/centre/emergency/{delivery.leg.incident_id}/",
            )
            for delivery in taken
            if delivery.recipient.member_id is not None
        ]
        InboxMessage.objects.bulk_create(rows, ignore_conflicts=True)
        settle_all([(delivery, Tried(Sent(""))) for delivery in taken])
