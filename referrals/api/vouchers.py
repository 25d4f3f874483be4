"""``vouchers/``: the person's wallet, with what a counter asks for."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import EmptySerializer
from api.views import BaseView, ListView
from kernel.clock import end_of_day, local_day, now, start_of_day
from partners.api import PartnerOut
from referrals.access import access_voucher
from referrals.api import enums
from referrals.api.shapes import ServiceBrief, SpanOut, SplitOut, checked, tenant_of
from referrals.models import Voucher
from referrals.paper.facts import paper_of
from referrals.paper.qr import check_address
from referrals.paper.voucher import voucher_pdf
from referrals.rules import shown_state
from referrals.workflow.own_share import confirm_own_share


class VoucherBookingOut(SpanOut):
    """The appointment that the voucher belongs to."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(enums.BOOKING_STATES)


class VoucherOut(SplitOut):
    """A voucher as its owner sees it. Valid ``[valid_from, valid_until)``; amounts in fen over all units."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    referral = serializers.UUIDField(source="referral_id")
    code = serializers.CharField()
    qr_url = serializers.CharField()
    state = serializers.ChoiceField(enums.VOUCHER_STATES, source="state_today")
    units = serializers.IntegerField()
    units_left = serializers.IntegerField()
    valid_from = serializers.DateTimeField(source="valid_since")
    valid_until = serializers.DateTimeField(source="valid_before")
    partner = PartnerOut()
    service = ServiceBrief()
    booking = VoucherBookingOut(allow_null=True)


def _shown(voucher: Any, request: Request) -> dict[str, Any]:
    zone = tenant_of(request).time_zone
    voucher.state_today = shown_state(voucher, local_day(now(), zone))
    voucher.valid_since, voucher.valid_before = (
        start_of_day(voucher.valid_from, zone),
        end_of_day(voucher.valid_until, zone),
    )
    voucher.qr_url = check_address(voucher.token, scheme=request._request.scheme or "http")
    return dict(VoucherOut(voucher).data)


class OwnShareOut(serializers.Serializer[Any]):
    """What was collected for a use that was taken back: ``self_fen`` fen, owed until the person has it."""

    redemption = serializers.UUIDField(source="pk")
    self_fen = serializers.IntegerField(source="self_now_fen")
    own_share_due = serializers.BooleanField()
    own_share_back_at = serializers.DateTimeField(allow_null=True)


class OwnShareView(BaseView):
    """The person has back what they paid at the counter for a use that was taken back."""

    act = "voucher.own_share_back"
    permissions: ClassVar = {"POST": "voucher.own"}

    @extend_schema(operation_id="vouchers_own_share", request=EmptySerializer, responses=OwnShareOut)
    @idempotent
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """Said twice, it counts once."""
        checked(EmptySerializer(data=request.data))
        return Response(OwnShareOut(confirm_own_share(actor=self.actor, redemption_id=redemption_id)).data)


class VouchersView(ListView):
    """The caller's own vouchers, newest first."""

    permissions: ClassVar = {"GET": "voucher.own"}
    serializer_class = VoucherOut

    def get_queryset(self) -> QuerySet[Voucher]:
        """Nobody else's."""
        return Voucher.objects.prefetch_related("service", "partner", "booking").filter(
            person_id=self.actor.membership_id
        )

    @extend_schema(operation_id="vouchers_list", responses=VoucherOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([_shown(row, request) for row in rows])


class VoucherView(BaseView):
    """One voucher."""

    permissions: ClassVar = {"GET": "voucher.own"}

    @extend_schema(operation_id="vouchers_read", responses=VoucherOut)
    def get(self, request: Request, voucher_id: UUID) -> Response:
        """404 for everyone but its owner."""
        return Response(_shown(access_voucher(self.actor, voucher_id), request))


class OnPaper(JSONRenderer):
    """Lets a client ask for ``application/pdf``; a refusal is still a problem document."""

    media_type = "application/pdf"
    format = "pdf"


class VoucherPdfView(BaseView):
    """The voucher on paper."""

    permissions: ClassVar = {"GET": "voucher.own"}
    renderer_classes = (JSONRenderer, OnPaper)

    @extend_schema(operation_id="vouchers_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, voucher_id: UUID) -> HttpResponse:
        """PDF/UA-1 with the QR code and the 4-4-4 code."""
        voucher = access_voucher(self.actor, voucher_id)
        answer = HttpResponse(
            voucher_pdf(paper_of(voucher, tenant_of(request), scheme=request.scheme or "http")),
            content_type="application/pdf",
        )
        answer["Content-Disposition"] = f'inline; filename="{voucher.number}.pdf"'
        answer["Cache-Control"] = "private, no-store"
        return answer
