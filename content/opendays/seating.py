"""Seats that count people, under the lock of their session (books §4, §6; ADR 0029). Called by ``workflow`` alone.

Strict order: whoever waits is asked before whoever comes. What is free is the capacity without seats that are held or
offered; an offer that has run out is free again by its date, whoever has or has not swept it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from content.opendays.models import Claim, Session
from seats import waiting


def lock_sessions(open_day_id: UUID) -> dict[UUID, Session]:
    """Every session of the day, locked in one order: until the transaction ends nobody else counts their seats."""
    rows = Session.objects.select_for_update(no_key=True).filter(open_day=open_day_id).order_by("pk")
    return {row.pk: row for row in rows}


def free_in(session: Session, moment: datetime) -> int:
    """Seats that are neither held nor offered at ``moment``. Under the session's lock. ValueError where nobody is counted."""
    if session.capacity is None:
        raise ValueError("nobody is counted there")
    held = Sum("seats")
    offered = Sum("offered", filter=Q(offer_until__gt=moment))
    found = Claim.objects.filter(session=session).aggregate(held=held, offered=offered)
    return session.capacity - (found["held"] or 0) - (found["offered"] or 0)


def take(claim: Claim, session: Session, people: int, moment: datetime) -> None:
    """``people`` more in ``session``: seats where there are enough and nobody waits, else a place in the line.

    The line is asked at once: a small family may be let by (``seats.waiting``).
    """
    if session.capacity is None or (not has_line(session) and people <= free_in(session, moment)):
        claim.seats += people
    else:
        session.last_in_line += 1
        session.save(update_fields=["last_in_line"])
        # What it waited for already keeps its place; who asks for more waits anew for all of it.
        claim.wants, claim.line, claim.passed = claim.wants + people, session.last_in_line, 0
        claim.offered, claim.offer_until = 0, None
    claim.save()


def has_line(session: Session) -> bool:
    """Whether somebody waits there for an offer."""
    return _line(session).exists()


def give_back(claim: Claim, people: int) -> None:
    """``people`` fewer: first those who wait, then seats. ValueError for more than there are."""
    if people > claim.wants + claim.seats:
        raise ValueError("more than there are")
    waiting_ones = min(people, claim.wants)
    claim.wants -= waiting_ones
    claim.seats -= people - waiting_ones
    claim.offered = min(claim.offered, claim.wants)
    _tidy(claim)
    claim.save()


def accept(claim: Claim, people: int) -> None:
    """Take ``people`` of the seats that are kept; whoever else of the family still waits keeps the place in the line."""
    claim.seats += people
    claim.wants -= people
    claim.offered, claim.offer_until = 0, None
    _tidy(claim)
    claim.save()


def leave_line(claim: Claim) -> None:
    """Nobody of the family waits any more; what it has it keeps."""
    claim.wants, claim.offered, claim.offer_until = 0, 0, None
    _tidy(claim)
    claim.save()


def settle(
    sessions: Iterable[Session], starts_at: datetime, moment: datetime, *, present: UUID | None = None
) -> list[Claim]:
    """Let the lines move up; returns the claims that were offered seats. Under the sessions' locks.

    ``present``: the family that is acting now. What falls to it is not offered, it has said yes already.
    """
    offered: list[Claim] = []
    for session in sessions:
        if session.capacity is None:
            continue
        for lapsed in Claim.objects.filter(session=session, offer_until__lte=moment):
            leave_line(lapsed)
        while step := _next(session, starts_at, moment):
            claim, passes = step
            Claim.objects.filter(pk__in=passes).update(passed=F("passed") + 1)
            if claim.party_id == present:
                accept(claim, claim.wants)
                continue
            claim.offered = claim.wants
            claim.offer_until = waiting.offer_until(starts_at, moment)
            claim.save()
            offered.append(claim)
    return offered


def _next(session: Session, starts_at: datetime, moment: datetime) -> tuple[Claim, Sequence[UUID]] | None:
    free = free_in(session, moment)
    if free < 1:
        return None
    line = {str(claim.pk): claim for claim in _line(session)}
    entries = [waiting.Waiting(key, claim.wants, claim.passed) for key, claim in line.items()]
    step = waiting.next_offer(entries, free, starts_at, moment)
    return None if step is None else (line[step.key], [line[key].pk for key in step.passes])


def _line(session: Session) -> QuerySet[Claim]:
    """Who waits and has no offer, in order. Seats of an offer are kept, so whoever has one is in nobody's way."""
    return Claim.objects.filter(session=session, wants__gt=0, offered=0).order_by("line")


def _tidy(claim: Claim) -> None:
    if claim.wants == 0:
        claim.line, claim.passed = None, 0
    if claim.offered == 0:
        claim.offer_until = None
