"""All that the counter's rule asks of a voucher, in one message: under lock before it is spent, without one for a look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.clock import now
from notifications.models import Preference
from notifications.texts import topic_of
from partners.members import counter_of
from partners.models import Agreement, Institution, InstitutionMember, Service
from partners.states import AgreementState, InstitutionState
from referrals.models import Booking, Redemption, Referral, Voucher
from referrals.rules import VoucherFacts, is_by_appointment, units_a_visit
from referrals.states import BookingState, RedemptionState, VoucherState
from tenancy.messages import Part, Row, global_rows_of, read, rows_of, send
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

_OF_VOUCHER = f'(SELECT "%s" FROM "{Voucher._meta.db_table}" WHERE tenant_id = %%s AND id = %%s)'  # noqa: S608
_REFERRAL, _BOOKING, _SERVICE, _PERSON, _PARTNER = (
    _OF_VOUCHER % column for column in ("referral_id", "booking_id", "service_id", "person_id", "partner_id")
)
_STANDING = (
    f'SELECT unit_index, redeemed_at, redeemed_by_id, partner_id FROM "{Redemption._meta.db_table}"'  # noqa: S608
    " WHERE tenant_id = %s AND voucher_id = %s AND state <> %s ORDER BY redeemed_at DESC"
)
_COUNTERS = (
    f'SELECT m.since, m.counter FROM "{InstitutionMember._meta.db_table}" m JOIN ({_STANDING} LIMIT 1) last'  # noqa: S608
    " ON m.user_id = last.redeemed_by_id AND m.institution_id = last.partner_id ORDER BY m.since, m.id"
)
_SUSPENDED = (
    f'SELECT NOT EXISTS (SELECT 1 FROM "{Institution._meta.db_table}" WHERE id = {_PARTNER} AND state = %s)'  # noqa: S608
    f' OR EXISTS (SELECT 1 FROM "{Agreement._meta.db_table}" WHERE tenant_id = %s AND partner_id = {_PARTNER}'
    " AND state = %s)"
)
_TOLD = (
    f'SELECT m.user_id, p.channels FROM "accounts_membership" m LEFT JOIN "{Preference._meta.db_table}" p'  # noqa: S608
    " ON p.tenant_id = m.tenant_id AND p.membership_id = m.id AND p.kind = %s"
    f" WHERE m.tenant_id = %s AND m.id = {_PERSON}"
)


@dataclass(frozen=True, slots=True)
class Looked:
    """A voucher with what stands around it, as it was when the locks were held. ``facts`` goes to ``rules.may_redeem``.

    ``moment``: UTC, after whatever the locks waited for: a look that waits over midnight belongs to the new day.
    ``used``: places of the units that a standing redemption uses. ``person_user_id``, ``channels``: whom to tell, and what
    they chose beside 消息.
    """

    moment: datetime
    tenant: Tenant
    referral: Referral
    voucher: Voucher
    service: Service
    booking: Booking | None
    facts: VoucherFacts
    used: frozenset[int]
    person_user_id: UUID | None
    channels: list[str]


def look(voucher_id: UUID, *, lock: bool, template: str = "voucher_redeemed") -> Looked:
    """The voucher of the open school and its facts; with ``lock`` inside the caller's transaction.

    Locks referral, then voucher (docs/architecture.md, order of locks); what is read after them is as the locks found it.
    ``template``: the message that the person may be sent.
    """
    school = current_tenant_id()
    of = (school, voucher_id)
    standing = (school, voucher_id, RedemptionState.REVERSED)
    answers = send(
        rows_of(Referral, f"id = {_REFERRAL}", *of, lock=lock),
        rows_of(Voucher, "id = %s", voucher_id, lock=lock),
        rows_of(Booking, f"id = {_BOOKING}", *of),
        global_rows_of(Service, f"id = {_SERVICE}", *of),
        global_rows_of(Tenant, "id = %s", school),
        Part(_STANDING, standing),
        Part(_COUNTERS, standing),
        Part(_SUSPENDED, (*of, InstitutionState.LISTED, school, *of, AgreementState.SUSPENDED)),
        Part(_TOLD, (topic_of(template).value, school, *of)),
    )
    moment = now()
    (referral,), (voucher,) = read(Referral, answers[0]), read(Voucher, answers[1])
    (service,), (tenant,) = read(Service, answers[3]), read(Tenant, answers[4])
    booking = next(iter(read(Booking, answers[2])), None)
    voucher.service, voucher.booking, voucher.referral = service, booking, referral
    used = answers[5]
    ((person_user_id, channels),) = answers[8]
    return Looked(
        moment=moment,
        tenant=tenant,
        referral=referral,
        voucher=voucher,
        service=service,
        booking=booking,
        facts=_facts(voucher, booking, tenant, used, answers[6], moment, suspended=bool(answers[7][0][0])),
        used=frozenset(unit for unit, _at, _by, _partner in used),
        person_user_id=person_user_id,
        channels=list(channels or []),
    )


def _facts(
    voucher: Voucher,
    booking: Booking | None,
    tenant: Tenant,
    standing: list[Row],
    counters: list[Any],
    moment: datetime,
    *,
    suspended: bool,
) -> VoucherFacts:
    """``standing`` as ``_STANDING`` reads them, the latest first; ``counters`` those of who redeemed that one."""
    unit = voucher.service.unit
    by_appointment = is_by_appointment(voucher.service.kind, unit)
    visit_units = units_a_visit(unit, booking.ends_at - booking.starts_at) if booking else None
    if visit_units is not None and not by_appointment:
        today = tenant.day_of(moment)
        visit_units -= sum(1 for _unit, at, _by, _partner in standing if tenant.day_of(at) == today)
        visit_units = max(visit_units, 0)
    last_at = standing[0][1] if standing else None
    return VoucherFacts(
        state=VoucherState(voucher.state),
        partner_id=str(voucher.partner_id),
        service_id=str(voucher.service_id),
        units_left=voucher.units_left,
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until,
        suspended=suspended,
        last_redeemed_by=counter_of(counters, last_at) if last_at else "",
        last_redeemed_at=last_at,
        zone=tenant.time_zone,
        awaits_appointment=by_appointment and (booking is None or booking.state != BookingState.CONFIRMED),
        visit_units=visit_units,
    )
