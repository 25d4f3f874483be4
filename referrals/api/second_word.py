"""``referrals/{id}/words/``: who has signed for crisis relief above what one person may grant (books §1).

A first and a second word are both said at ``referrals/{id}/approve/``.
"""

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
from referrals.workflow.second_word import needs_second


class WordOut(serializers.Serializer[Any]):
    """One first word; ``state`` by the dates. ``is_mine``: the caller gave it, and gives no second one."""

    state = serializers.ChoiceField(enums.WORD_STATES)
    case_fen = serializers.IntegerField()
    given_at = serializers.DateTimeField()
    until = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    is_mine = serializers.BooleanField()


class WordsOut(serializers.Serializer[Any]):
    """``needs_second``: one yes more is not enough now. Of whatever is no crisis relief, no words."""

    needs_second = serializers.BooleanField()
    results = WordOut(many=True)


class WordsView(BaseView):
    """For the office that decides; the look is recorded."""

    @extend_schema(operation_id="referrals_words", responses=WordsOut)
    def get(self, request: Request, referral_id: UUID) -> Response:
        """Newest first; nobody's name."""
        found = access_referral(self.actor, referral_id)
        require(self.actor, f"referral.decide.{KINDS[found.kind].decider}")
        record_read(actor=self.actor, action="referral.read", obj=found)
        rows = [self._shown(word) for word in ReliefWord.objects.filter(referral=found).order_by("-given_at")]
        waits = any(row["state"] == ReliefWordState.WAITING for row in rows)
        needs = found.state == ReferralState.SUBMITTED and not waits and needs_second(found)
        return Response(WordsOut({"needs_second": needs, "results": rows}).data)

    def _shown(self, word: ReliefWord) -> dict[str, Any]:
        is_over = word.state == ReliefWordState.WAITING and word.until <= now()
        return {
            "state": ReliefWordState.LAPSED.value if is_over else word.state,
            "case_fen": word.case_fen,
            "given_at": word.given_at,
            "until": word.until,
            "answered_at": word.answered_at,
            "is_mine": same_person(self.actor.user_id, word.given_by_id),
        }
