"""How many have the briefing of a drill's scenario by "everyone has it" (17.2), for its page.

The scenario's own, which everybody who may have to play reads long before: that a drill is planned is told to who plays, on
the drill's own page, and they say there that they have read it.
"""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import not_left
from readings.kinds import find
from readings.models import Reading
from referrals.emergency.models import Drill
from referrals.emergency.workflow.holders import open_school

KIND = "briefing"


@dataclass(frozen=True, slots=True)
class Given:
    """``href``: where it is given out, or where it was, with n of m. ``n`` colleagues have it; None where nobody is asked for it
    now. ``is_older``: it was given out in another wording than the scenario has now.
    """

    href: str
    n: int | None = None
    is_older: bool = False


def given_out(actor: Actor, drill: Drill) -> Given | None:
    """For whoever gives documents out; None for everybody else, and for a scenario that the school wrote itself. One question."""
    document = find(KIND, drill.scenario)
    if document is None or not actor.may("reading.issue"):
        return None
    here = not_left(open_school().today(), "proofs__person")
    has = Count("proofs", filter=Q(proofs__counted_at__isnull=False) & here)
    readings = Reading.objects.filter(kind=KIND, ref=drill.scenario, replaced_at=None, ended_at=None)
    reading = readings.annotate(has=has).first()
    if reading is None:
        return Given(f"{reverse('reading_new')}?document={KIND}:{drill.scenario}")
    return Given(reverse("reading", args=[reading.pk]), reading.has, reading.version != document.version)
