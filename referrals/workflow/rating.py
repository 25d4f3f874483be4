"""Marks of an agency by who was there: counted, never kept with a name or a day, told in lots of enough people (rules §5)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.same_person import places_of_person
from audit import record
from kernel.clock import now, school_year
from kernel.errors import Invalid, Refused
from referrals.access import access_own_referral
from referrals.after import GOES_ON_FOR, Mark, Question, added
from referrals.models import AgencyRating, Booking, Rater, RatingBox, Referral
from referrals.states import ReferralState
from referrals.workflow.reviewing import lock_person
from referrals.workflow.solving import was_used
from tenancy.models import Tenant

_OVER = (ReferralState.COMPLETED, ReferralState.CLOSED)


def is_recent(referral: Referral) -> bool:
    """Whether its last appointment was not longer ago than ``GOES_ON_FOR``."""
    return Booking.objects.filter(referral=referral, ends_at__gt=now() - GOES_ON_FOR).exists()


def may_rate(referral: Referral, tenant: Tenant) -> bool:
    """Whether the person may say how the agency was: over, used and not long ago, and once a school year for each agency."""
    if referral.state not in _OVER or not is_recent(referral) or not was_used(referral):
        return False
    return not has_rated(referral, tenant)


def has_rated(referral: Referral, tenant: Tenant) -> bool:
    """Whether the person has rated its agency in this school year, under another account too."""
    return bool(_rated(referral, tenant.today()).exists())


def _rated(referral: Referral, day: date) -> Any:
    places = places_of_person(referral.person_id)
    return Rater.objects.filter(person__in=places, partner_id=referral.partner_id, year=school_year(day))


@transaction.atomic
def rate_agency(*, actor: Actor, tenant: Tenant, referral_id: UUID | str, marks: Mapping[str, str]) -> None:
    """Every question with a mark of its list. Sent again it counts once, and tells nothing of the first.

    The marks wait in a box; with the marks of as many people as the school's smallest total needs it is emptied as a whole
    into what the agency reads. Raises NotFound for anybody else's request, Invalid for missing or unknown marks, Refused
    ``not_rated`` unless its last session was had in the last ninety days.
    """
    require(actor, "referral.own")
    referral = access_own_referral(actor, referral_id)
    if set(marks) != set(Question) or not set(marks.values()) <= set(Mark):
        raise Invalid("out_of_range", fields=(("marks", "unknown_answer", ""),))
    lock_person(referral.person_id)
    day = tenant.today()
    if _rated(referral, day).exists():
        return
    if not may_rate(referral, tenant):
        raise Refused("not_rated")
    partner, year = referral.partner_id, school_year(day)
    Rater.objects.create(person_id=referral.person_id, partner_id=partner, year=year)
    RatingBox.objects.get_or_create(partner_id=partner, year=year)
    box = RatingBox.objects.select_for_update(no_key=True).get(partner_id=partner, year=year)
    box.people += 1
    box.marks = added(box.marks, {question: {mark: 1} for question, mark in marks.items()})
    if box.people >= tenant.settings.fewest_people:
        _empty(box)
    box.save(update_fields=["people", "marks"])
    record(actor=actor, action="referral.rate", obj=referral, facts={})


def _empty(box: RatingBox) -> None:
    shown, _made = AgencyRating.objects.get_or_create(partner_id=box.partner_id, year=box.year)
    shown.people += box.people
    shown.marks = added(shown.marks, box.marks)
    shown.save(update_fields=["people", "marks"])
    box.people, box.marks = 0, {}
