"""The only writers of a school's chain itself: off, rehearsal, live, and whose line stands behind it (chain §2 Going live)."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.same_person import same_member
from audit import record
from kernel.errors import Conflict, Invalid, Refused
from notifications.colleagues import tell_who_may
from referrals.emergency.going_live import lacks
from referrals.emergency.models import Chain, Drill, Incident, LineKind, chain_moment
from referrals.emergency.rota import seats_on
from referrals.emergency.rules.plan_states import BY_TWO, ChainEvent, ChainState, chain_step
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.school_line import forget
from referrals.emergency.workflow.holders import living_line, locked_chain, open_school
from tenancy.models import Tenant

SWITCHING_SEATS: Final = (SeatKind.CENTRE_HEAD, SeatKind.PRINCIPAL)
"""Who switches: whoever holds one of these; what takes two takes one of each."""

ASK_HOLDS: Final = timedelta(hours=24)
"""How long the first of two waits for the second."""


@transaction.atomic
def set_operator_line(*, actor: Actor, line_id: UUID) -> Chain:
    """Where "team and operator" ends at night. Needs ``chain.rota``. Invalid ``line_unknown``, ``line_not_operators``."""
    require(actor, "chain.rota")
    chain = locked_chain()
    line = living_line(line_id, "line")
    if line.kind != LineKind.OPERATOR:
        raise Invalid("line_not_operators", fields=(("line", "line_not_operators", ""),))
    chain.operator_line = line
    chain.save(update_fields=["operator_line"])
    record(actor=actor, action="chain.line", obj=chain)
    transaction.on_commit(forget)
    return chain


@transaction.atomic
def switch(*, actor: Actor, event: str) -> Chain:
    """Move the chain, or ask for the move where it takes two: the second, from the other seat, makes it.

    Needs ``chain.switch`` and the seat of centre head or principal today. IllegalMove; Invalid ``switch_unknown``;
    Refused ``switch_not_your_seat``, ``chain_needs_operator_line``, ``chain_not_ready``, ``incidents_open``, ``drill_still_on``; Conflict ``switch_needs_another``
    when the same person, or the same seat, says it twice.
    """
    require(actor, "chain.switch")
    if event not in set(ChainEvent):
        raise Invalid("switch_unknown")
    chain, school, now = locked_chain(), open_school(), chain_moment()
    before, move = ChainState(chain.state), ChainEvent(event)
    after = chain_step(before, move)
    seat = _seat_of(actor, school.day_of(now))
    if after is ChainState.LIVE:
        _must_hold(chain, school)
    elif Drill.objects.filter(next_at__isnull=False).exists():
        raise Refused("drill_still_on")
    elif before is ChainState.LIVE and Incident.objects.filter(is_drill=False, closed_at=None).exists():
        raise Refused("incidents_open")  # whoever is in danger now must not fall out of the chain
    if (before, move) in BY_TWO:
        first = _asked(chain, after, school.day_of(now))
        if first is None:
            chain.wanted, chain.asked_by_id, chain.asked_at = after.value, actor.membership_id, now
            chain.save(update_fields=["wanted", "asked_by", "asked_at"])
            record(actor=actor, action="chain.ask", obj=chain, facts={"state": before, "wanted": after})
            tell_who_may(
                "chain.switch",
                template="chain_asked",
                key=f"chain/{chain.pk}/{now.isoformat()}",
                link="/centre/emergency/chain/",
                apart_from=actor.user_id,
            )
            return chain
        if same_member(first, actor.membership_id) or seat in _seats_of(first, school.day_of(now)):
            raise Conflict("switch_needs_another")
        chain.switched_by_id, chain.agreed_by_id = first, actor.membership_id
    else:
        chain.switched_by_id, chain.agreed_by_id = actor.membership_id, None
    chain.state, chain.switched_at = after.value, now
    chain.wanted, chain.asked_by, chain.asked_at = "", None, None
    chain.save()
    record(actor=actor, action="chain.switch", obj=chain, facts={"state": before, "now_state": after})
    transaction.on_commit(forget)
    return chain


@transaction.atomic
def withdraw_ask(*, actor: Actor) -> Chain:
    """What was asked for is asked for no more; either of the two may say so. Needs ``chain.switch``; Refused ``switch_not_your_seat``."""
    require(actor, "chain.switch")
    chain = locked_chain()
    _seat_of(actor, open_school().day_of(chain_moment()))
    if chain.wanted:
        record(actor=actor, action="chain.withdraw", obj=chain, facts={"wanted": chain.wanted})
        chain.wanted, chain.asked_by, chain.asked_at = "", None, None
        chain.save(update_fields=["wanted", "asked_by", "asked_at"])
    return chain


def _asked(chain: Chain, after: ChainState, day: date) -> UUID | None:
    """Who asked for this very state, may still be answered, and still holds a seat."""
    if chain.wanted != after or chain.asked_at is None or chain_moment() - chain.asked_at > ASK_HOLDS:
        return None
    return chain.asked_by_id if _seats_of(chain.asked_by_id, day) else None


def _must_hold(chain: Chain, school: Tenant) -> None:
    """Refused while anything is missing: a chain that is live and would not hold is worse than none."""
    if chain.operator_line is None:
        raise Refused("chain_needs_operator_line")
    if missing := lacks(school, chain_moment()):
        raise Refused("chain_not_ready", count=len(missing))


def _seats_of(member_id: UUID | None, day: date) -> set[SeatKind]:
    held = seats_on(day).filter(holder_id=member_id, kind__in=SWITCHING_SEATS)
    return {SeatKind(seat.kind) for seat in held}


def _seat_of(actor: Actor, day: date) -> SeatKind:
    """The seat by which the actor switches. Refused ``switch_not_your_seat``."""
    held = _seats_of(actor.membership_id, day) if actor.membership_id else set()
    if not held:
        raise Refused("switch_not_your_seat")
    return min(held, key=SWITCHING_SEATS.index)
