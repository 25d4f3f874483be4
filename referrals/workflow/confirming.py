"""A time is agreed: appointment, voucher and money in one act, whoever said the last word (books §4, rules §2)."""

from collections.abc import Sequence
from datetime import datetime

from accounts.actor import Actor
from accounts.models import Membership
from audit import record
from kernel.identifiers import new_secret
from referrals.codes import new_code
from referrals.models import Booking, Offer, Referral, Voucher
from referrals.rules import days_of, is_by_appointment, with_waiting
from referrals.states import ReferralEvent, UnitState, VoucherState, step
from referrals.workflow.notices import tell_partner, tell_person, withdraw_offers
from referrals.workflow.numbering import save_numbered
from referrals.workflow.secrets import secret_hash
from referrals.workflow.several import PRICED_BY
from referrals.workflow.units import lock_accounts_of, rekey, reprice, units_of
from tenancy.models import Tenant


def book(
    actor: Actor,
    tenant: Tenant,
    referral: Referral,
    offer: Offer,
    booking: Booking,
    moment: datetime,
    *,
    won: Sequence[tuple[int, int, int]] | None = None,
) -> Booking:
    """The request is confirmed at the time of ``booking``, which stands with its slot; ``offer`` was accepted by the caller.

    ``won``: the splits of the agency that won, where others were reserved (``several.take_winner``). Referral, offer and slot are locked by the caller; takes the accounts. Refused ``new_year_not_funded``.
    """
    day = tenant.day_of(booking.starts_at)
    referral.state = step(referral.state, ReferralEvent.CONFIRM)
    lock_accounts_of(referral, days=[day])
    if won is not None:
        reprice(actor=actor, referral=referral, units=units_of(referral, UnitState.HELD), splits=won)
    rekey(actor=actor, referral=referral, units={units_of(referral, UnitState.HELD)[0]: day})
    offer.answered_at = moment
    offer.subsidy_fen, offer.self_fen = referral.subsidy_fen, referral.self_fen
    offer.save(update_fields=["state", "answered_at", "subsidy_fen", "self_fen"])
    referral.deadline = booking.ends_at
    referral.save(update_fields=[*PRICED_BY, "state", "deadline", "changed_at"])
    withdraw_offers(referral, moment)
    voucher = _issue(tenant, referral, booking, moment)
    record(
        actor=actor,
        action="booking.confirm",
        obj=booking,
        facts={"referral": referral.pk, "offer": offer.pk, "starts_at": booking.starts_at},
    )
    record(
        actor=actor,
        action="voucher.issue",
        obj=voucher,
        facts={"units": voucher.units, "fee_fen": voucher.fee_fen, "subsidy_fen": voucher.subsidy_fen},
    )
    tell_person(referral, "booking_confirmed")
    if actor.institution_id is None:
        tell_partner(
            offer.partner_id, "booking_confirmed", key=f"booking/{booking.pk}/confirmed", link="/partner/bookings/"
        )
    return booking


def card_of(person: Membership) -> str:
    """The minimum card of the service (rules §2): form of address and the last digits of the number that the school has."""
    tail = person.phone[-4:]
    return f"{person.address} · {tail}" if tail else person.address


def _issue(tenant: Tenant, referral: Referral, booking: Booking, moment: datetime) -> Voucher:
    days = days_of(referral.kind, tenant.day_of(booking.starts_at), tenant.settings.open_voucher_days)
    if referral.units > 1 and is_by_appointment(referral.kind, referral.service.unit):
        days = with_waiting(days, tenant.settings.open_voucher_days)
    code, token = new_code(), new_secret()
    voucher = Voucher(
        referral=referral,
        booking=booking,
        person_id=referral.person_id,
        partner_id=booking.partner_id,
        service_id=booking.service_id,
        code_hash=secret_hash(code),
        token_hash=secret_hash(token),
        state=VoucherState.ISSUED,
        units=referral.units,
        units_left=referral.units,
        unit_splits=referral.decision["units"],
        fee_fen=referral.fee_fen,
        subsidy_fen=referral.subsidy_fen,
        self_fen=referral.self_fen,
        valid_from=days.first,
        valid_until=days.last,
        issued_at=moment,
    )
    voucher.code, voucher.token = code, token
    save_numbered(voucher, f"{tenant.code}-{days.first.year}")
    return voucher
