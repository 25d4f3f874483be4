"""``referrals/{id}/solved/`` and ``rating/``: the person's word once a service is over (rules §2)."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, StrictSerializer
from api.views import BaseView
from referrals.api import enums
from referrals.api.shapes import checked, tenant_of
from referrals.workflow.rating import rate_agency
from referrals.workflow.solving import answer_if_solved


class SolvedIn(StrictSerializer):
    """Whether it is solved."""

    answer = Choice(enums.SOLVED)


class SolvedOut(serializers.Serializer[Any]):
    """What was said, and when."""

    referral = serializers.UUIDField(source="referral_id")
    answer = serializers.ChoiceField(enums.SOLVED)
    answered_at = serializers.DateTimeField()


class SolvedView(BaseView):
    """Was it solved? Asked once, answered once."""

    act = "referral.answer"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_solved", request=SolvedIn, responses=SolvedOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """The same word twice counts once."""
        answer = checked(SolvedIn(data=request.data))["answer"]
        return Response(SolvedOut(answer_if_solved(actor=self.actor, referral_id=referral_id, answer=answer)).data)


class RatingIn(StrictSerializer):
    """Three fixed questions; nobody writes words."""

    on_time = Choice(enums.MARKS)
    respected = Choice(enums.MARKS)
    again = Choice(enums.MARKS)


class RatingView(BaseView):
    """How it was at the agency; the marks are counters, and nothing says whose they were."""

    act = "referral.rate"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_rating", request=RatingIn, responses={204: None})
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """Once for an agency and school year; a second time changes nothing."""
        marks = checked(RatingIn(data=request.data))
        rate_agency(actor=self.actor, tenant=tenant_of(request), referral_id=referral_id, marks=marks)
        return Response(status=204)
