"""Celery tasks of what is handed on: what is over ends, what was kept long enough is forgotten. The rows say what is due."""

from celery import shared_task

from kernel.clock import now
from referrals.liaison import card_states, mediation_states
from referrals.liaison.models import HandOn, HandOnCard, Mediation
from referrals.liaison.workflow.mediation import lapse
from referrals.liaison.workflow.reporting import close_to_partner, forget, lapse_card
from tenancy.rounds import Due, each_by_itself, not_set_back
from tenancy.scope import across_tenants

DUE_TASK = "referrals.liaison.tasks.end_what_is_over"
MEDIATIONS, CARDS, CLOSED, KEPT = "liaison.mediations", "liaison.cards", "liaison.closed", "liaison.kept"
MOST = 500
"""Rows of one kind in one round; the next takes the rest."""


@shared_task(name=DUE_TASK, ignore_result=True)
def end_what_is_over() -> int:
    """One round over all schools. May run twice: every row is looked at again under lock."""
    moment = now()
    loops = (
        (
            MEDIATIONS,
            Mediation.objects.filter(state__in=mediation_states.CLOCKED, until__lte=moment).order_by("until", "pk"),
            lambda row: lapse(mediation_id=row.pk),
        ),
        (
            CARDS,
            HandOn.objects.filter(state__in=card_states.CLOCKED, until__lte=moment).order_by("until", "pk"),
            lambda row: lapse_card(case_id=row.pk),
        ),
        (
            CLOSED,
            HandOnCard.objects.filter(ended_at__isnull=True, reported_at__isnull=False, until__lte=moment).order_by(
                "until", "pk"
            ),
            lambda row: close_to_partner(card_id=row.pk),
        ),
        (
            KEPT,
            HandOn.objects.filter(kept_until__lte=moment).order_by("kept_until", "pk"),
            lambda row: forget(case_id=row.pk),
        ),
    )
    with across_tenants("find what was handed on and is over"):
        found = [
            (loop, [Due(*row) for row in not_set_back(rows, loop).values_list("tenant_id", "pk")[:MOST]], act)
            for loop, rows, act in loops
        ]
    return sum(each_by_itself(rows, act, loop=loop) for loop, rows, act in found)
