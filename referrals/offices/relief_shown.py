"""Who has signed for crisis relief, and what a yes means now: the first word of two, the second, or the only one (books §1)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.same_person import same_person
from kernel.clock import now
from kernel.money import yuan
from referrals.models import Referral, ReliefWord
from referrals.offices.selectors import names_of
from referrals.states import ReferralState, ReliefWordState
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow.second_word import leads_now, needs_leader, still_needs
from referrals.workflow.union_posts import holders
from ui.states import sign_of
from ui.templatetags.ui import school_time

_NOBODY_LEADS = gettext_lazy(
    "The school has named no chair of the trade union: any two of the union sign, whatever the sum. The administration names the chair."
)


@dataclass(frozen=True, slots=True)
class Words:
    """``notice`` above the page, ``rows`` among its facts, ``label`` of the yes and ``lead`` of its confirmation.

    ``mine``: this person gives no second word: the first is theirs, under whichever account, or the chair's is missing.
    """

    notice: Any = ""
    lead: str = ""
    label: str = ""
    rows: tuple[tuple[str, Any], ...] = ()
    mine: bool = False


def posts_shown() -> str:
    """Who leads the union today, in a line; or that nobody does, and what that means."""
    held = holders(now())
    if not held:
        return str(_NOBODY_LEADS)
    return " · ".join(f"{row.get_kind_display()} {row.holder.name}" for _kind, row in sorted(held.items()))


def words_on(actor: Actor, found: Referral) -> Words:
    """Of a request of crisis relief; of every other there is one word, and nothing to say."""
    only = Words(label=_("Approve"))
    given = ReliefWord.objects.filter(referral=found).order_by("-given_at").first()
    waits, moment = found.state == ReferralState.SUBMITTED, now()
    if given is None:
        return _first(actor, found, moment) if waits else only
    names = names_of(given.given_by_id, given.seconded_by_id)
    stands = given.state == ReliefWordState.WAITING and given.until > moment
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
        first = _first(actor, found, moment)
        lapsed = _("Nobody seconded the first word in time. The money is still held; a new first word is needed.")
        return replace(first, notice=lapsed, rows=tuple(rows))
    return replace(_second(actor, found, given, moment), rows=tuple(rows))


def _first(actor: Actor, found: Referral, moment: datetime) -> Words:
    """Nobody's word stands: this one may be enough, or is the first of two."""
    needs = still_needs(actor.user_id, found, moment)
    limit = {"limit": yuan(ONE_CASE_FEN)}
    if not needs.second:
        if not needs.lead:
            return Words(label=_("Approve"))
        told = _("You are the chair or the deputy: up to %(limit)s a case your word alone is enough.") % limit
        return Words(notice=told, label=_("Approve"))
    notice: Any
    if not needs.lead:
        notice = _NOBODY_LEADS
    elif leads_now(actor.user_id, moment):
        notice = (
            _("This case comes to more than %(limit)s, which the chair grants alone: two of the union sign.") % limit
        )
    else:
        notice = _(
            "Two of the union sign, one of them the chair or the deputy. They alone grant up to %(limit)s a case."
        )
        notice %= limit
    return Words(
        notice=notice,
        lead=_("Yours is the first of two words. A second person of the union has 72 hours; nothing is sent before."),
        label=_("Give the first word"),
    )


def _second(actor: Actor, found: Referral, given: ReliefWord, moment: datetime) -> Words:
    """A first word stands: this person's own, or one to be seconded."""
    until = {"until": school_time(given.until)}
    if same_person(actor.user_id, given.given_by_id):
        if not still_needs(actor.user_id, found, moment).second:
            return Words(notice=_("You may grant this alone now."), label=_("Approve"))
        told = _("You gave the first word. A second person of the union signs by %(until)s.") % until
        return Words(notice=told, mine=True)
    if needs_leader(given, moment) and not leads_now(actor.user_id, moment):
        told = _("A colleague gave the first word. The chair or the deputy signs second, by %(until)s.") % until
        return Words(notice=told, mine=True)
    return Words(
        notice=_("A colleague gave the first word. Yours is the second, until %(until)s.") % until,
        lead=_("Yours is the second word: the agency is asked at once."),
        label=_("Sign as the second person"),
    )
