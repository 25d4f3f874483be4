"""An agency is paused: each request under way there is listed and decided, none is lost by silence (books §4, ADR 0050).

Paused is an agency that the operator has suspended, one whose agreement with this school is suspended or over, and one without a
valid paper for that kind of service; ``pauses_on`` answers that for counter, lists and writers alike.
The deciding office has three working days, and no longer than two hours before the next appointment: keep it, let the person
move to another agency, or cancel. What nobody decided by then moves on; nothing of it costs the person anything.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor, require
from accounts.same_person import same_member
from audit import record
from kernel.clock import now
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from partners.kinds import ServiceKind
from partners.pauses import Pause, PauseCause
from referrals.access import access_referral, as_uuid
from referrals.kinds import KINDS
from referrals.models import Booking, PausedRequest, Referral
from referrals.pauses import is_untold, pauses_by_request, pauses_of, still_stands
from referrals.states import STANDING, UNDER_WAY, PausedEvent, PausedState, step
from referrals.workflow.notices import tell_deciders, tell_person
from referrals.workflow.terminated import leave
from tenancy.models import Tenant
from workdays.clock import add_workdays
from workdays.selectors import calendar

BEFORE: Final = timedelta(hours=2)
REASON: Final = "agency_paused"
CHOICES: Final = ("keep", "move", "cancel")


def paused_now() -> QuerySet[Referral]:
    """Requests under way at an agency that is paused for them; asked once, so that a list pages over keys alone."""
    paused = pauses_by_request(now())
    keys = [key for key, pauses in paused.items() if all(pause.cause != PauseCause.ENDED for pause in pauses)]
    return Referral.objects.filter(pk__in=keys, state__in=UNDER_WAY)


def untold() -> QuerySet[Referral]:
    """Those of whose pause, or of one reason for it, nobody was told yet."""
    return Referral.objects.filter(is_untold(now()), state__in=UNDER_WAY).order_by("pk")


def undecided() -> QuerySet[PausedRequest]:
    """Those whose time to be decided is over, and whose reason still stands."""
    open_still = PausedRequest.objects.filter(state=PausedState.OPEN, due_at__lte=now())
    return open_still.filter(still_stands(now())).order_by("due_at", "pk")


def due_of(tenant: Tenant, since: datetime, starts: Iterable[datetime]) -> datetime:
    """Until when the office decides: the school's ``pause_days``, and no later than ``BEFORE`` the first of ``starts`` after it."""
    by = add_workdays(since, tenant.settings.pause_days, calendar(), tenant.time_zone)
    return max(since, min([by, *(start - BEFORE for start in starts if start > since)]))


def pause_of(tenant: Tenant, referral: Referral) -> PausedRequest | None:
    """How the request stands towards the pause of its agency, as the dates have it; not saved where nobody was told yet.

    Of several reasons the one that is to be decided first, else the latest. None when the agency is not paused for it, or no
    more at all, or nothing is under way.
    """
    return _leading(_rows_of(tenant, referral))


def _leading(rows: Sequence[PausedRequest]) -> PausedRequest | None:
    waiting = sorted((row for row in rows if row.state == PausedState.OPEN), key=lambda row: row.due_at)
    return next(iter([*waiting, *reversed(rows)]), None)


def _rows_of(tenant: Tenant, referral: Referral) -> list[PausedRequest]:
    """A row for every reason that stands now, in order of time."""
    if referral.state not in UNDER_WAY:
        return []
    pauses = pauses_of(referral.pk, now())
    if not pauses or any(pause.cause == PauseCause.ENDED for pause in pauses):
        return []
    told = {(row.cause, row.since): row for row in PausedRequest.objects.filter(referral=referral)}
    starts = Booking.objects.filter(referral=referral, state__in=STANDING).values_list("starts_at", flat=True)
    return _rows(tenant, referral, pauses, told, list(starts))


def _rows(
    tenant: Tenant,
    referral: Referral,
    pauses: Iterable[Pause],
    told: Mapping[tuple[str, datetime], PausedRequest],
    starts: Collection[datetime],
) -> list[PausedRequest]:
    return [
        told.get((cause, since))
        or PausedRequest(referral=referral, cause=cause, since=since, due_at=due_of(tenant, since, starts))
        for cause, since in pauses
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one paused request stands: its next appointment, until when it is to be decided, what was decided, and why."""

    next_at: datetime | None
    due_at: datetime
    state: str
    cause: str


def standing_of(tenant: Tenant, rows: Sequence[Referral]) -> dict[UUID, Standing]:
    """The same as ``pause_of`` says, of many in three queries; ``rows`` are of ``paused_now``."""
    moment, ids = now(), [row.pk for row in rows]
    pauses = pauses_by_request(moment)
    told: dict[UUID, dict[tuple[str, datetime], PausedRequest]] = defaultdict(dict)
    for each in PausedRequest.objects.filter(referral__in=ids):
        told[each.referral_id][each.cause, each.since] = each
    starts: dict[UUID, list[datetime]] = defaultdict(list)
    for booking in Booking.objects.filter(referral__in=ids, state__in=STANDING).order_by("starts_at"):
        starts[booking.referral_id].append(booking.starts_at)
    found = {}
    for row in rows:
        ahead = starts[row.pk]
        pause = _leading(_rows(tenant, row, pauses[row.pk], told[row.pk], ahead))
        if pause is None:  # it came back between the two questions
            continue
        found[row.pk] = Standing(
            next_at=next((start for start in ahead if start > moment), None),
            due_at=pause.due_at,
            state=pause.state,
            cause=pause.cause,
        )
    return found


@transaction.atomic
def tell_paused(*, actor: Actor, tenant: Tenant, referral_id: UUID) -> bool:
    """The person reads that it is being decided, the office that it is to decide. False when both were told."""
    referral = locked(referral_id)
    new = [row for row in _rows_of(tenant, referral) if row._state.adding]
    if not new:
        return False
    for row in new:
        row.save(force_insert=True)
    pause = new[-1]
    causes = [row.cause for row in new]
    record(
        actor=actor, action="referral.paused", obj=referral, facts={"partner": referral.partner_id, "causes": causes}
    )
    tell_person(referral, "agency_paused", suffix=f"/{pause.pk}")
    office = KINDS[referral.kind].decider
    tell_deciders(referral, office, suffix=f"/paused/{pause.pk}", page=f"suspended/{referral.pk}/")
    return True


@transaction.atomic
def decide_paused(*, actor: Actor, tenant: Tenant, referral_id: UUID | str, choice: str) -> PausedRequest:
    """The office of the kind says ``keep``, ``move`` or ``cancel``; the person and, of what ends, the agency are told.

    Raises NotFound for a request that is not paused, Forbidden ``same_person`` for one's own, Invalid for another choice,
    IllegalMove when it is decided, Refused ``too_late`` when its time is over, swept or not, ``cancel_started`` while an
    appointment of today is under way, ``no_medical_paper`` for a treatment that would be kept without one.
    """
    seen = access_referral(actor, as_uuid(referral_id))
    require(actor, f"referral.decide.{KINDS[seen.kind].decider}")
    if same_member(seen.person_id, actor.membership_id):
        raise Forbidden("same_person")
    if choice not in CHOICES:
        raise Invalid("out_of_range", fields=(("choice", "out_of_range", ", ".join(CHOICES)),))
    referral = locked(seen.pk)
    rows = _rows_of(tenant, referral)
    pause = _leading(rows)
    if pause is None:
        raise NotFound
    step(pause.state, PausedEvent(choice))  # what is decided is decided, whatever the clock says
    moment = now()
    if pause.due_at <= moment:
        raise Refused("too_late")
    if choice == PausedEvent.KEEP and is_untreatable(referral, rows):
        raise Refused("no_medical_paper")
    _decide(actor, tenant, referral, rows, PausedEvent(choice), moment)
    return pause


def is_untreatable(referral: Referral, rows: Iterable[PausedRequest]) -> bool:
    """Whether a treatment has lost the paper without which nobody may treat (rules §3): no school can keep that."""
    return referral.kind == ServiceKind.PSYCHIATRY and any(row.cause == PauseCause.LICENCE for row in rows)


@transaction.atomic
def pass_paused(*, actor: Actor, tenant: Tenant, pause_id: UUID) -> bool:
    """Nobody decided in time: the person moves on. False when it was decided, or its reason stands no more."""
    seen = PausedRequest.objects.get(pk=pause_id)
    referral = locked(seen.referral_id)
    rows, moment = _rows_of(tenant, referral), now()
    pause = next((row for row in rows if row.pk == pause_id), None)
    if pause is None or pause.state != PausedState.OPEN or pause.due_at > moment:
        return False
    try:
        _decide(actor, tenant, referral, rows, PausedEvent.MOVE, moment)
    except Refused:  # one of today has begun: it is asked again when its day is over
        return False
    return True


def locked(referral_id: UUID) -> Referral:
    """The request under lock: two who decide, or a decision and a use, come one after the other."""
    referral: Referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    return referral


def _decide(
    actor: Actor,
    tenant: Tenant,
    referral: Referral,
    rows: Iterable[PausedRequest],
    event: PausedEvent,
    moment: datetime,
) -> None:
    """One word for every reason that waits for one; the first of them is the message's."""
    waiting = [row for row in rows if row.state == PausedState.OPEN]
    for row in waiting:
        row.state = step(row.state, event)
        row.decided_by_id, row.decided_at = actor.user_id, moment
    suffix = f"/{waiting[0].pk}"
    match event:
        case PausedEvent.KEEP:
            record(actor=actor, action="referral.pause_keep", obj=referral, facts={})
            tell_person(referral, "agency_paused_kept", suffix=suffix)
        case PausedEvent.MOVE | PausedEvent.CANCEL:
            is_over = event == PausedEvent.CANCEL
            if not leave(actor, tenant, referral, REASON, "referral.pause_leave", to_others=not is_over):
                raise Refused("cancel_started")
            tell_person(referral, "agency_paused_off" if is_over else "agency_paused_move", suffix=suffix)
        case _:
            assert_never(event)
    for row in waiting:
        row.save()
