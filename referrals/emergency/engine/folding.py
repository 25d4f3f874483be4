"""Which of the claimed pages are told with another one that left to the same person on the same channel (``rules.folding``)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from notifications.providers.capability import Kind
from referrals.emergency.engine.claiming import Claimed
from referrals.emergency.engine.kinds import kind_of
from referrals.emergency.engine.letters import asks
from referrals.emergency.engine.queue import fold
from referrals.emergency.models import Answer, Delivery
from referrals.emergency.rules.folding import TOLD_LASTS, WITHIN, Said, Wants, carrier, may_fold, wants_of
from referrals.emergency.rules.leg_states import OPEN
from referrals.emergency.rules.sending import CARD_CODE
from tenancy.messages import Part, send
from tenancy.scope import current_tenant_id

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"

_NEW: Final = "SELECT emergency_new(%s, %s, %s)"
_LEFT: Final = """SELECT page, words, written, target, is_outside, answer, incident, present, stands
    FROM emergency_lately(%s, %s, %s, %s, %s)"""


def may_be_folded(taken: Sequence[Claimed]) -> bool:
    """Whether any of them could be: another left to the same person within the minute, or is taken with it. Asks nothing."""
    count = Counter(bytes(one.page.recipient.target_hash) for one in taken)
    return any(
        (one.is_near or count[bytes(one.page.recipient.target_hash)] > 1)
        and may_fold(one.page.text, has_code=_page_has_code(one.page))
        for one in taken
    )


def lock_of(channel: str) -> Part:
    """One sender at a time for each school and channel, until the transaction ends: budgets and folding."""
    return Part(_LOCK, (f"emergency.budget:{current_tenant_id()}:{channel}",))


class Lately:
    """What left to the people of a batch within the last minute, on their channel, the newest first."""

    def __init__(self, channel: str, first_times: frozenset[UUID]) -> None:
        self.channel, self.first = channel, first_times
        self._said: dict[bytes, list[Said]] = defaultdict(list)
        self._pairs: list[tuple[Delivery, UUID]] = []

    def in_order(self, taken: Sequence[Claimed]) -> list[Claimed]:
        """What must leave by itself before what may be told with it; else as urgent as it is, and what is over last."""

        def place(one: Claimed) -> tuple[bool, bool, bool, int]:
            said = self._of(one.page)
            wants = wants_of(said.text)
            is_again = may_fold(said.text, has_code=said.has_code) and not said.is_first
            return wants is Wants.OVER, is_again, wants is Wants.LOOK, one.page.rank

        return sorted(taken, key=place)

    def left(self, page: Delivery) -> None:
        """One more leaves now."""
        self.said(bytes(page.recipient.target_hash), self._of(page))

    def said(self, target: bytes, what: Said) -> None:
        """Newer than all that was said to them before."""
        self._said[target].insert(0, what)

    def take(self, page: Delivery) -> bool:
        """Whether ``page`` is told with one of them; it is written by ``not_folded``."""
        said = carrier(self._of(page), self._said[bytes(page.recipient.target_hash)], self.channel)
        if said is not None:
            self._pairs.append((page, said.page))
        return said is not None

    def not_folded(self) -> list[Delivery]:
        """Write what is folded; the pages that must leave by themselves after all: theirs did not leave meanwhile."""
        folded = fold(self._pairs) if self._pairs else set()
        return [page for page, _carrier in self._pairs if page.pk not in folded]

    def _of(self, page: Delivery) -> Said:
        leg = page.leg
        return Said(
            page=page.pk,
            text=page.text,
            incident=leg.incident_id,
            has_code=_page_has_code(page),
            is_first=page.pk in self.first,
            holds=leg.epoch == page.epoch and leg.state in OPEN and page.recipient.answer == Answer.NONE,
        )


def told_lately(taken: Sequence[Claimed]) -> Lately:
    """What is known once nobody else folds (``LOCK``), in one message for the whole batch: which of its pages tell something
    new, and what left by its channel to its people.
    """
    channel, at = taken[0].page.channel, taken[0].at
    mine = [one.page.pk for one in taken]
    people = list({bytes(one.page.recipient.target_hash) for one in taken})
    _locked, new, left = send(
        lock_of(channel),
        Part(_NEW, (mine, channel, at - TOLD_LASTS)),
        Part(_LEFT, (mine, channel, at, at - WITHIN, people)),
    )
    lately = Lately(channel, frozenset(pk for (pk,) in new))
    for pk, text, epoch, target, is_outside, answer, incident, now_epoch, state in left:
        holds = now_epoch == epoch and state in OPEN and answer == Answer.NONE
        has_code = _has_code(text, is_outside=is_outside)
        lately.said(bytes(target), Said(pk, text, incident, has_code, pk in lately.first, holds))
    return lately


def _has_code(text: str, *, is_outside: bool) -> bool:
    """To somebody outside: what is answered for one leg, and what names that leg's page when it is over."""
    return is_outside and kind_of(text, has_code=asks(text) or text == CARD_CODE) in (Kind.OUTSIDE, Kind.STAND_DOWN)


def _page_has_code(page: Delivery) -> bool:
    return _has_code(page.text, is_outside=page.recipient.member_id is None)
