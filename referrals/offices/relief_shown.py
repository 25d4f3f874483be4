"""Who has signed for crisis relief, and what a yes means now: the first word of two, the second, or the only one (books §1)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.same_person import same_person
from kernel.clock import now
from kernel.money import yuan
from referrals.models import Referral, ReliefWord
from referrals.offices.selectors import names_of
from referrals.states import ReferralState, ReliefWordState
from referrals.workflow.second_word import ONE_CASE_FEN, needs_second
from ui.states import sign_of
from ui.templatetags.ui import school_time


@dataclass(frozen=True, slots=True)
class Words:
    """``notice`` above the page, ``rows`` among its facts, ``label`` of the yes and ``lead`` of its confirmation.

    ``mine``: the first word is this person's, under whichever account: they give no second one.
    """

    notice: str = ""
    lead: str = ""
    label: str = ""
    rows: tuple[tuple[str, Any], ...] = ()
    mine: bool = False


def words_on(actor: Actor, found: Referral) -> Words:
    """Of a request of crisis relief; of every other there is one word, and nothing to say."""
    only = Words(label=_("Approve"))
    given = ReliefWord.objects.filter(referral=found).order_by("-given_at").first()
    waits = found.state == ReferralState.SUBMITTED
    if given is None:
        return _first(only) if waits and needs_second(found) else only
    names = names_of(given.given_by_id, given.seconded_by_id)
    stands = given.state == ReliefWordState.WAITING and given.until > now()
    state = given.state if stands or given.state != ReliefWordState.WAITING else ReliefWordState.LAPSED
    rows = [
        (_("First word"), f"{names.get(given.given_by_id, '–')} · {school_time(given.given_at)}"),
        (_("Second word"), str(sign_of(state, "relief_word").text)),
    ]
    if given.seconded_by_id:
        rows[1] = (_("Second word"), f"{names.get(given.seconded_by_id, '–')} · {school_time(given.answered_at)}")
    if not waits:
        return Words(label=only.label, rows=tuple(rows))
    if not stands:
        first = _first(only) if needs_second(found) else only
        return Words(
            notice=_("Nobody seconded the first word in time. The money is still held; a new first word is needed."),
            lead=first.lead,
            label=first.label,
            rows=tuple(rows),
        )
    until = {"until": school_time(given.until)}
    if same_person(actor.user_id, given.given_by_id):
        told = _("You gave the first word. A second person of the union signs by %(until)s.") % until
        return Words(notice=told, rows=tuple(rows), mine=True)
    return Words(
        notice=_("A colleague gave the first word. Yours is the second, until %(until)s.") % until,
        lead=_("Yours is the second word: the agency is asked at once."),
        label=_("Sign as the second person"),
        rows=tuple(rows),
    )


def _first(only: Words) -> Words:
    amounts = {"limit": yuan(ONE_CASE_FEN)}
    return Words(
        notice=_("This case comes to more than %(limit)s, which one person may grant: two of the union sign.")
        % amounts,
        lead=_("Yours is the first of two words. A second person of the union has 72 hours; nothing is sent before."),
        label=_("Give the first word"),
    )
