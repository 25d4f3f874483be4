"""What a colleague has reported, first or later, as they may read it: when it was sent, and whether somebody has it (chain §6).

Somebody who must not know of the incident reads of their own report what a first reporter reads at once: received, and
never more. That their report was joined, that one was open, and that they are left out, follows from nothing here.
"""

from uuid import UUID

from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, When

from referrals.emergency.models import Incident, Timeline
from referrals.emergency.workflow.standing import known_to

JOINED = "report.joined"


def told_by(member_id: UUID) -> Q:
    """Reported by a colleague, first or later."""
    later = Timeline.objects.filter(incident=OuterRef("pk"), code=JOINED, by_id=member_id)
    return Q(reported_by_id=member_id) | Q(Exists(later))


def sent_by(member_id: UUID) -> QuerySet[Incident]:
    """The incidents that they reported, once each, with ``sent_at`` (UTC, their own first report) and ``is_known``."""
    first = (
        Timeline.objects.filter(incident=OuterRef("pk"), code=JOINED, by_id=member_id)
        .order_by()
        .values("incident")
        .annotate(first=Min("at"))
        .values("first")
    )
    return (
        Incident.objects.filter(told_by(member_id), is_drill=False, erased_at=None)
        .annotate(
            sent_at=Case(When(reported_by_id=member_id, then=F("opened_at")), default=Subquery(first)),
            is_known=Exists(known_to(member_id).filter(pk=OuterRef("pk"))),
        )
        .order_by(F("sent_at").desc(), "-pk")
    )


def is_hidden_report(member_id: UUID | None, report_id: UUID) -> bool:
    """Whether ``report_id`` is a report of theirs about what they may not know of: the incident that they opened, or the
    row of the one that was joined.
    """
    if member_id is None:
        return False
    joined = Timeline.objects.filter(pk=report_id, code=JOINED, by_id=member_id).values("incident")
    own = Incident.objects.filter(Q(pk=report_id, reported_by_id=member_id) | Q(pk__in=joined), erased_at=None)
    return own.exclude(pk__in=known_to(member_id).values("pk")).exists()
