"""``referrals/{id}/words/``: who has signed for crisis relief that one person may not grant alone (books §1).

A first and a second word are both said at ``referrals/{id}/approve/``.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import require
from accounts.same_person import same_person
from api.views import BaseView
from audit import record_read
from kernel.clock import now
from referrals.access import access_referral
from referrals.api import enums
from referrals.kinds import KINDS
from referrals.models import ReliefWord
from referrals.states import ReferralState, ReliefWordState
from referrals.workflow.second_word import leads_now, needs_leader, still_needs


class WordOut(serializers.Serializer[Any]):
    """One first word; ``state`` by the dates. ``is_mine``: the caller gave it, and gives no second one."""

    state = serializers.ChoiceField(enums.WORD_STATES)
    case_fen = serializers.IntegerField()
    given_at = serializers.DateTimeField()
    until = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    is_mine = serializers.BooleanField()


class WordsOut(serializers.Serializer[Any]):
    """What the caller's yes would mean now. Of whatever is no crisis relief, no words.

    ``needs_second``: it would be the first of two. ``needs_lead``: one of those who sign is the union's chair or deputy, and
    none of them has: an officer's second word is refused ``chair_signs``.
    """

    needs_second = serializers.BooleanField()
    needs_lead = serializers.BooleanField()
    results = WordOut(many=True)


class WordsView(BaseView):
    """For the office that decides; the look is recorded."""

    @extend_schema(operation_id="referrals_words", responses=WordsOut)
    def get(self, request: Request, referral_id: UUID) -> Response:
        """Newest first; nobody's name."""
        found = access_referral(self.actor, referral_id)
        require(self.actor, f"referral.decide.{KINDS[found.kind].decider}")
        record_read(actor=self.actor, action="referral.read", obj=found)
        words, moment = list(ReliefWord.objects.filter(referral=found).order_by("-given_at")), now()
        waiting = [word for word in words if word.state == ReliefWordState.WAITING and word.until > moment]
        second = lead = False
        if found.state == ReferralState.SUBMITTED:
            needs = still_needs(self.actor.user_id, found, moment)
            second = needs.second and not waiting
            lead = any(needs_leader(word, moment) for word in waiting) if waiting else needs.lead
            lead = lead and not leads_now(self.actor.user_id, moment)
        rows = [self._shown(word, moment) for word in words]
        return Response(WordsOut({"needs_second": second, "needs_lead": lead, "results": rows}).data)

    def _shown(self, word: ReliefWord, moment: datetime) -> dict[str, Any]:
        is_over = word.state == ReliefWordState.WAITING and word.until <= moment
        return {
            "state": ReliefWordState.LAPSED.value if is_over else word.state,
            "case_fen": word.case_fen,
            "given_at": word.given_at,
            "until": word.until,
            "answered_at": word.answered_at,
            "is_mine": same_person(self.actor.user_id, word.given_by_id),
        }
