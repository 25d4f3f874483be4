"""The next sessions of the same service, agency and counsellor, asked for in one tap (experience §1: nothing is typed twice)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from kernel.clock import now
from kernel.errors import Refused
from partners.models import Service
from referrals.access import access_own_referral
from referrals.after import GOES_ON_FOR, weeks_on
from referrals.models import Booking, Referral
from referrals.states import STANDING, BookingState, ReferralState
from referrals.workflow.counsellors import choices_of
from referrals.workflow.reviewing import Review, review_ahead
from referrals.workflow.solving import was_used
from referrals.workflow.submitting import submit_referral
from referrals.workflow.times import next_times
from tenancy.models import Tenant

WEEKS: Final = 3
"""So many weeks on end the weekday and clock time of the last appointment are asked for."""
_GOES_ON: Final = (ReferralState.IN_SERVICE, ReferralState.COMPLETED, ReferralState.CLOSED)
_LET_GO: Final = (ReferralState.CANCELLED, ReferralState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Next:
    """What one tap would ask for: as many units as last time, at ``times`` (UTC), with ``counsellor_id`` (None: anybody).

    ``review``: the office that looks first. ``answer_by``: when the agency is to answer, at the latest.
    """

    service: Service
    units: int
    times: list[tuple[datetime, datetime]]
    counsellor_id: UUID | None
    counsellor: str
    review: Review | None
    answer_by: datetime


def next_of(referral: Referral) -> Referral | None:
    """What was asked for as its next sessions and is not let go."""
    return Referral.objects.filter(follows=referral).exclude(state__in=_LET_GO).first()


def may_continue(referral: Referral) -> bool:
    """Whether more of the same may be asked for: a session was had, the last appointment is not long ago, none is asked yet."""
    return _last_of(referral) is not None


def _last_of(referral: Referral) -> Booking | None:
    """The last appointment that stands or was had, where what follows it may be asked for."""
    if referral.state not in _GOES_ON or next_of(referral) is not None or not was_used(referral):
        return None
    had = Booking.objects.filter(referral=referral, state__in=[*STANDING, BookingState.DONE])
    return had.filter(ends_at__gt=now() - GOES_ON_FOR).order_by("-starts_at").first()


def plan_next(*, actor: Actor, tenant: Tenant, referral: Referral) -> Next:
    """What would be asked for now. Refused ``not_continued`` where nothing of it may be, ``closed_then`` where the agency is
    open at none of the usual times. Writes nothing.
    """
    last = _last_of(referral)
    if last is None:
        raise Refused("not_continued")
    moment, service = now(), referral.service
    review = review_ahead(actor=actor, tenant=tenant, kind=referral.kind, units=referral.units, moment=moment)

    def as_last_time(after: datetime) -> Iterable[tuple[datetime, datetime]]:
        return weeks_on(last.starts_at, last.ends_at, after, tenant.time_zone, WEEKS)

    answer_by, times = next_times(tenant, service, review.until if review else moment, as_last_time)
    if not times:
        raise Refused("closed_then")
    counsellor_id, name = _counsellor(referral, last)
    return Next(service, referral.units, times, counsellor_id, name, review, answer_by)


def _counsellor(referral: Referral, last: Booking) -> tuple[UUID | None, str]:
    """Whom the person chose, else whom they saw last, where that can still be had."""
    for place in choices_of(referral):
        if place.resource_id == referral.counsellor_id or (not referral.counsellor_id and place.key == last.resource):
            return place.resource_id, place.name
    return None, ""


@transaction.atomic
def ask_next(
    *, actor: Actor, tenant: Tenant, referral_id: UUID | str, quote_token: str, review_seen: str | None
) -> Referral:
    """Sends it, at the price of ``quote_token`` and past the office of ``review_seen``. Tapped twice it is sent once.

    Child, wishes and consent are those of before; the person's own words do not go along. Raises what ``plan_next`` and
    ``submit_referral`` raise; NotFound for anybody else's request.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=seen.pk)
    made = next_of(referral)
    if made is not None:
        return made
    plan = plan_next(actor=actor, tenant=tenant, referral=referral)
    made = submit_referral(
        actor=actor,
        tenant=tenant,
        service_id=plan.service.pk,
        units=plan.units,
        windows=plan.times,
        consent=referral.consent,
        child_id=referral.child_id,
        wishes=referral.wishes,
        quote_token=quote_token,
        review_seen=review_seen,
    )
    made.follows, made.counsellor_id = referral, plan.counsellor_id
    made.save(update_fields=["follows", "counsellor", "changed_at"])
    return made
