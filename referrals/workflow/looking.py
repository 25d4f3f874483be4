"""All that the counter's rule asks of a voucher, in one message: under lock before it is spent, without one for a look."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db.models import Model

from kernel.clock import now
from notifications.texts import topic_of
from partners.members import counter_of
from partners.models import Service
from referrals.missed import holds_unit
from referrals.models import Booking, Referral, Unit, Voucher
from referrals.rules import VoucherFacts, days_of, is_by_appointment, is_over, last_day_of_leaver, units_a_visit
from referrals.states import BookingState, VoucherState
from tenancy.messages import Part, columns_of, from_json, read, send, width
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

_ROWS: Final[Mapping[str, type[Model]]] = {
    "referral": Referral,
    "voucher": Voucher,
    "service": Service,
    "tenant": Tenant,
}
"""What ``voucher_look`` (``referrals.models.statements``) answers first, row by row."""
_LOOK: Final = (
    f"SELECT {', '.join(columns_of(model, f'seen.{name}') for name, model in _ROWS.items())},"  # noqa: S608
    " bookings, held_units, moments, since, counters, suspended, person_user, channels, left_on FROM voucher_look(%s, %s, %s, %s, %s) AS seen"
)

SCANNABLE: Final = (BookingState.CONFIRMED.value,)
NOTABLE: Final = (*SCANNABLE, BookingState.UNRESOLVED.value)
"""States of an appointment in which its unit can be spent: at the counter, and by what the counter noted on its day (books §3)."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A voucher with what stands around it, as it was when the locks were held. ``facts`` goes to ``rules.may_redeem``.

    ``moment``: UTC, after whatever the locks waited for: a look that waits over midnight belongs to the new day. ``used``: when
    the voucher was shown at the counter: the same moment, or the earlier one of what was noted without network.
    ``booking``: the appointment of today, else the next one, else the latest; ``standing``: those that hold a unit, in order
    of time. ``held``: the units that are not served yet, that of ``booking`` first. ``person_user_id``, ``channels``: whom to tell, and what
    they chose beside 消息. ``has_left``: their last day at the school has passed.
    """

    moment: datetime
    used: datetime
    tenant: Tenant
    referral: Referral
    voucher: Voucher
    service: Service
    booking: Booking | None
    standing: tuple[Booking, ...]
    facts: VoucherFacts
    held: tuple[Unit, ...]
    person_user_id: UUID | None
    channels: list[str]
    has_left: bool


def look(voucher_id: UUID, *, lock: bool, template: str = "voucher_redeemed", noted: datetime | None = None) -> Looked:
    """The voucher of the open school and its facts; with ``lock`` inside the caller's transaction.

    Locks referral, then voucher (docs/architecture.md, order of locks); what is read after them is as the locks found it.
    ``template``: the message that the person may be sent. ``noted`` (UTC): when the counter noted it without network; the facts
    are then those of that moment, and an appointment that is asked about since its day was over is still one to be had.
    """
    asked_at = noted or now()
    [[answer]] = send(Part(_LOOK, (current_tenant_id(), voucher_id, lock, topic_of(template).value, asked_at)))
    moment = now()
    used = noted or moment
    rest = iter(answer)
    referral, voucher, service, tenant = (_taken(model, rest) for model in _ROWS.values())
    bookings, held_units, moments, since, counters, suspended, person_user_id, channels, left_on = rest
    if tenant.day_of(asked_at) != tenant.day_of(used):  # it waited over midnight: the new day's papers count
        return look(voucher_id, lock=lock, template=template)
    voucher.service, voucher.referral = service, referral
    seen = [from_json(Booking, row) for row in _rows(bookings)]
    standing = tuple(booking for booking in seen if holds_unit(booking))
    scannable = SCANNABLE if noted is None else NOTABLE
    booking, following = _of_the_day(voucher, tenant, seen, used, scannable)
    held = tuple(from_json(Unit, row) for row in _rows(held_units))
    if is_by_appointment(service.kind, service.unit):
        held = _in_turn(held, standing, booking)
    latest = None
    if moments:
        latest = (moments[0], counter_of(list(zip(since or [], counters or [], strict=True)), moments[0]))
    return Looked(
        moment=moment,
        used=used,
        tenant=tenant,
        referral=referral,
        voucher=voucher,
        service=service,
        booking=booking,
        standing=standing,
        facts=_facts(
            voucher,
            booking,
            following,
            tenant,
            moments or [],
            latest,
            used,
            scannable,
            suspended=suspended,
            left_on=left_on,
        ),
        held=held,
        person_user_id=person_user_id,
        channels=list(channels or []),
        has_left=left_on is not None and left_on < tenant.day_of(moment),
    )


def _in_turn(held: tuple[Unit, ...], standing: tuple[Booking, ...], booking: Booking | None) -> tuple[Unit, ...]:
    """The units with that of ``booking`` first: those of earlier appointments that nobody scanned wait for what becomes of them.

    The *k*-th unit pays the *k*-th appointment (``rules.units_of_bookings``).
    """
    place = standing.index(booking) if booking in standing else 0
    return held[place:] + held[:place] if place < len(held) else held


def _taken(model: type[Model], rest: Iterator[Any]) -> Any:
    """The next row as an object; None where there is none."""
    row = tuple(islice(rest, width(model)))
    return None if row[0] is None else read(model, [row])[0]


def _rows(said: Any) -> list[dict[str, Any]]:
    """Rows that the database gave as JSON, whether or not the driver has read it."""
    rows: list[dict[str, Any]] = json.loads(said) if isinstance(said, str) else said or []
    return rows


def _of_the_day(
    voucher: Voucher, tenant: Tenant, seen: list[Booking], moment: datetime, scannable: Collection[str]
) -> tuple[Booking | None, date | None]:
    """The appointment that a look on this day is about, and the first day of the next one to come, if any."""
    latest = next((booking for booking in seen if booking.pk == voucher.booking_id), None)
    if not is_by_appointment(voucher.service.kind, voucher.service.unit):
        return latest, None
    today, open_days = tenant.day_of(moment), tenant.settings.open_voucher_days
    coming = [
        (days, booking)
        for booking in seen
        if booking.state in scannable
        and not is_over(
            (days := days_of(voucher.service.kind, tenant.day_of(booking.starts_at), open_days)).last, today
        )
    ]
    ahead = next((days.first for days, _booking in coming if days.first > today), None)
    return (coming[0][1] if coming else latest), ahead


def _facts(
    voucher: Voucher,
    booking: Booking | None,
    following: date | None,
    tenant: Tenant,
    standing: list[datetime],
    latest: tuple[datetime, str] | None,
    moment: datetime,
    scannable: Collection[str],
    *,
    suspended: bool,
    left_on: date | None,
) -> VoucherFacts:
    """``standing``: when each unit that counts was redeemed; ``latest``: when the latest was, and at which counter."""
    unit = voucher.service.unit
    by_appointment = is_by_appointment(voucher.service.kind, unit)
    visit_units = units_a_visit(unit, booking.ends_at - booking.starts_at) if booking else None
    if visit_units is not None and not by_appointment:
        today = tenant.day_of(moment)
        visit_units = max(visit_units - sum(1 for at in standing if tenant.day_of(at) == today), 0)
    last_at, last_by = latest or (None, "")
    return VoucherFacts(
        state=VoucherState(voucher.state),
        partner_id=str(voucher.partner_id),
        service_id=str(voucher.service_id),
        units_left=voucher.units_left,
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until
        if left_on is None
        else min(voucher.valid_until, last_day_of_leaver(left_on, tenant.settings.leaver_days)),
        suspended=suspended,
        last_redeemed_by=last_by,
        last_redeemed_at=last_at,
        zone=tenant.time_zone,
        awaits_appointment=by_appointment
        and (
            booking is None
            or booking.state not in scannable
            or tenant.day_of(booking.starts_at) > tenant.day_of(moment)
            or is_over(
                days_of(voucher.service.kind, tenant.day_of(booking.starts_at), tenant.settings.open_voucher_days).last,
                tenant.day_of(moment),
            )
        ),
        next_day=following,
        visit_units=visit_units,
    )
