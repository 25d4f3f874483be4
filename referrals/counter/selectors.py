"""What a partner may see of its own work, in every school at once: read through the partner's wall, never a name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from accounts.search import contains
from kernel.clock import end_of_day, local_day, now, start_of_day
from kernel.errors import NotFound
from partners.calendars.resources import own_names_of
from partners.members import Desk, desks_at
from partners.models import Service
from referrals.access import institution_of
from referrals.kinds import KINDS
from referrals.missed import UNRESOLVED_FOR, holds_unit
from referrals.models import Booking, Offer, Redemption, Reschedule, Voucher
from referrals.rules import ONE_A_VISIT, is_by_appointment, may_answer_move, next_units, units_of_bookings
from referrals.selectors import in_state
from referrals.states import (
    ASKED_ABOUT,
    STANDING,
    BookingState,
    OfferState,
    RedemptionState,
    RescheduleSide,
    RescheduleState,
    VoucherState,
)
from tenancy.messages import together
from tenancy.scope import use_partner

if TYPE_CHECKING:
    from referrals.counter.shown import ShownOffer


MOST_ON_ONE_PAGE: Final = 50
OVER: Final = "over"
"""No state: the appointments of the days before today."""
_OPEN_KINDS: Final = [kind for kind, facts in KINDS.items() if facts.is_open]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, half-open, UTC."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking as the counter sees it: the minimum card, what one unit costs the person in fen, its voucher's number.

    ``with_whom``: whom or what of the agency it occupies, by the agency's own name for it.
    """

    booking: Booking
    self_fen: int | None
    subsidy_fen: int | None
    units_left: int | None
    voucher_number: str | None = None
    wish: Reschedule | None = None
    with_whom: str = ""

    @property
    def is_ahead(self) -> bool:
        """Confirmed and not begun: it can still be cancelled or moved."""
        return self.booking.state == BookingState.CONFIRMED and self.booking.starts_at > now()

    @property
    def is_missed(self) -> bool:
        """It has ended and nobody scanned it: the agency may say that nobody came."""
        return self.booking.state == BookingState.CONFIRMED and self.booking.ends_at <= now()

    @property
    def is_asked(self) -> bool:
        """Whether the person's wish for another time waits for the agency's answer."""
        return self.wish is not None and self.wish.asked_by == RescheduleSide.PERSON


@dataclass(frozen=True, slots=True)
class Totals:
    """What a filtered list adds up to; reversed ones are not counted."""

    count: int
    subsidy_fen: int
    self_fen: int


def open_offers(actor: Actor, *also: QuerySet[Any]) -> "list[ShownOffer]":
    """Requests that wait for an answer, the shortest clock first; each with its times as ``spans``.

    ``also``: what else the page needs, asked for in the same message.
    """
    with use_partner(institution_of(actor)):
        offers = (
            Offer.objects.select_related("service")
            .filter(in_state(OfferState.OPEN, now()))
            .annotate(proposed=Count("proposals"))
            .order_by("deadline", "id")[:MOST_ON_ONE_PAGE]
        )
        together(offers, *also)
    shown = cast("list[ShownOffer]", list(offers))
    for offer in shown:
        offer.spans = spans_of(offer)
    return shown


def waiting_up_to(most: int, actor: Actor) -> int:
    """How many requests wait for the institution's answer, counted no further than ``most``. One query."""
    with use_partner(institution_of(actor)):
        return Offer.objects.filter(in_state(OfferState.OPEN, now()))[:most].count()


def own_booking(actor: Actor, booking_id: UUID) -> Booking:
    """An appointment at the institution, with its service. NotFound for any other."""
    with use_partner(institution_of(actor)):
        found = Booking.objects.select_related("service").filter(pk=booking_id).first()
    if found is None:
        raise NotFound
    return found


def services_of(actor: Actor) -> QuerySet[Service]:
    """The institution's services, those no longer offered too: old requests name them."""
    return Service.objects.filter(institution_id=institution_of(actor)).order_by("name")


def offers(state: str, service: str) -> QuerySet[Offer]:
    """Requests, newest first, narrowed to a state and a service. Reads through the wall that is open."""
    rows = Offer.objects.prefetch_related("service").order_by("-created_at", "-id")
    if state:
        rows = rows.filter(in_state(state, now()))
    return rows.filter(service_id=service) if service else rows


def spans_of(offer: Offer) -> list[Span]:
    """The times that suit the person, as moments."""
    return [
        Span(datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"])) for row in offer.windows
    ]


def proposed_times(actor: Actor, offer: Offer) -> list[Span]:
    """What the partner proposed already and the person has not answered."""
    with use_partner(institution_of(actor)):
        rows = offer.proposals.filter(accepted_at__isnull=True).values_list("starts_at", "ends_at")
        return [Span(start, end) for start, end in rows]


def visits_and_wishes(actor: Actor, moment: datetime, *, days: int = 7) -> tuple[list[Visit], list[Visit], list[Visit]]:
    """Today's appointments, those of the ``days`` after, and those that a person would like to have at another time.

    The last by the shortest clock, wherever they lie. What hangs on each is read once for all.
    """
    today = local_day(moment)
    with use_partner(institution_of(actor)):
        bookings = list(
            Booking.objects.select_related("service")
            .filter(
                starts_at__gte=start_of_day(today),
                starts_at__lt=end_of_day(today + timedelta(days=days)),
                state__in=[BookingState.CONFIRMED, BookingState.DONE],
            )
            .order_by("starts_at", "id")[:MOST_ON_ONE_PAGE]
        )
        asked = Reschedule.objects.filter(
            state=RescheduleState.OPEN, asked_by=RescheduleSide.PERSON, until__gt=moment
        ).order_by("until", "id")[:MOST_ON_ONE_PAGE]
        order = [row.booking_id for row in asked]
        near = {booking.pk for booking in bookings}
        if further := [pk for pk in order if pk not in near]:
            bookings += Booking.objects.select_related("service").filter(pk__in=further)
        found = visits(bookings)
    shown = [visit for visit in found if visit.booking.pk in near]
    by_booking = {visit.booking.pk: visit for visit in found}
    return (
        [visit for visit in shown if local_day(visit.booking.starts_at, visit.booking.zone) == today],
        [visit for visit in shown if local_day(visit.booking.starts_at, visit.booking.zone) != today],
        [by_booking[pk] for pk in order if pk in by_booking and by_booking[pk].is_asked],
    )


def visits(bookings: list[Booking]) -> list[Visit]:
    """Each with its voucher, and the amounts of what a scan would take next. Reads through the wall that is open."""
    found = Voucher.objects.filter(referral__in=[row.referral_id for row in bookings]).order_by(
        "pk"
    )  # the latest stands
    vouchers = {row.referral_id: row for row in found}
    used: dict[UUID, set[int]] = defaultdict(set)
    taken = Redemption.objects.filter(voucher__in=[row.pk for row in vouchers.values()])
    for voucher_id, index in taken.exclude(state=RedemptionState.REVERSED).values_list("voucher_id", "unit_index"):
        used[voucher_id].add(index)
    courses: dict[UUID, list[Booking]] = defaultdict(list)
    if several := [row.referral_id for row in vouchers.values() if row.units > 1]:
        held = Booking.objects.filter(referral__in=several, state__in=(*STANDING, *ASKED_ABOUT))
        for standing in filter(holds_unit, held):
            courses[standing.referral_id].append(standing)
    paid = {
        booking.pk: split
        for referral_id, voucher in vouchers.items()
        for split, booking in units_of_bookings(_splits_left(voucher, used), courses[referral_id])
    }
    wishes, names = _wishes_of(bookings), own_names_of({booking.resource for booking in bookings})
    return [
        replace(
            _visit(booking, vouchers.get(booking.referral_id), used, paid, wishes.get(booking.pk)),
            with_whom=names.get(booking.resource, "") if booking.resource else "",
        )
        for booking in bookings
    ]


def _splits_left(voucher: Voucher, used: Mapping[UUID, set[int]]) -> list[list[int]]:
    following = next_units(voucher.unit_splits, used.get(voucher.pk, set()))[: voucher.units_left]
    return [split for _index, split in following]


def _visit(
    booking: Booking,
    voucher: Voucher | None,
    used: Mapping[UUID, set[int]],
    paid: Mapping[UUID, list[int]],
    wish: Reschedule | None,
) -> Visit:
    """With the amounts of the very unit that pays it; without any once nothing is left to take."""
    if voucher is None:
        return Visit(booking, None, None, None, wish=wish)
    left = _splits_left(voucher, used)
    spent = booking.state not in STANDING and is_by_appointment(booking.service.kind, booking.service.unit)
    if not left or spent:
        return Visit(booking, None, None, voucher.units_left, voucher.number, wish)
    _fee_fen, subsidy_fen, self_fen = paid.get(booking.pk, left[0])
    return Visit(booking, self_fen, subsidy_fen, voucher.units_left, voucher.number, wish)


def _wishes_of(bookings: Sequence[Booking]) -> dict[UUID, Reschedule]:
    """The wish to move that waits for an answer, by appointment. One query."""
    moment, known = now(), {booking.pk: booking for booking in bookings}
    asked = Reschedule.objects.filter(booking__in=list(known), state=RescheduleState.OPEN)
    return {row.booking_id: row for row in asked if may_answer_move(row, known[row.booking_id], moment)}


def vouchers_without_appointment(actor: Actor) -> list[Voucher]:
    """Courses with a unit that has no appointment yet, those that end first first; each with its last card."""
    standing = (
        Booking.objects.filter(
            Q(state__in=STANDING)
            | Q(state__in=(BookingState.UNRESOLVED, BookingState.DISPUTED))
            | Q(state=BookingState.NO_SHOW, due_at__isnull=False),
            referral_id=OuterRef("referral_id"),
        )
        .order_by()
        .values("referral_id")
        .annotate(many=Count("pk"))
        .values("many")
    )
    with use_partner(institution_of(actor)):
        found = list(
            Voucher.objects.select_related("service")
            .prefetch_related("booking")
            .filter(state__in=[VoucherState.ISSUED, VoucherState.ACTIVE], units_left__gte=1)
            .filter(~Q(service__kind__in=_OPEN_KINDS) | Q(service__unit__in=ONE_A_VISIT))
            .filter(units_left__gt=Coalesce(Subquery(standing), 0), valid_until__gte=local_day(now()))
            .order_by("valid_until", "id")[:MOST_ON_ONE_PAGE]
        )
    return found


def voucher_without_appointment(actor: Actor, voucher_id: UUID) -> Voucher:
    """One of them, or NotFound."""
    found = next((row for row in vouchers_without_appointment(actor) if row.pk == voucher_id), None)
    if found is None:
        raise NotFound
    return found


def unscanned(state: str) -> QuerySet[Booking]:
    """Appointments that nobody scanned, from the end of their day on, the shortest clock first; as the dates have them.

    ``state`` empty: those of which it is open what becomes of them. Reads through the wall that is open.
    """
    moment = now()
    rows = Booking.objects.prefetch_related("service").order_by("due_at", "starts_at", "id")
    past = Q(state=BookingState.CONFIRMED, due_at__lte=moment, due_at__gt=moment - UNRESOLVED_FOR)
    asked = past | Q(state=BookingState.UNRESOLVED, due_at__gt=moment)
    claimed = Q(state=BookingState.NO_SHOW, due_at__gt=moment)
    quarrel = Q(state=BookingState.DISPUTED)
    match state:
        case BookingState.UNRESOLVED:
            return rows.filter(asked)
        case BookingState.NO_SHOW:
            return rows.filter(state=BookingState.NO_SHOW)
        case BookingState.DISPUTED:
            return rows.filter(quarrel)
        case BookingState.LAPSED:
            return rows.filter(state=BookingState.LAPSED)
        case _:
            return rows.filter(asked | claimed | quarrel)


def waiting_for_a_word(actor: Actor, most: int) -> int:
    """How many appointments wait for the agency's word whether they took place, counted no further than ``most``."""
    with use_partner(institution_of(actor)):
        return unscanned(BookingState.UNRESOLVED).filter(agency_says="")[:most].count()


def bookings(state: str, day: date | None) -> QuerySet[Booking]:
    """Appointments, narrowed to a state and a day: without a state those from today on, the next one first, or those of the
    day; ``OVER`` those before today, like every state the last one first. Reads through the wall that is open.
    """
    rows, today = Booking.objects.prefetch_related("service"), start_of_day(local_day(now()))
    if day:
        rows = rows.filter(starts_at__gte=start_of_day(day), starts_at__lt=end_of_day(day))
    if not state:
        rows = rows if day else rows.filter(starts_at__gte=today)
        return rows.order_by("starts_at", "id")
    rows = rows.filter(starts_at__lt=today) if state == OVER else rows.filter(state=state)
    return rows.order_by("-starts_at", "-id")


def has_bookings(actor: Actor) -> bool:
    """Whether the agency ever had an appointment. One query."""
    with use_partner(institution_of(actor)):
        return Booking.objects.exists()


def redemption_shown(actor: Actor, redemption_id: UUID) -> Redemption:
    """One redemption with its service, or NotFound."""
    with use_partner(institution_of(actor)):
        found = Redemption.objects.select_related("voucher__service").filter(pk=redemption_id).first()
    if found is None:
        raise NotFound
    return found


def desks_of(redemptions: Sequence[Redemption]) -> list[Desk]:
    """At which desk of the institution each was redeemed, in the same order. One query."""
    marked = [(row.pk, row.partner_id, who, row.redeemed_at) for row in redemptions if (who := row.redeemed_by_id)]
    desks = desks_at([(partner, who, at) for _pk, partner, who, at in marked])
    found = dict(zip((row[0] for row in marked), desks, strict=True))
    return [found.get(row.pk, Desk("", "")) for row in redemptions]


def redeemed_together(actor: Actor, first: Redemption) -> list[Redemption]:
    """The units of the one act at the counter that spent ``first``, those still standing, in order."""
    with use_partner(institution_of(actor)):
        same = Redemption.objects.filter(
            voucher_id=first.voucher_id, redeemed_at=first.redeemed_at, redeemed_by_id=first.redeemed_by_id
        )
        return list(same.exclude(state=RedemptionState.REVERSED).order_by("unit_index"))


def totals_of(rows: QuerySet[Redemption], most: int | None = None) -> Totals | None:
    """What ``rows`` add up to; None when there are more than ``most``. Reads through the wall that is open."""
    standing = rows.exclude(state=RedemptionState.REVERSED).order_by()
    if most is not None:
        standing = standing[: most + 1]
    sums = standing.aggregate(
        count=Count("pk"),
        subsidy=Sum(F("subsidy_fen") + F("corrected_subsidy_fen")),
        own=Sum(F("self_fen") + F("corrected_self_fen")),
    )
    if most is not None and sums["count"] > most:
        return None
    return Totals(sums["count"], sums["subsidy"] or 0, sums["own"] or 0)


def redemptions(q: str, state: str, first: date | None, last: date | None) -> QuerySet[Redemption]:
    """What was redeemed, newest first, by number, state and days. Reads through the wall that is open."""
    wanted = Q()
    if q:
        wanted &= contains(q, "voucher_number")
    if state:
        wanted &= Q(state=state)
    if first:
        wanted &= Q(redeemed_at__gte=start_of_day(first))
    if last:
        wanted &= Q(redeemed_at__lt=end_of_day(last))
    return Redemption.objects.prefetch_related("voucher__service").filter(wanted).order_by("-redeemed_at", "-id")
