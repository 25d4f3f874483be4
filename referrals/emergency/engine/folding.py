"""Which of the claimed pages are told with another one that left to the same person on the same channel (``rules.folding``)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef

from notifications.providers.capability import Kind
from referrals.emergency.engine.claiming import Claimed
from referrals.emergency.engine.letters import kind_of_delivery
from referrals.emergency.engine.queue import fold, leaving
from referrals.emergency.models import Answer, Delivery
from referrals.emergency.rules.folding import TOLD_LASTS, Said, Wants, carrier, may_fold, wants_of
from referrals.emergency.rules.leg_states import OPEN
from referrals.emergency.rules.sending import DeliveryState


def may_be_folded(taken: Sequence[Claimed]) -> bool:
    """Whether any of them could be: another left to the same person within the minute, or is taken with it. Asks nothing."""
    count = Counter(bytes(one.page.recipient.target_hash) for one in taken)
    return any(
        (one.is_near or count[bytes(one.page.recipient.target_hash)] > 1)
        and may_fold(one.page.text, has_code=_has_code(one.page))
        for one in taken
    )


class Lately:
    """What left to the people of a batch within the last minute, on their channel, the newest first."""

    def __init__(self, channel: str, first_times: frozenset[UUID]) -> None:
        self.channel, self._first = channel, first_times
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
        self._said[bytes(page.recipient.target_hash)].insert(0, self._of(page))

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
            has_code=_has_code(page),
            is_first=page.pk in self._first,
            holds=leg.epoch == page.epoch and leg.state in OPEN and page.recipient.answer == Answer.NONE,
        )


def told_lately(taken: Sequence[Claimed]) -> Lately:
    """Three questions for the whole batch: which of its pages tell something new, what left by its channel, and of that what
    left to its people.
    """
    mine = [one.page.pk for one in taken]
    channel, at = taken[0].page.channel, taken[0].at
    before = Delivery.objects.filter(
        leg=OuterRef("leg"),
        recipient__leg=OuterRef("leg"),
        text=OuterRef("text"),
        channel=channel,
        recipient__target_hash=OuterRef("recipient__target_hash"),
        state__in=(DeliveryState.SENT.value, DeliveryState.FOLDED.value),
        settled_at__gt=at - TOLD_LASTS,
    )
    new = Delivery.objects.filter(~Exists(before), pk__in=mine)
    lately = Lately(channel, frozenset(new.values_list("pk", flat=True)))
    people = {bytes(one.page.recipient.target_hash) for one in taken}
    left = leaving(at).filter(channel=channel).exclude(pk__in=mine).values_list("pk", "recipient__target_hash")
    to_them = [pk for pk, target in left if bytes(target) in people]
    rows = Delivery.objects.filter(pk__in=to_them).select_related("recipient", "leg")
    for page in rows.order_by("tried_at", "pk"):
        lately.left(page)
    return lately


def _has_code(page: Delivery) -> bool:
    """To somebody outside: what is answered for one leg, and what names that leg's page when it is over."""
    return page.recipient.member_id is None and kind_of_delivery(page) in (Kind.OUTSIDE, Kind.STAND_DOWN)
