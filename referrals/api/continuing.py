"""``referrals/{id}/next/``: the next sessions of the same service, agency and counsellor, priced and sent in one call."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, StrictSerializer, Text
from api.views import BaseView
from referrals.access import access_own_referral
from referrals.api import enums
from referrals.api.referrals import ReferralOut, referral_shown
from referrals.api.services import QuoteOut, quote_shown
from referrals.api.shapes import ServiceBrief, SpanOut, checked, tenant_of
from referrals.subsidies.quoting import quote
from referrals.workflow.continuing import ask_next, plan_next


class NextIn(StrictSerializer):
    """``token``: of the quote that ``GET`` gave. ``review``: the office that it said looks first, empty for none."""

    token = Text(max_length=4000)
    review = Choice(enums.OFFICES, allow_blank=True)


class NextOut(serializers.Serializer[Any]):
    """What one call would ask for: as many units as last time, at these times, with whom if that can be had."""

    service = ServiceBrief()
    units = serializers.IntegerField()
    windows = SpanOut(many=True)
    counsellor = serializers.UUIDField(allow_null=True)
    review = serializers.ChoiceField(enums.OFFICES, allow_blank=True)
    answer_by = serializers.DateTimeField()
    quote = QuoteOut()


class ReferralNextView(BaseView):
    """The next sessions of one's own request."""

    act = "referral.submit"
    permissions: ClassVar = {"GET": "referral.own", "POST": "referral.own"}

    @extend_schema(operation_id="referrals_next_read", responses=NextOut)
    def get(self, request: Request, referral_id: UUID) -> Response:
        """422 ``not_continued`` where nothing of it may be asked, ``closed_then`` where the agency is shut at the usual times."""
        tenant = tenant_of(request)
        found = access_own_referral(self.actor, referral_id)
        plan = plan_next(actor=self.actor, tenant=tenant, referral=found)
        price = quote(
            actor=self.actor,
            tenant=tenant,
            service_id=plan.service.pk,
            units=plan.units,
            service_date=min(tenant.day_of(start) for start, _end in plan.times),
            child_id=found.child_id,
        )
        shown = {
            "service": plan.service,
            "units": plan.units,
            "windows": [{"starts_at": start, "ends_at": end} for start, end in plan.times],
            "counsellor": plan.counsellor_id,
            "review": plan.review.office if plan.review else "",
            "answer_by": plan.answer_by,
            "quote": quote_shown(price),
        }
        return Response(NextOut(shown).data)

    @extend_schema(operation_id="referrals_next_create", request=NextIn, responses={201: ReferralOut})
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """Sent once, however often it is called; 409 ``quote_changed``, ``review_changed``."""
        said = checked(NextIn(data=request.data))
        made = ask_next(
            actor=self.actor,
            tenant=tenant_of(request),
            referral_id=referral_id,
            quote_token=said["token"],
            review_seen=said["review"],
        )
        return Response(referral_shown(made.pk), status=201)
