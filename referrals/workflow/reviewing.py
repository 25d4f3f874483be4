"""Whether a request will wait for an office: said before it is sent, by the same rule that sends it (rules §2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.actor import Actor
from accounts.models import Membership
from accounts.same_person import places_of_person
from kernel.clock import school_year
from referrals.kinds import KINDS
from referrals.models import Unit
from referrals.rules import review_reason
from referrals.states import ReviewReason, UnitState
from referrals.workflow.times import office_answers_by
from tenancy.models import Tenant
from tenancy.page_memory import OnceAPage


@dataclass(frozen=True, slots=True)
class Review:
    """``office`` (``centre`` or ``union``) looks first and answers by ``until`` (UTC) at the latest, because of ``reason``.

    ``had``: sessions of this kind that stand in the school year; ``free``: how many of them need nobody's word.
    """

    office: str
    until: datetime
    reason: ReviewReason = ReviewReason.ALWAYS
    had: int = 0
    free: int = 0


def review_ahead(
    *,
    actor: Actor,
    tenant: Tenant,
    kind: str,
    units: int,
    moment: datetime,
    day: date | None = None,
    places: Collection[UUID] | None = None,
) -> Review | None:
    """The review that a request sent at ``moment`` waits for; None when the rules approve it at once. Writes nothing.

    ``day``: that of the first session, in the school's zone; its school year is the one that is counted. None: today.
    ``places``: those of the actor's person (``accounts.same_person``), where the caller has locked them.
    """
    if KINDS[kind].after_talk:
        return None  # the office has heard the person already and has said so (``first_step``)
    rules = tenant.settings
    if places is None:
        places = places_of_person(actor.membership_id) if actor.membership_id else ()
    had = _sessions_that_stand(frozenset(places), kind, day or tenant.day_of(moment))
    reason = review_reason(
        kind,
        always_asks=rules.always_asks(kind),
        sessions_so_far=had,
        free_sessions=rules.self_referral_sessions,
        requested=units,
    )
    if reason is None:
        return None
    until = office_answers_by(tenant, moment)
    return Review(KINDS[kind].decider, until, reason=reason, had=had, free=rules.self_referral_sessions)


def lock_person(membership_id: UUID) -> frozenset[UUID]:
    """Let no second request of this person be counted before the first stands or falls; their places in the school.

    Two requests on either side of New Year share neither a number nor a pool, but they share the school year. Whoever has
    two places is locked under both, in the order of their keys. After a draft, before the request.
    """
    places = places_of_person(membership_id)
    list(Membership.objects.select_for_update(no_key=True).filter(pk__in=places).order_by("pk").values_list("pk"))
    return places


@OnceAPage
def _sessions_that_stand(places: frozenset[UUID], kind: str, day: date) -> int:
    """Sessions of the school year that a person had or still holds: what was released counts for nothing (rules §2)."""
    begins = date(school_year(day), 9, 1)
    return Unit.objects.filter(
        referral__person__in=places,
        referral__kind=kind,
        state__in=[UnitState.HELD, UnitState.SPENT],
        service_date__gte=begins,
        service_date__lt=begins.replace(year=begins.year + 1),
    ).count()
