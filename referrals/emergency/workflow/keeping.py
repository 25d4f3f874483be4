"""What is known of an incident ends when its time is over: addresses after 30 days, words and names later (chain §8)."""

import os
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import Actor, require
from audit import record
from kernel.clock import start_of_day
from referrals.emergency.models import (
    Card,
    Delivery,
    Drill,
    DutyChange,
    FollowUp,
    Incident,
    LeftOut,
    NeverContact,
    Recipient,
    Report,
    ReportLetter,
    ReviewChange,
    UnionGrant,
    WatchTask,
)
from referrals.emergency.models.contacts import SetBy
from referrals.emergency.rules.incident_moves import IncidentState
from referrals.emergency.rules.keeping import ADDRESSES_KEPT, ended_before, kept_until, months_kept
from referrals.emergency.rules.support import GrantState
from referrals.emergency.workflow.moving import lock
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

_WORDS: Final = ("signs_sealed", "place_sealed", "meeting_place_sealed")


def addresses_over(moment: datetime) -> QuerySet[Incident]:
    """Of the open school: ended so long ago that nobody answers any more and nobody opens it again."""
    ended = Incident.objects.filter(closed_at__lt=moment - ADDRESSES_KEPT, addresses_gone_at=None, erased_at=None)
    return ended.order_by("closed_at", "pk")


def keeping_over(school: Tenant, moment: datetime) -> QuerySet[Incident]:
    """Of the open school: past its last day at ``moment``, with nothing that somebody still owes or arranges."""
    today = school.day_of(moment)
    over = Q()
    for kind, state, is_drill in (
        (Q(is_drill=True), "", True),
        (Q(is_drill=False, state=IncidentState.FALSE_ALARM), IncidentState.FALSE_ALARM.value, False),
        (Q(is_drill=False) & ~Q(state=IncidentState.FALSE_ALARM), IncidentState.CLOSED.value, False),
    ):
        months = months_kept(state, is_drill=is_drill, years=school.settings.incident_years)
        over |= kind & Q(closed_at__lt=start_of_day(ended_before(today, months), school.time_zone))
    owed = WatchTask.objects.filter(incident=OuterRef("pk"), done_at=None)
    runs = DutyChange.objects.filter(incident=OuterRef("pk"), ended_at=None, until__gte=today)
    changes = ReviewChange.objects.filter(incident=OuterRef("pk"), done_at=None)
    grants = UnionGrant.objects.filter(incident=OuterRef("pk"), state=GrantState.ASKED)
    talks = FollowUp.objects.filter(incident=OuterRef("pk"), ended_at=None)
    rows = Incident.objects.filter(over, erased_at=None, addresses_gone_at__isnull=False)
    for open_one in (owed, runs, talks, changes, grants):
        rows = rows.exclude(Exists(open_one))
    return rows.order_by("closed_at", "pk")


def last_day(school: Tenant, incident: Incident) -> date | None:
    """The last day of the school on which an ended incident can be read; None while it goes on."""
    if incident.closed_at is None:
        return None
    months = months_kept(incident.state, is_drill=incident.is_drill, years=school.settings.incident_years)
    return kept_until(school.day_of(incident.closed_at), months)


@transaction.atomic
def end_addresses(*, actor: Actor, incident_id: UUID) -> bool:
    """Take away numbers, links and codes of those who were called, and what outside parties could read. False: not yet."""
    require(actor, "incident.keep")
    locked = lock(incident_id)
    incident = locked.incident
    if not addresses_over(locked.moment).filter(pk=incident.pk).exists():
        return False
    called = Recipient.objects.filter(leg__incident=incident)
    Card.objects.filter(recipient__in=called).delete()
    Delivery.objects.filter(leg__incident=incident).update(reference_hash=None, member_hash=None, provider_ref="")
    called.update(address_sealed=None, token_hash=None, code_hash=None, shown_number="")
    incident.addresses_gone_at = locked.moment
    incident.save(update_fields=["addresses_gone_at"])
    record(actor=actor, action="incident.addresses_gone", obj=incident)
    return True


@transaction.atomic
def erase(*, actor: Actor, incident_id: UUID) -> bool:
    """Destroy the key of its words and whatever leads to the person. The row, its legs and its counts stay. False: not yet."""
    require(actor, "incident.keep")
    locked = lock(incident_id)
    incident = locked.incident
    school = Tenant.objects.get(pk=current_tenant_id())
    if not keeping_over(school, locked.moment).filter(pk=incident.pk).exists():
        return False
    WatchTask.objects.filter(incident=incident).delete()
    DutyChange.objects.filter(incident=incident).delete()
    LeftOut.objects.filter(incident=incident).delete()
    ReportLetter.objects.filter(report__incident=incident).delete()
    Report.objects.filter(incident=incident).delete()
    UnionGrant.objects.filter(incident=incident).delete()
    for drill in Drill.objects.filter(incident=incident):
        for rows in (drill.players, drill.faults, drill.changes):
            rows.all().delete()
        drill.delete()
    called = list(Recipient.objects.filter(leg__incident=incident).only("pk"))
    for row in called:  # the hash of a number is the same in every incident of this person
        row.target_hash = os.urandom(32)
    Recipient.objects.bulk_update(called, ["target_hash"], batch_size=500)
    for column in _WORDS:
        setattr(incident, column, None)
    if not Incident.objects.filter(person_id=incident.person_id).exclude(pk=incident.pk).exists():
        # Nobody finds it on an incident any more, to lift it: from now on it is the person's own word.
        NeverContact.objects.filter(person_id=incident.person_id, set_by=SetBy.DUTY).update(set_by=SetBy.PERSON)
    incident.own_key, incident.person, incident.reported_by = None, None, None
    incident.erased_at = locked.moment
    incident.save(update_fields=[*_WORDS, "own_key", "person", "reported_by", "erased_at"])
    record(actor=actor, action="incident.erased", obj=incident)
    return True
