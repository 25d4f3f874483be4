"""*Send*: takes pages that are due to people, one channel at a time (chain §5).

claim (lease of 15 s, committed) → send (no transaction) → settle. A claim joins the leg's
epoch, so a page of a leg that was answered is never taken; a sender that dies leaves its lease to run out, and another
sends the same key again. Who hands pages out never waits for one: what goes by the gateway is said and heard by the channel's
own thread on as many connections as pages are under way (``notifications.providers.loop``), what goes by any other account in
a thread of the channel's pool. An account that hangs holds its own places, never all of them, until its circuit opens, and no
other account or school learns of it.
"""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final, cast
from uuid import UUID

from notifications.models import Channel
from notifications.providers import mark
from notifications.providers.clock import signing_clock
from notifications.providers.exchanges import LineFailed
from notifications.providers.line import Answer
from notifications.providers.loop import Loop, Post
from notifications.providers.ports import SECONDS, Failed, Page
from referrals.emergency.engine.attempts import IN_ALL_SECONDS, Asking, Attempt
from referrals.emergency.engine.choosing import reserve
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.engine.circuits import circuits as own_circuits
from referrals.emergency.engine.claiming import Claimed, claim, claim_in
from referrals.emergency.engine.due import Turn, due_pages
from referrals.emergency.engine.house import in_the_house
from referrals.emergency.engine.letters import message_for
from referrals.emergency.engine.queue import Tried, failed_later, settle, settle_all, settle_in
from referrals.emergency.engine.ways import Door, doors
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
WAYS_KEPT_SECONDS: Final = 2.0
TOGETHER_SECONDS: Final = 0.02
"""After one has come back so long is waited for the others: they are written, and the next are claimed, in fewer rounds."""


@dataclass(eq=False, slots=True)
class _Flight:
    """A page that is under way: whose, and which account was to be asked first."""

    tenant_id: UUID
    delivery: Delivery
    account: str
    attempt: Attempt


class Sender:
    """One channel of one process. Without a ``pool`` pages are sent one after the other, and each is waited for.

    ``size`` is how many may be under way; of them one account holds at most three quarters.
    """

    def __init__(
        self, channel: str, pool: Executor | None = None, size: int = BATCH, circuits: Circuits = own_circuits
    ) -> None:
        self.channel, self.size = channel, size
        self.most_of_one = size if size < 4 else size - size // 4
        self._pool, self._circuits = pool, circuits
        self._loop = Loop(pool)
        self._flights: set[_Flight] = set()
        self._landed: deque[_Flight] = deque()
        self._doors: dict[UUID, tuple[float, Door]] = {}
        self._turn = Turn()

    @property
    def has_room(self) -> bool:
        """Whether one more page could leave now."""
        return len(self._flights) < self.size

    def step(self, pause: float = 0.05) -> int:
        """Write what has come back, then take what is due; how much of both. Waits ``pause`` seconds for a page, no more."""
        done = self.land()
        taken = self.take()
        self._wait(pause, 1)
        self._wait(TOGETHER_SECONDS, self.size)
        return done + taken

    def finish(self, seconds: float = IN_ALL_SECONDS + 1) -> None:
        """Wait for what is under way, write it down, and give the connections back."""
        self._wait(seconds, self.size)
        self.land()
        self._loop.close()

    def _wait(self, seconds: float, count: int) -> None:
        """Go on with what is under way until ``count`` of it, or all, has come back."""
        until = time.monotonic() + seconds
        while len(self._landed) < min(count, len(self._flights)) and (left := until - time.monotonic()) > 0:
            self._loop.turn(left)

    def land(self) -> int:
        """Write how those went that have come back. A database that is gone loses none of them: they are written later."""
        back = list(self._landed)
        if not back:
            return 0
        by_school: dict[UUID, list[tuple[Delivery, Tried]]] = {}
        for flight in back:
            by_school.setdefault(flight.tenant_id, []).append((flight.delivery, flight.attempt.tried))
        try:
            settle_in(by_school)
        except Exception as error:
            if is_database_gone(error):
                raise
            for tenant_id, tried in by_school.items():
                self._settle_alone(tenant_id, tried)
        for flight in back:  # more may have come back meanwhile, behind these
            self._landed.popleft()
            self._flights.remove(flight)
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
        held = Counter(flight.account for flight in self._flights)
        free = self.size - len(self._flights)
        due = due_pages(self.channel, EACH, SEEN, self._turn)
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
        claimed = _claimed(picked)
        if self.channel == Channel.IN_APP:
            return in_the_house(claimed)
        for tenant_id, pages in claimed.items():
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
                self._start(_Flight(tenant_id, delivery, account, Attempt(page, chosen, at, self._circuits)))
        settle_all(failed)

    def _start(self, flight: _Flight) -> None:
        self._flights.add(flight)
        self._ask(flight)
        if self._pool is None:
            while flight not in self._landed:
                self._loop.turn(SECONDS)

    def _ask(self, flight: _Flight) -> None:
        """Ask the next account: by the loop where that can be, else in a thread. Waits for nobody."""
        while asking := flight.attempt.next():
            post = flight.attempt.post(asking)
            if post is None:
                self._in_a_thread(flight, asking)
                return
            if isinstance(post, Post):
                self._loop.ask(post, asking.seconds, partial(self._heard, flight, asking))
                return
            flight.attempt.heard(post)
        self._landed.append(flight)

    def _heard(self, flight: _Flight, asking: Asking, answer: Answer | LineFailed) -> None:
        flight.attempt.heard(asking.way.provider.heard(asking.page, answer))
        self._ask(flight)

    def _in_a_thread(self, flight: _Flight, asking: Asking) -> None:
        def run() -> None:
            flight.attempt.wait(asking)
            self._landed.append(flight)
            self._loop.ring()

        if self._pool is None:
            run()
        else:
            self._loop.watch()
            self._pool.submit(run)


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


def _page(one: Claimed, school: Tenant) -> Page | Tried:
    """What is handed over. One that cannot be made fails by itself: the others behind it leave. Asks no database."""
    if one.page.channel == Channel.EMAIL and one.page.recipient.member_id is not None and not one.email:
        return Tried(Failed("address_refused", is_final=True))  # a mailer takes a mail to nobody without a word
    try:
        return message_for(one.page, school, reports=one.reports, email=one.email)
    except Exception as error:  # noqa: BLE001  whatever it is, it is this page's alone
        logger.error("page %s cannot be written: %s", one.page.pk, type(error).__name__)
        return Tried(Failed("unwritable", is_final=True))
