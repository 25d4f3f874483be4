"""The only writer of reviews: what went well, where was waited, what is changed, by whom, until when (chain §3)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.roles import Role
from audit import record
from kernel.errors import Conflict, Forbidden, Invalid
from kernel.fold import fold_lines, fold_prose
from referrals.emergency.models import CaseReview, Incident, ReviewChange, Timeline, WatchTask
from referrals.emergency.rules.follow_ups import morning_of
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.rules.waits import Wait, waits
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import lock, note
from referrals.emergency.workflow.standing import is_left_out, must_know

MOST_REVIEW_WORDS: Final = 1000
MOST_CHANGE: Final = 200
MOST_CHANGES: Final = 3
"""New ones of one version."""
DOERS: Final = frozenset({Role.CENTRE, Role.DUTY, Role.PRINCIPAL})
"""Who reads the list of reviews, and so who can do what one changes."""
REVIEWS: Final = "/centre/emergency/reviews/"


class Change(NamedTuple):
    """What is changed, by whom, until which day of the school."""

    what: str
    who: UUID
    until: date


def newest_review(incident: Incident) -> CaseReview | None:
    """The version that counts; None while nothing is written."""
    found: CaseReview | None = CaseReview.objects.filter(incident=incident).order_by("-version").first()
    return found


def waits_of(incident: Incident) -> list[Wait]:
    """How long each leg that was called waited."""
    rows = Timeline.objects.filter(incident=incident, leg__isnull=False, code__startswith="leg.").order_by("at", "pk")
    return waits(rows.values_list("leg__kind", "code", "at"))


def waits_of_all(incidents: Collection[Incident]) -> Mapping[UUID, list[Wait]]:
    """The same of several, asked at once."""
    rows = Timeline.objects.filter(incident__in=incidents, leg__isnull=False, code__startswith="leg.").order_by(
        "at", "pk"
    )
    told: dict[UUID, list[tuple[str, str, datetime]]] = defaultdict(list)
    for pk, kind, code, at in rows.values_list("incident_id", "leg__kind", "code", "at"):
        told[pk].append((kind, code, at))
    return {one.pk: waits(told[one.pk]) for one in incidents}


def may_review(incident: Incident) -> bool:
    """Whether there is a case to look back on: a real one that has ended, and was not joined to another."""
    return incident.closed_at is not None and not incident.is_drill and incident.state != "merged"


def may_do(incident: Incident, member_id: UUID, day: date) -> bool:
    """Whether a colleague can be asked to change something after ``incident``: of the offices that read reviews, and may know."""
    member = Membership.objects.current(day).accepted().filter(pk=member_id).first()
    return member is not None and bool(DOERS & set(member.roles)) and not is_left_out(incident, member_id)


@transaction.atomic
def write_review(
    *,
    actor: Actor,
    incident_id: UUID | str,
    words: Mapping[str, str],
    changes: Sequence[Change] = (),
    after: int = 0,
) -> CaseReview:
    """Keep the review as its next version; the task of it is done by that. ``after``: the version that was seen, 0 for none.

    Needs ``incident.follow``; NotFound. Conflict ``no_review_now`` while the incident goes on, for a drill and a joined one;
    ``review_moved_on``. Invalid ``words_missing``, ``words_too_long``, ``change_who``, ``change_day`` for a day that is past.
    """
    require(actor, "incident.follow")
    said = {part: fold_lines(words.get(part, "")) for part in CaseReview.PARTS}
    for part, text in said.items():
        if not text or len(text) > MOST_REVIEW_WORDS:
            raise _invalid(part, "words_too_long" if text else "words_missing")
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    key = incident.key
    if key is None or not may_review(incident):
        raise Conflict("no_review_now")
    before = newest_review(incident)
    if (before.version if before else 0) != after:
        raise Conflict("review_moved_on")
    school = open_school()
    day = school.day_of(locked.moment)
    assert actor.membership_id is not None  # whoever must know of it has a place here
    for number, change in enumerate(changes, start=1):
        _check(incident, change, number, day)
    review = CaseReview(incident=incident, version=after + 1, by_id=actor.membership_id)
    review.seal(key, said)
    review.save(force_insert=True)
    for change in changes:
        row = ReviewChange(
            incident=incident, who_id=change.who, until=change.until, next_at=morning_of(change.until, school.time_zone)
        )
        row.seal(key, fold_prose(change.what).strip())
        row.save(force_insert=True)
    WatchTask.objects.filter(incident=incident, kind=TaskKind.REVIEW.value, done_at=None).update(
        done_at=locked.moment, done_by_id=actor.membership_id, next_at=None, asked_by=None
    )
    note(incident, "review.written", by=actor)
    record(actor=actor, action="incident.review", obj=incident)
    return review


@transaction.atomic
def finish_change(*, actor: Actor, change_id: UUID | str) -> ReviewChange:
    """It is changed. By whoever does it, or by the centre; Forbidden ``incident.follow`` for others, NotFound. Twice is once."""
    require(actor, "incident.reviews")
    incident_id = ReviewChange.objects.filter(pk=change_id).values_list("incident_id", flat=True).first()
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    row = ReviewChange.objects.select_for_update(no_key=True).get(pk=change_id)
    if row.who_id != actor.membership_id and not actor.may("incident.follow"):
        raise Forbidden(permission="incident.follow")
    if row.done_at is None:
        row.done_at, row.done_by_id, row.next_at = locked.moment, actor.membership_id, None
        row.save(update_fields=["done_at", "done_by", "next_at"])
        note(locked.incident, "review.changed", by=actor)
        record(actor=actor, action="incident.review_changed", obj=locked.incident)
    return row


def _check(incident: Incident, change: Change, number: int, day: date) -> None:
    text = fold_prose(change.what).strip()
    if not text or len(text) > MOST_CHANGE:
        raise _invalid(f"what_{number}", "words_too_long" if text else "words_missing")
    if not may_do(incident, change.who, day):
        raise _invalid(f"who_{number}", "change_who")
    if change.until < day:
        raise _invalid(f"until_{number}", "change_day")


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))
