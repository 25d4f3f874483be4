"""An agency is suspended: each request under way there is listed and decided, none is lost by silence (books §4).

The deciding office has three working days, and no longer than two hours before the next appointment: keep it, let the person
move to another agency, or cancel. What nobody decided by then moves on; nothing of it costs the person anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.actor import Actor, require
from accounts.same_person import same_member
from audit import record
from kernel.clock import now
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from partners.states import InstitutionState
from referrals.access import access_referral, as_uuid
from referrals.kinds import KINDS
from referrals.models import Booking, PausedRequest, Referral
from referrals.states import STANDING, PausedEvent, PausedState, step
from referrals.workflow.notices import tell_deciders, tell_person
from referrals.workflow.terminated import UNDER_WAY, leave
from tenancy.models import Tenant
from workdays.clock import add_workdays
from workdays.selectors import calendar

TO_DECIDE: Final = 3
"""Working days of the school (books §4)."""
BEFORE: Final = timedelta(hours=2)
REASON: Final = "agency_paused"
CHOICES: Final = ("keep", "move", "cancel")


def paused_now() -> QuerySet[Referral]:
    """Requests under way at an agency that is suspended."""
    return Referral.objects.filter(state__in=UNDER_WAY, partner__state=InstitutionState.SUSPENDED)


def untold() -> QuerySet[Referral]:
    """Those of whose suspension nobody was told yet."""
    told = PausedRequest.objects.filter(referral=OuterRef("pk"), since=OuterRef("partner__suspended_at"))
    return paused_now().exclude(Exists(told)).order_by("pk")


def undecided() -> QuerySet[PausedRequest]:
    """Those whose time to be decided is over, at agencies that are still suspended since then."""
    open_still = PausedRequest.objects.filter(state=PausedState.OPEN, due_at__lte=now())
    return open_still.filter(
        referral__partner__state=InstitutionState.SUSPENDED, since=F("referral__partner__suspended_at")
    ).order_by("due_at", "pk")


def due_of(tenant: Tenant, since: datetime, starts: Iterable[datetime]) -> datetime:
    """Until when the office decides: ``TO_DECIDE`` workdays, and no later than ``BEFORE`` the first of ``starts`` after it."""
    by = add_workdays(since, TO_DECIDE, calendar(), tenant.time_zone)
    return max(since, min([by, *(start - BEFORE for start in starts if start > since)]))


def pause_of(tenant: Tenant, referral: Referral) -> PausedRequest | None:
    """How the request stands towards the suspension of its agency, as the dates have it; not saved where nobody was told yet.

    None when the agency is not suspended or nothing is under way.
    """
    partner = referral.partner
    if partner.state != InstitutionState.SUSPENDED or partner.suspended_at is None or referral.state not in UNDER_WAY:
        return None
    found = PausedRequest.objects.filter(referral=referral, since=partner.suspended_at).first()
    if found is not None:
        return found
    starts = Booking.objects.filter(referral=referral, state__in=STANDING).values_list("starts_at", flat=True)
    since = partner.suspended_at
    return PausedRequest(referral=referral, since=since, due_at=due_of(tenant, since, starts))


@dataclass(frozen=True, slots=True)
class Standing:
    """How one paused request stands: its next appointment, until when it is to be decided, and what was decided."""

    next_at: datetime | None
    due_at: datetime
    state: str


def standing_of(tenant: Tenant, rows: Sequence[Referral]) -> dict[UUID, Standing]:
    """The same as ``pause_of`` says, of many in two queries; ``rows`` are of ``paused_now``, with their ``partner``."""
    moment, ids = now(), [row.pk for row in rows]
    pauses = {(row.referral_id, row.since): row for row in PausedRequest.objects.filter(referral__in=ids)}
    starts: dict[UUID, list[datetime]] = {}
    for booking in Booking.objects.filter(referral__in=ids, state__in=STANDING).order_by("starts_at"):
        starts.setdefault(booking.referral_id, []).append(booking.starts_at)
    found = {}
    for row in rows:
        ahead, since = starts.get(row.pk, []), row.partner.suspended_at
        assert since is not None
        pause = pauses.get((row.pk, since))
        found[row.pk] = Standing(
            next_at=next((start for start in ahead if start > moment), None),
            due_at=pause.due_at if pause else due_of(tenant, since, ahead),
            state=pause.state if pause else PausedState.OPEN.value,
        )
    return found


@transaction.atomic
def tell_paused(*, actor: Actor, tenant: Tenant, referral_id: UUID) -> bool:
    """The person reads that it is being decided, the office that it is to decide. False when both were told."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    pause = pause_of(tenant, referral)
    if pause is None or not pause._state.adding:
        return False
    pause.save(force_insert=True)
    record(actor=actor, action="referral.paused", obj=referral, facts={"partner": referral.partner_id})
    tell_person(referral, "agency_paused", suffix=f"/{pause.pk}")
    office = KINDS[referral.kind].decider
    tell_deciders(referral, office, suffix=f"/paused/{pause.pk}", page=f"suspended/{referral.pk}/")
    return True


@transaction.atomic
def decide_paused(*, actor: Actor, tenant: Tenant, referral_id: UUID | str, choice: str) -> PausedRequest:
    """The office of the kind says ``keep``, ``move`` or ``cancel``; the person and, of what ends, the agency are told.

    Raises NotFound for a request that is not paused, Forbidden ``same_person`` for one's own, Invalid for another choice,
    IllegalMove when it is decided, Refused ``too_late`` when its time is over, swept or not, ``cancel_started`` while an
    appointment of today is under way.
    """
    seen = access_referral(actor, as_uuid(referral_id))
    require(actor, f"referral.decide.{KINDS[seen.kind].decider}")
    if same_member(seen.person_id, actor.membership_id):
        raise Forbidden("same_person")
    if choice not in CHOICES:
        raise Invalid("out_of_range", fields=(("choice", "out_of_range", ", ".join(CHOICES)),))
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    pause = pause_of(tenant, referral)
    if pause is None:
        raise NotFound
    step(pause.state, PausedEvent(choice))  # what is decided is decided, whatever the clock says
    moment = now()
    if pause.due_at <= moment:
        raise Refused("too_late")
    _decide(actor, tenant, referral, pause, PausedEvent(choice), moment)
    return pause


@transaction.atomic
def pass_paused(*, actor: Actor, tenant: Tenant, pause_id: UUID) -> bool:
    """Nobody decided in time: the person moves on. False when it was decided, or the agency is back."""
    seen = PausedRequest.objects.get(pk=pause_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    pause, moment = pause_of(tenant, referral), now()
    if pause is None or pause.pk != pause_id or pause.state != PausedState.OPEN or pause.due_at > moment:
        return False
    try:
        _decide(actor, tenant, referral, pause, PausedEvent.MOVE, moment)
    except Refused:  # one of today has begun: it is asked again when its day is over
        return False
    return True


def _decide(
    actor: Actor, tenant: Tenant, referral: Referral, pause: PausedRequest, event: PausedEvent, moment: datetime
) -> None:
    pause.state = step(pause.state, event)
    match event:
        case PausedEvent.KEEP:
            record(actor=actor, action="referral.pause_keep", obj=referral, facts={})
            tell_person(referral, "agency_paused_kept", suffix=f"/{pause.pk}")
        case PausedEvent.MOVE | PausedEvent.CANCEL:
            is_over = event == PausedEvent.CANCEL
            if not leave(actor, tenant, referral, REASON, "referral.pause_leave", to_others=not is_over):
                raise Refused("cancel_started")
            tell_person(referral, "agency_paused_off" if is_over else "agency_paused_move", suffix=f"/{pause.pk}")
        case _:
            assert_never(event)
    pause.decided_by_id, pause.decided_at = actor.user_id, moment
    pause.save()
