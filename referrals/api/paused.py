"""``paused/`` and ``referrals/{id}/paused/``: what becomes of a request whose agency is suspended (books §4)."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import PAGES, page_of
from api.serializers import Choice, StrictSerializer
from api.views import BaseView
from kernel.errors import Forbidden
from partners.api import PartnerOut
from referrals.api import enums
from referrals.api.shapes import ServiceBrief, checked, tenant_of
from referrals.kinds import KINDS
from referrals.models import Referral
from referrals.workflow.paused import Standing, decide_paused, paused_now, standing_of


class PausedIn(StrictSerializer):
    """Keep it there, let the person move, or call it off."""

    choice = Choice(enums.PAUSED_CHOICES)


class PausedOut(serializers.Serializer[Any]):
    """What was decided. ``due_at``: until when it had to be; what nobody decides moves."""

    referral = serializers.UUIDField(source="referral_id")
    state = serializers.ChoiceField(enums.PAUSED_STATES)
    cause = serializers.ChoiceField(enums.PAUSE_CAUSES)
    since = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class PausedRowOut(serializers.Serializer[Any]):
    """One request at a suspended agency; nobody's name. ``referral``: decided at ``referrals/{id}/paused/``."""

    referral = serializers.UUIDField()
    number = serializers.CharField()
    service = ServiceBrief()
    partner = PartnerOut()
    state = serializers.ChoiceField(enums.PAUSED_STATES)
    cause = serializers.ChoiceField(enums.PAUSE_CAUSES)
    next_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField()


class PausedPage(serializers.Serializer[Any]):
    """One page."""

    results = PausedRowOut(many=True)
    next = serializers.CharField(allow_null=True)


class PausedListView(BaseView):
    """What is under way at suspended agencies, of the kinds that the caller decides, the earliest asked for first."""

    @extend_schema(operation_id="paused_list", parameters=[*PAGES], responses=PausedPage)
    def get(self, request: Request) -> Response:
        """One page; 403 for whoever decides no kind."""
        kinds = [kind for kind, row in KINDS.items() if self.actor.may(f"referral.decide.{row.decider}")]
        if not kinds:
            raise Forbidden
        found = paused_now().prefetch_related("service", "partner").filter(kind__in=kinds)
        rows, following = page_of(request, found, order=("submitted_at", "id"))
        stands = standing_of(tenant_of(request), rows)
        shown = [_row(row, stands[row.pk]) for row in rows if row.pk in stands]
        return Response({"results": shown, "next": following})


def _row(row: Referral, stands: Standing) -> dict[str, Any]:
    shown = {
        "referral": row.pk,
        "number": row.number,
        "service": row.service,
        "partner": row.partner,
        "state": stands.state,
        "cause": stands.cause,
        "next_at": stands.next_at,
        "due_at": stands.due_at,
    }
    return dict(PausedRowOut(shown).data)


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
