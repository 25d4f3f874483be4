"""A person's own requests, appointments and vouchers."""

from collections.abc import Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Case, Exists, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.actor import Actor
from accounts.models import Membership
from accounts.search import contains
from audit.models import AuditEntry, object_of
from families.models import Consent
from families.states import ConsentState
from kernel.clock import now
from kernel.errors import Invalid, Refused
from partners.members import Desk, desks_at
from partners.models import Institution, Service
from partners.selectors import services_open_on
from referrals.access import LIST_OF_NAMES
from referrals.kinds import KINDS
from referrals.missed import UNRESOLVED_FOR
from referrals.models import (
    Booking,
    Candidate,
    Offer,
    Proposal,
    Proxy,
    Redemption,
    Referral,
    ReferralWindow,
    Reschedule,
    ScanLog,
    Voucher,
)
from referrals.rules import may_answer_move
from referrals.states import (
    STANDING,
    BookingState,
    OfferState,
    ReferralState,
    RescheduleSide,
    RescheduleState,
    VoucherState,
)
from referrals.subsidies.quoting import Quote, quote
from referrals.workflow.times import kept_times
from tenancy.messages import together
from tenancy.models import Tenant

_MOST_INSTEAD: Final = 3
_RECENT: Final = 3
_MOST_LOOKS: Final = 50
_TRIED: Final = timedelta(days=14)
LIVE: Final = (VoucherState.ISSUED, VoucherState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody opened a request, or a list with its person's name: in which role, and when (UTC). Never a name."""

    roles: tuple[str, ...]
    at: datetime
    in_list: bool = False


def my_referrals(actor: Actor) -> QuerySet[Referral]:
    """The actor's own, newest first; ``proposed`` says whether an agency's other times wait for an answer."""
    waiting = Proposal.objects.filter(
        offer__referral=OuterRef("pk"), offer__state=OfferState.OPEN, offer__deadline__gt=now()
    )
    return (
        Referral.objects.filter(person_id=actor.membership_id)
        .prefetch_related("service", "partner")
        .annotate(proposed=Exists(waiting))
        .order_by("-id")
    )


def find_referrals(actor: Actor, *, state: str = "", q: str = "") -> QuerySet[Referral]:
    """Narrowed to one state and to numbers that contain ``q``."""
    rows = my_referrals(actor)
    if state:
        rows = rows.filter(state=state)
    return rows.filter(contains(q, "number")) if q.strip() else rows


def recent_referrals(actor: Actor) -> QuerySet[Referral]:
    """The newest of ``my_referrals``, without agency and service: see ``with_names``."""
    return my_referrals(actor).prefetch_related(None)[:_RECENT]


def with_names(coming: Iterable[Booking], recent: Iterable[Referral], at_hand: Sequence[Service]) -> None:
    """Give the appointments their agency and the requests their service: of those ``at_hand``, the others by their keys.

    Joined, the agencies and services of all schools are gone through once for each list of the person's own. One query
    for agencies and one for services that the school no longer offers, mostly none.
    """
    agencies = _by_key(Institution, {row.partner_id for row in coming}, [service.institution for service in at_hand])
    services = _by_key(Service, {row.service_id for row in recent}, at_hand)
    for booking in coming:
        booking.partner = agencies[booking.partner_id]
    for referral in recent:
        referral.service = services[referral.service_id]


def _by_key[Named: Model](model: type[Named], keys: Set[UUID], at_hand: Iterable[Named]) -> dict[UUID, Named]:
    known = {row.pk: row for row in at_hand if row.pk in keys}
    rest = keys - known.keys()
    return known | (model._default_manager.in_bulk(list(rest)) if rest else {})


def next_bookings(actor: Actor, moment: datetime) -> QuerySet[Booking]:
    """The appointment that is on now or comes next, and the one after it, without their agency: see ``with_names``."""
    return Booking.objects.filter(
        referral__person_id=actor.membership_id, state=BookingState.CONFIRMED, ends_at__gt=moment
    ).order_by("starts_at", "id")[:2]


def open_proposals(actor: Actor) -> QuerySet[Proposal]:
    """Other times that a partner proposed and that wait for the actor's answer.

    The agencies' names are read after, for the rows at hand: joined, all agencies of all schools are gone through for each
    request of the person, found or not.
    """
    found = Proposal.objects.select_related("offer__referral").prefetch_related("partner")
    return found.filter(
        offer__referral__person_id=actor.membership_id,
        offer__state=OfferState.OPEN,
        offer__deadline__gt=now(),
        accepted_at__isnull=True,
    )


def open_wishes(actor: Actor) -> QuerySet[Reschedule]:
    """Other times that an agency asks for and that wait for the actor's answer, the shortest clock first."""
    moment = now()
    return (
        Reschedule.objects.select_related("booking")
        .prefetch_related("partner")  # as in open_proposals
        .filter(
            booking__referral__person_id=actor.membership_id,
            booking__state=BookingState.CONFIRMED,
            booking__starts_at__gt=moment,
            asked_by=RescheduleSide.AGENCY,
            state=RescheduleState.OPEN,
            until__gt=moment,
        )
        .order_by("until", "id")
    )


def open_questions(actor: Actor) -> QuerySet[Booking]:
    """Appointments that nobody scanned, or to which the agency says "did not come", and that wait for the actor's word."""
    moment = now()
    unscanned = Q(state=BookingState.CONFIRMED, due_at__lte=moment, due_at__gt=moment - UNRESOLVED_FOR)
    asked = Q(state=BookingState.UNRESOLVED, due_at__gt=moment, person_says="")
    claimed = Q(state=BookingState.NO_SHOW, due_at__gt=moment)
    return (
        Booking.objects.prefetch_related("partner")  # as in open_proposals
        .filter(unscanned | asked | claimed, referral__person_id=actor.membership_id)
        .order_by("starts_at", "id")[:5]
    )


def wishes_of(appointments: Sequence[Booking]) -> dict[UUID, Reschedule]:
    """The wish to move that waits for an answer, by appointment, whoever asked. One query."""
    moment, known = now(), {booking.pk: booking for booking in appointments}
    asked = Reschedule.objects.filter(booking__in=list(known), state=RescheduleState.OPEN).order_by("starts_at", "id")
    return {row.booking_id: row for row in asked if may_answer_move(row, known[row.booking_id], moment)}


def agencies_instead(actor: Actor, tenant: Tenant, referral: Referral) -> list[Quote]:
    """Other agencies that could be asked with the times still to come, at most three, the least expensive first.

    Left out are those that could not take the same kind of request in the last two weeks, and those that are open at none
    of the times. Empty where the request was repeated already, or none of its times is to come.
    """
    moment = now()
    times = [(row.starts_at, row.ends_at) for row in referral.windows.all() if row.starts_at > moment]
    if not times or referral.made_instead.exists():
        return []
    tried = Referral.objects.filter(
        person_id=actor.membership_id,
        kind=referral.kind,
        state=ReferralState.EXPIRED,
        submitted_at__gt=moment - _TRIED,
    ).exclude(decline_reason="")
    left_out = {referral.partner_id, *tried.values_list("partner_id", flat=True)}
    quotes = []
    for service, _line in services_open_on(min(tenant.day_of(start) for start, _end in times), kind=referral.kind):
        if service.institution_id in left_out:
            continue
        if kept := kept_times(service, times, moment):
            with suppress(Refused, Invalid):  # no rule or no agreement for this one: it cannot be asked
                quotes.append(
                    quote(
                        actor=actor,
                        tenant=tenant,
                        service_id=service.pk,
                        units=referral.units,
                        service_date=min(tenant.day_of(start) for start, _end in kept),
                        child_id=referral.child_id,
                    )
                )
    return sorted(quotes, key=lambda row: row.decision.self_fen)[:_MOST_INSTEAD]


def candidates_of(referral: Referral) -> list[Candidate]:
    """The agencies that were asked at the same time, each with its price; none where one was asked alone."""
    if not referral.query_others:
        return []
    return list(Candidate.objects.select_related("service__institution").filter(referral=referral))


def unanswered_consents(actor: Actor) -> QuerySet[Consent]:
    """What the actor asked of their family and nobody answered yet."""
    return Consent.objects.select_related("relative").filter(
        person_id=actor.membership_id, relative__isnull=False, state=ConsentState.ASKED
    )


NEAR: Final = timedelta(days=7)
"""How long before its last day a voucher is told of."""


def vouchers_at_hand(actor: Actor, day: date, coming: QuerySet[Booking]) -> QuerySet[Voucher]:
    """The open vouchers of the appointments that come, and those whose last day is near: told once, without a countdown."""
    near = Q(valid_until__gte=day, valid_until__lte=day + NEAR, valid_from__lt=day)
    mine = Voucher.objects.filter(person_id=actor.membership_id, state__in=LIVE)
    return mine.filter(near | Q(referral__in=coming.values("referral"))).order_by("valid_until", "id")


def sorted_out(rows: Iterable[Voucher], day: date, booking: Booking | None) -> tuple[Voucher | None, list[Voucher]]:
    """Of ``vouchers_at_hand``: the one of ``booking``, and those whose last day is near."""
    rows = list(rows)
    of_booking = next((row for row in rows if booking is not None and row.referral_id == booking.referral_id), None)
    return of_booking, [row for row in rows if row.valid_from < day <= row.valid_until <= day + NEAR]


def wallet(actor: Actor, day: date, *, show: str = "") -> QuerySet[Voucher]:
    """The actor's vouchers: what can still be used first, by last day; then the others, newest first.

    ``show`` narrows to ``live`` or ``past``.
    """
    usable = Q(state__in=LIVE, valid_until__gte=day)
    rows = Voucher.objects.prefetch_related("service", "partner", "booking", "referral")
    rows = rows.filter(person_id=actor.membership_id)
    if show == "live":
        rows = rows.filter(usable)
    elif show == "past":
        rows = rows.exclude(usable)
    rank = Case(When(usable, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.annotate(rank=rank).order_by("rank", Case(When(usable, then="valid_until")), "-id")


def scans_of(voucher: Voucher) -> list[tuple[ScanLog, Desk]]:
    """Looks at the voucher at a counter, newest first, each with the desk at which it was made."""
    scans = list(ScanLog.objects.select_related("partner").filter(voucher=voucher)[:50])
    return list(zip(scans, desks_at([(scan.partner_id, scan.user_id, scan.at) for scan in scans]), strict=True))


def redemptions_of(voucher: Voucher) -> list[Redemption]:
    """What was spent of the voucher, newest first."""
    return list(Redemption.objects.filter(voucher=voucher)[:60])


@dataclass(frozen=True, slots=True)
class Parts:
    """What hangs on a request. ``offers``: how the agencies answered, oldest first, each with the times it proposed; ``bookings``
    in order of time; the latest ``voucher``; ``instead``: the newest request that was made in its place; ``proxy``: who asked
    for the person; ``moves``: how its appointments came to stand at another time, oldest first.
    """

    offers: list[Offer]
    bookings: list[Booking]
    voucher: Voucher | None
    windows: list[ReferralWindow]
    instead: Referral | None
    proxy: Proxy | None
    moves: list[Reschedule]


def parts_of(referral: Referral) -> Parts:
    """All of it in one message; the times that were proposed in a second one."""
    offers = Offer.objects.filter(referral=referral).select_related("partner").prefetch_related("proposals")
    offers = offers.order_by("created_at", "id")
    bookings, vouchers = bookings_of(referral), _vouchers_of(referral)[:1]
    windows = ReferralWindow.objects.filter(referral=referral).order_by("starts_at", "id")
    instead = Referral.objects.filter(instead_of=referral).order_by("-id")[:1]
    proxies = Proxy.objects.select_related("officer").filter(referral=referral)
    moves = Reschedule.objects.filter(booking__referral=referral, state=RescheduleState.ACCEPTED).order_by(
        "answered_at", "id"
    )
    together(offers, bookings, vouchers, windows, instead, proxies, moves)
    return Parts(
        offers=list(offers),
        bookings=list(bookings),
        voucher=next(iter(vouchers), None),
        windows=list(windows),
        instead=next(iter(instead), None),
        proxy=next(iter(proxies), None),
        moves=list(moves),
    )


def bookings_of(referral: Referral) -> QuerySet[Booking]:
    """The appointments of the request, with their partner, in order of time."""
    return Booking.objects.select_related("partner").filter(referral=referral).order_by("starts_at", "id")


def voucher_of(referral: Referral) -> Voucher | None:
    """The latest voucher of the request, with its service."""
    return _vouchers_of(referral).first()


def _vouchers_of(referral: Referral) -> QuerySet[Voucher]:
    return Voucher.objects.select_related("service").filter(referral=referral).order_by("-id")


def next_of(bookings: Sequence[Booking]) -> Booking | None:
    """The one that is on or comes next; else the one that was made last."""
    moment = now()
    ahead = [row for row in bookings if row.state in STANDING and row.ends_at > moment]
    return ahead[0] if ahead else max(bookings, key=lambda row: (row.created_at, row.pk), default=None)


def who_looked(referral: Referral, owner_user_id: UUID | None) -> list[Looked]:
    """Which roles opened the request or a page of the list on which it stood, newest first (谁看过), 50 of each.

    The owner's own visits are not counted.
    """
    object_type, object_id = object_of(referral)
    of_request = AuditEntry.objects.filter(object_type=object_type, object_id=object_id)
    opened = of_request.filter(action__endswith=".read")
    listed = AuditEntry.objects.filter(
        object_type=LIST_OF_NAMES,
        object_id=KINDS[referral.kind].decider,
        seq__gt=Subquery(of_request.order_by("seq").values("seq")[:1]),  # no list is older than the request
        facts__requests__contains=[str(referral.pk)],
    )
    looks = [
        rows.exclude(actor_id=owner_user_id).order_by("-seq").values_list("seq", "actor_id", "at")[:_MOST_LOOKS]
        for rows in (opened, listed)
    ]
    together(*looks)
    reads = [
        (seq, actor, at, in_list) for rows, in_list in zip(looks, (False, True), strict=True) for seq, actor, at in rows
    ]
    if not reads:
        return []
    held = Membership.objects.filter(user_id__in={actor for _seq, actor, _at, _in in reads}).values_list(
        "user_id", "roles"
    )
    roles = {user: tuple(names) for user, names in held}
    return [Looked(roles.get(actor, ()), at, in_list) for _seq, actor, at, in_list in sorted(reads, reverse=True)]
