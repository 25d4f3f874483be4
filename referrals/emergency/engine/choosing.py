"""By which accounts one page may leave now: what each may carry, and what its budgets still hold (chain §5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from notifications.providers.ports import Failed
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.engine.claiming import Claimed
from referrals.emergency.engine.folding import lock_of, may_be_folded, told_lately
from referrals.emergency.engine.letters import kind_of_delivery
from referrals.emergency.engine.queue import PutBack, Tried
from referrals.emergency.engine.ways import Way
from referrals.emergency.models import Delivery
from referrals.emergency.rules.limits import A_NUMBER, PATIENCE, SPANS, Full, Limits, Spent, Use, full
from referrals.emergency.rules.sending import RANKS, Rank
from tenancy.messages import send


@dataclass(frozen=True, slots=True)
class Chosen:
    """Accounts in the order in which they are asked, each with the approved template; empty where none is needed."""

    ways: tuple[tuple[Way, str], ...]


def reserve(taken: Sequence[Claimed], ways: Sequence[Way], circuits: Circuits) -> list[tuple[Delivery, Chosen | Tried]]:
    """For each claimed page the accounts that may carry it now, or why there is none; none at all for a page that is told
    with another one that has just left to the same person (``engine.folding``).

    Where budgets are ours to keep, or something may be folded, that is done in one short transaction, one sender at a time
    for each school and channel, before any call: two processes never share the last place, and never fold two pages into
    each other. The most urgent comes first.
    """
    if not taken:
        return []
    channel = taken[0].page.channel
    counts = any(way.counts and (channel in A_NUMBER or way.limits != Limits()) for way in ways)
    folds = may_be_folded(taken)
    if not (counts or folds):
        return [(one.page, _choose(one.page, ways, (), one.at)) for one in taken]
    with transaction.atomic():
        lately = told_lately(taken) if folds else None
        if lately is None:
            send(lock_of(channel))
        uses = _uses(channel, taken[0].at) if counts else []
        found: dict[UUID, Chosen | Tried] = {}
        for one in lately.in_order(taken) if lately is not None else taken:
            if lately is not None and lately.take(one.page):
                continue
            found[one.page.pk] = chosen = _take(one, ways, uses, circuits, counts=counts)
            if lately is not None and isinstance(chosen, Chosen):
                lately.left(one.page)
        for page in lately.not_folded() if lately is not None else ():
            again = next(one for one in taken if one.page.pk == page.pk)
            found[page.pk] = _take(again, ways, uses, circuits, counts=counts)
    return [(one.page, found[one.page.pk]) for one in taken if one.page.pk in found]


def _take(one: Claimed, ways: Sequence[Way], uses: list[Use], circuits: Circuits, *, counts: bool) -> Chosen | Tried:
    """The accounts for one page; where they are counted, its place is taken."""
    page = one.page
    chosen = _choose(page, ways, uses, one.at)
    if counts and isinstance(chosen, Chosen):
        way, template = _first(chosen, circuits)
        uses.append(Use(way.name, template or page.text, bytes(page.recipient.target_hash), one.at))
        Delivery.objects.filter(pk=page.pk, claims=page.claims).update(
            provider=way.name, template=template or page.text, tried_at=one.at
        )
    return chosen


def _uses(channel: str, at: datetime) -> list[Use]:
    rows = Delivery.objects.filter(channel=channel, tried_at__gt=at - SPANS[Spent.DAY])
    found = rows.values_list("provider", "template", "recipient__target_hash", "tried_at")
    return [Use(provider, template, bytes(target), cast(datetime, when)) for provider, template, target, when in found]


def _choose(delivery: Delivery, ways: Sequence[Way], uses: Iterable[Use], at: datetime) -> Chosen | Tried:
    kind = kind_of_delivery(delivery)
    usable: list[tuple[Way, str]] = []
    barred: list[str] = []
    spent: list[Full] = []
    for way in ways:
        verdict = way.carries(kind)
        if verdict.why is not None:
            barred.append(verdict.why.value)
        elif (found := _full(delivery, way, verdict.template_id, uses, at)) is not None:
            spent.append(found)
        else:
            usable.append((way, verdict.template_id))
    if usable:
        return Chosen(tuple(usable))
    if spent:
        least = min(spent, key=lambda full: full.wait)
        if least.wait <= PATIENCE:
            return Tried(PutBack(least.spent.value, least.wait))
        return Tried(Failed(least.spent.value, is_final=True))
    return Tried(Failed(barred[0] if barred else "no_provider", is_final=True))


def _full(delivery: Delivery, way: Way, template: str, uses: Iterable[Use], at: datetime) -> Full | None:
    if not way.counts:
        return None
    wanted = Use(way.name, template or delivery.text, bytes(delivery.recipient.target_hash), at)
    is_notice = delivery.rank == RANKS[Rank.NOTICE]
    return full(uses, wanted=wanted, channel=delivery.channel, account=way.limits, is_notice=is_notice)


def _first(chosen: Chosen, circuits: Circuits) -> tuple[Way, str]:
    """The account that will be asked first: one that is left alone now is not."""
    return next((one for one in chosen.ways if not circuits.is_open(one[0].key)), chosen.ways[0])
