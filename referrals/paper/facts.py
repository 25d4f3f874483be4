"""Collects what is printed on a voucher's paper; the screen shows the same facts."""

from typing import Any

from django.utils.translation import gettext as _

from kernel.clock import local_day, now
from kernel.money import yuan
from referrals import texts
from referrals.models import Voucher
from referrals.paper.qr import check_address
from referrals.paper.voucher import Paper
from referrals.rules import shown_state
from referrals.states import BookingState
from referrals.workflow.fees import units_at
from tenancy.models import Tenant
from ui.names import named
from ui.states import sign_of
from ui.templatetags.ui import school_day, school_time


def paper_of(voucher: Voucher, tenant: Tenant, *, scheme: str) -> Paper:
    """The voucher as it is printed. ``scheme`` is ``http`` or ``https``, for the address in the QR code."""
    day = local_day(now(), tenant.time_zone)
    return Paper(
        school=named(tenant),
        duty_phone=tenant.duty_phone,
        duty_hours=tenant.duty_hours,
        title=str(texts.KIND_TEXTS[voucher.service.kind].voucher),
        number=voucher.number,
        state_text=str(sign_of(shown_state(voucher, day), "voucher").text),
        address=check_address(voucher.token, scheme=scheme),
        code=voucher.code,
        subsidy_fen=voucher.subsidy_fen,
        self_fen=voucher.self_fen,
        facts=facts_of(voucher),
        is_course=voucher.units > 1,
    )


def due_next(voucher: Voucher) -> int | None:
    """What the person pays at the next appointment of a course, fen; None while none stands."""
    booking = voucher.booking
    if booking is None or booking.state != BookingState.CONFIRMED or not voucher.units_left:
        return None
    units = units_at(voucher.referral, voucher, booking)
    return sum(unit.self_fen for unit in units) if units else None


def facts_of(voucher: Voucher) -> list[tuple[str, Any]]:
    """What a counter and a person both ask for, as ``(label, value)``."""
    last = _("%(day)s, 24:00") % {"day": school_day(voucher.valid_until)}
    facts: list[tuple[str, Any]] = [(_("Valid until"), last)]
    if voucher.units > 1:
        values = {"left": texts.unit_text(voucher.service.unit, voucher.units_left), "all": voucher.units}
        facts.append((_("Still to use"), _("%(left)s of %(all)d") % values))
        if (due := due_next(voucher)) is not None:
            facts.append((_("Pay this time"), yuan(due)))
    if voucher.booking:
        facts.append((_("Appointment"), school_time(voucher.booking.starts_at)))
    where = " · ".join(part for part in (named(voucher.partner), voucher.partner.address) if part)
    facts.append((_("Where"), where))
    facts.append((_("Voucher number"), voucher.number))
    return facts
