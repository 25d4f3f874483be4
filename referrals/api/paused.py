"""``referrals/{id}/paused/``: what becomes of a request whose agency is suspended (books §4)."""

from typing import Any
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
from referrals.workflow.paused import decide_paused


class PausedIn(StrictSerializer):
    """Keep it there, let the person move, or call it off."""

    choice = Choice(enums.PAUSED_CHOICES)


class PausedOut(serializers.Serializer[Any]):
    """What was decided. ``due_at``: until when it had to be; what nobody decides moves."""

    referral = serializers.UUIDField(source="referral_id")
    state = serializers.ChoiceField(enums.PAUSED_STATES)
    since = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class PausedDecideView(BaseView):
    """The office that decides the kind says what becomes of it."""

    act = "referral.pause_keep"

    @extend_schema(operation_id="referrals_paused_decide", request=PausedIn, responses=PausedOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """Nothing of it costs the person anything."""
        choice = checked(PausedIn(data=request.data))["choice"]
        done = decide_paused(actor=self.actor, tenant=tenant_of(request), referral_id=referral_id, choice=choice)
        return Response(PausedOut(done).data)
