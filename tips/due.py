"""Finds across schools whom to look after and which letters are due, and does each by itself (books §7)."""

from typing import Final

from kernel.clock import now
from tenancy.rounds import Due, each_by_itself, not_set_back
from tenancy.scope import across_tenants
from tips import rules
from tips.models import Letter, LetterState, Subscription
from tips.workflow.sending import call_lost, look_after, send_letter

WANTED: Final = "tips.wanted"
LETTERS: Final = "tips.letters"
LOST: Final = "tips.lost"


def run_due(limit: int = 500) -> int:
    """Look after at most ``limit`` subscriptions, then send at most ``limit`` letters, oldest first. Returns how many went.

    May run in several workers at once and twice in a row: every step looks again under lock.
    """
    moment = now()
    with across_tenants("find tips that are due"):
        over = Subscription.objects.filter(ended_at__isnull=True, next_at__lte=moment).order_by("next_at", "pk")
        wanted = [Due(*row) for row in not_set_back(over, WANTED).values_list("tenant_id", "pk")[:limit]]
        stale = Letter.objects.filter(state=LetterState.SENDING, taken_at__lte=moment - rules.IS_LOST)
        lost = [Due(*row) for row in not_set_back(stale, LOST).values_list("tenant_id", "pk")[:limit]]
    each_by_itself(lost, lambda row: call_lost(letter_id=row.pk), loop=LOST)
    each_by_itself(wanted, lambda row: look_after(subscription_id=row.pk), loop=WANTED)
    with across_tenants("find letters that are due"):
        due = Letter.objects.filter(state=LetterState.DUE, next_at__lte=now()).order_by("next_at", "pk")
        letters = [Due(*row) for row in not_set_back(due, LETTERS).values_list("tenant_id", "pk")[:limit]]
    return each_by_itself(letters, lambda row: send_letter(letter_id=row.pk), loop=LETTERS)
