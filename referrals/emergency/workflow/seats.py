"""The only writers of seats: who holds an office of the chain, and who stands in."""

from datetime import date
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.roles import Role
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from referrals.emergency.models import DutyLine, Seat, chain_moment
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.workflow.holders import locked_chain, one_of, open_school

ROLE_OF: Final = {
    SeatKind.CENTRE_HEAD: Role.CENTRE,
    SeatKind.PRINCIPAL: Role.PRINCIPAL,
    SeatKind.MORAL: Role.MORAL,
    SeatKind.DOCTOR: Role.DOCTOR,
}
"""The role that the holder of a seat has; whoever stands in needs none."""


@transaction.atomic
def appoint(
    *,
    actor: Actor,
    kind: str,
    since: date,
    holder_id: UUID | None = None,
    holder_line_id: UUID | None = None,
    deputy_id: UUID | None = None,
    deputy_line_id: UUID | None = None,
) -> Seat:
    """From ``since`` (a day of the school, not past) the seat is held so; who held it until then does no more.

    Needs ``chain.seats``. Invalid ``seat_unknown``, ``seat_in_the_past``, ``holder_missing``, ``holder_twice``,
    ``holder_unknown``, ``line_unknown``, ``seat_deputy_same``; Refused ``seat_needs_role``; Conflict ``seat_taken`` when
    a later appointment stands already.
    """
    require(actor, "chain.seats")
    if kind not in set(SeatKind):
        raise Invalid("seat_unknown", fields=(("kind", "seat_unknown", ""),))
    locked_chain()
    if since < open_school().day_of(chain_moment()):
        raise Invalid("seat_in_the_past", fields=(("since", "seat_in_the_past", ""),))
    holder, line = one_of(holder_id, holder_line_id, "holder")
    role = ROLE_OF.get(SeatKind(kind))
    if holder is not None and role is not None and role not in holder.roles:
        raise Refused("seat_needs_role", fields=(("holder", "seat_needs_role", ""),))
    seat = Seat(kind=kind, since=since, holder=holder, holder_line=line)
    _stand_in(seat, deputy_id, deputy_line_id)
    for row in Seat.objects.select_for_update(no_key=True).filter(
        Q(until__isnull=True) | Q(until__gt=since), kind=kind
    ):
        if row.since > since:
            raise Conflict("seat_taken", fields=(("since", "seat_taken", ""),))
        if row.since == since:  # appointed and replaced on one day: the record has both
            row.delete()
        else:
            row.until = since
            row.save(update_fields=["until"])
    try:
        with transaction.atomic():
            seat.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("seat_taken", fields=(("since", "seat_taken", ""),)) from error
    record(actor=actor, action="seat.appoint", obj=seat, facts={"seat": kind, "since": since})
    return seat


@transaction.atomic
def name_deputy(
    *, actor: Actor, seat_id: UUID, deputy_id: UUID | None = None, deputy_line_id: UUID | None = None
) -> Seat:
    """Who stands in from now on; neither: nobody. Needs ``chain.seats``; NotFound; Invalid as ``appoint``; Conflict ``seat_over``."""
    require(actor, "chain.seats")
    locked_chain()
    seat = _standing(seat_id)
    _stand_in(seat, deputy_id, deputy_line_id)
    seat.save(update_fields=["deputy", "deputy_line"])
    record(actor=actor, action="seat.deputy", obj=seat, facts={"seat": seat.kind})
    return seat


@transaction.atomic
def end_seat(*, actor: Actor, seat_id: UUID) -> None:
    """Nobody holds it from today on. Needs ``chain.seats``; NotFound; Conflict ``seat_over``."""
    require(actor, "chain.seats")
    locked_chain()
    seat = _standing(seat_id)
    today = open_school().day_of(chain_moment())
    record(actor=actor, action="seat.end", obj=seat, facts={"seat": seat.kind})
    if seat.since >= today:
        seat.delete()
    else:
        seat.until = today
        seat.save(update_fields=["until"])


def _standing(seat_id: UUID) -> Seat:
    seat = Seat.objects.select_for_update(no_key=True).filter(pk=seat_id).first()
    if seat is None:
        raise NotFound
    if seat.until is not None and seat.until <= open_school().day_of(chain_moment()):
        raise Conflict("seat_over")
    return seat


def _stand_in(seat: Seat, deputy_id: UUID | None, deputy_line_id: UUID | None) -> None:
    deputy: Membership | None = None
    line: DutyLine | None = None
    if deputy_id or deputy_line_id:
        deputy, line = one_of(deputy_id, deputy_line_id, "deputy")
    if (deputy and deputy.pk == seat.holder_id) or (line and line.pk == seat.holder_line_id):
        raise Invalid("seat_deputy_same", fields=(("deputy", "seat_deputy_same", ""),))
    seat.deputy, seat.deputy_line = deputy, line
