"""What pages and readiness ask about drills: who may see one, which one was the last, whether this semester has one."""

from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.actor import Actor
from kernel.clock import start_of_day
from kernel.errors import Refused
from referrals.emergency.models import Drill, Incident
from referrals.emergency.rules.drills import DrillState, semester_of
from tenancy.models import Tenant


def drills_seen_by(actor: Actor) -> QuerySet[Drill]:
    """All for whoever reads drills; of everybody else those in which they play, or have something to change."""
    if actor.may("drill.read"):
        return Drill.objects.all()
    if actor.membership_id is None:
        return Drill.objects.none()
    own = Q(players__member=actor.membership_id) | Q(changes__who=actor.membership_id)
    return Drill.objects.filter(pk__in=Drill.objects.filter(own).values("pk"))


def next_led(actor: Actor, *, kind: str, grade: str) -> Drill:
    """The planned drill of this kind and suggested grade that ``actor`` leads, the earliest first; ``begin`` asks all else of
    it. Refused ``drill_not_here``.
    """
    rows = Drill.objects.filter(state=DrillState.PLANNED, leader_id=actor.membership_id, kind=kind, suggested=grade)
    found = rows.order_by("planned_for", "pk").first() if actor.membership_id else None
    if found is None:
        raise Refused("drill_not_here")
    return found


def has_drill_in_semester(school: Tenant, day: date) -> bool:
    """Whether one is planned, runs, or was played in the semester of ``day``: by the day on which it began, whenever it was
    planned for.
    """
    first, last = semester_of(day)
    since = start_of_day(first, school.time_zone)
    rows = Drill.objects.exclude(state=DrillState.ABORTED).annotate(at=Coalesce("begun_at", "planned_for"))
    return any(school.day_of(at) <= last for at in rows.filter(at__gte=since).values_list("at", flat=True))


def band_of(incident: Incident) -> str:
    """What stands in a band on every page of a drill; ``""`` for what is real."""
    if not incident.is_drill:
        return ""
    return band(Drill.objects.filter(incident=incident).values_list("state", flat=True).first() or "")


def page_behind(incident: Incident) -> str:
    """The address of the drill that an incident is played in; ``""`` for what is real."""
    pk = Drill.objects.filter(incident=incident).values_list("pk", flat=True).first() if incident.is_drill else None
    return f"/centre/emergency/drills/{pk}/" if pk else ""


def band(state: str = "") -> str:
    """The words of the band, by the state of the drill. One that stands still keeps nobody from calling, and does not say why."""
    if state == DrillState.FROZEN:
        return _("The drill stands still. Act as on any day, and call whatever number is needed.")
    if state in (DrillState.ENDED, DrillState.ABORTED):
        return _("This was a drill, and it is over.")
    return _("Drill. Nothing has happened: call no number, tell nobody who is not in it.")
