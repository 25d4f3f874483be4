"""Which incidents a person may read of: their own, ended, and told to them by a psychologist (chain §3)."""

from django.db.models import Exists, OuterRef, QuerySet

from accounts.actor import Actor
from referrals.emergency.models import FollowUp, Incident, WatchTask
from referrals.emergency.rules.tasks import TaskKind

MOST = 20


def told_incidents(actor: Actor) -> QuerySet[Incident]:
    """Newest first, ``MOST`` at most. What was opened again is hidden again until it has ended and was told anew."""
    tells = WatchTask.objects.filter(incident=OuterRef("pk"), kind=TaskKind.TELL.value)
    rows = Incident.objects.filter(person_id=actor.membership_id, is_drill=False, closed_at__isnull=False)
    told = rows.filter(Exists(tells.filter(done_at__isnull=False)), ~Exists(tells.filter(done_at=None)))
    return told.order_by("-closed_at", "-pk")[:MOST]


def own_follow_ups(actor: Actor) -> QuerySet[FollowUp]:
    """The weekly talks after the actor's own incidents, as far as they were told of them; newest first."""
    return FollowUp.objects.filter(incident__in=list(told_incidents(actor))).order_by("-began_on", "-pk")
