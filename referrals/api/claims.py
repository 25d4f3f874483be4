"""``…/claims/``: an amount of one use is wrong; the person, the agency or the union says so, finance answers (books §5, ADR 0048)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, EmptySerializer, Fen, StrictSerializer, Text
from api.views import BaseView, ListView
from referrals.access import in_school_of, partner_claim, partner_redemption
from referrals.api import enums
from referrals.api.shapes import checked
from referrals.models import AmountClaim, CorrectionSide
from referrals.models.claim import MAX_WORDS
from referrals.workflow.claiming import (
    claim_amount,
    decline_claim,
    readable_claim,
    readable_claims,
    use_of,
    withdraw_claim,
)


class ClaimIn(StrictSerializer):
    """What is wrong and what was seen. ``fee_fen``: the right price of the use, where it is known; never with ``not_had``."""

    cause = Choice(enums.CORRECTION_CAUSES)
    reason = Text(max_length=MAX_WORDS)
    fee_fen = Fen(required=False)


class ClaimAnswerIn(StrictSerializer):
    """Why nothing is corrected."""

    answer = Text(max_length=MAX_WORDS)


class OwnClaimOut(serializers.Serializer[Any]):
    """A claim as the side reads it that made it: its own words and finance's answer."""

    id = serializers.UUIDField()
    redemption = serializers.UUIDField(source="redemption_id")
    cause = serializers.ChoiceField(enums.CORRECTION_CAUSES)
    fee_fen = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    answer = serializers.CharField()
    state = serializers.ChoiceField(enums.CLAIM_STATES)
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class ListedClaimOut(serializers.Serializer[Any]):
    """A claim in finance's list: the side and the month, never a person, a service or the day."""

    id = serializers.UUIDField()
    redemption = serializers.UUIDField(source="redemption_id")
    voucher_number = serializers.CharField()
    month = serializers.DateField(source="service_date", format="%Y-%m")
    side = serializers.ChoiceField(enums.CORRECTION_SIDES)
    cause = serializers.ChoiceField(enums.CORRECTION_CAUSES)
    fee_fen = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(enums.CLAIM_STATES)
    correction = serializers.UUIDField(source="correction_id", allow_null=True)
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class ClaimOut(ListedClaimOut):
    """One of them with the words of both sides."""

    reason = serializers.CharField()
    answer = serializers.CharField()


class _OfSide(BaseView):
    """One side's address of a use and of a claim. ``side`` says whose."""

    side: ClassVar[CorrectionSide]

    @contextmanager
    def of_use(self, redemption_id: UUID) -> Iterator[UUID]:
        """Inside the school of a use that this side sees anyway; NotFound for every other."""
        if self.side != CorrectionSide.AGENCY:
            yield use_of(self.actor, self.side, redemption_id).pk
            return
        found = partner_redemption(self.actor, redemption_id)
        with in_school_of(found):
            yield use_of(self.actor, self.side, found.pk).pk

    @contextmanager
    def of_claim(self, claim_id: UUID) -> Iterator[UUID]:
        """Inside the school of a claim; whose it is, the writer asks."""
        if self.side != CorrectionSide.AGENCY:
            yield claim_id
            return
        found = partner_claim(self.actor, claim_id)
        with in_school_of(found):
            yield found.pk


class _UseClaims(_OfSide):
    def listed(self, redemption_id: UUID) -> Response:
        """What this side has said of the use, newest first."""
        with self.of_use(redemption_id) as found:
            rows = AmountClaim.objects.filter(redemption=found, side=self.side).order_by("-asked_at", "-id")
            return Response(OwnClaimOut(rows, many=True).data)

    def asked(self, request: Request, redemption_id: UUID) -> Response:
        """Finance is told."""
        data = checked(ClaimIn(data=request.data))
        with self.of_use(redemption_id) as found:
            row = claim_amount(actor=self.actor, redemption_id=found, side=self.side, **data)
            return Response(OwnClaimOut(row).data, status=201)


class _ClaimWithdraw(_OfSide):
    def withdrawn(self, request: Request, claim_id: UUID) -> Response:
        """Taken back before finance has acted."""
        checked(EmptySerializer(data=request.data))
        with self.of_claim(claim_id) as found:
            row = withdraw_claim(actor=self.actor, claim_id=found, side=self.side)
            return Response(OwnClaimOut(row).data)


class PersonClaimsView(_UseClaims):
    """Of one's own use."""

    act = "claim.ask"
    side = CorrectionSide.PERSON
    permissions: ClassVar = {"GET": "voucher.own", "POST": "voucher.own"}

    @extend_schema(operation_id="uses_claims", responses=OwnClaimOut(many=True))
    def get(self, request: Request, redemption_id: UUID) -> Response:
        """Newest first, with finance's answer."""
        return self.listed(redemption_id)

    @extend_schema(operation_id="uses_claim", request=ClaimIn, responses={201: OwnClaimOut})
    @idempotent
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """One waits for a use at a time, whoever asked."""
        return self.asked(request, redemption_id)


class PersonClaimWithdrawView(_ClaimWithdraw):
    """Of one's own use."""

    act = "claim.withdraw"
    side = CorrectionSide.PERSON
    permissions: ClassVar = {"POST": "voucher.own"}

    @extend_schema(operation_id="uses_claim_withdraw", request=EmptySerializer, responses=OwnClaimOut)
    @idempotent
    def post(self, request: Request, claim_id: UUID) -> Response:
        """Before finance has acted."""
        return self.withdrawn(request, claim_id)


class AgencyClaimsView(_UseClaims):
    """Of a use at the institution's counter, by its office."""

    act = "claim.ask"
    side = CorrectionSide.AGENCY
    permissions: ClassVar = {"GET": "claim.partner", "POST": "claim.partner"}

    @extend_schema(operation_id="partner_claims", responses=OwnClaimOut(many=True))
    def get(self, request: Request, redemption_id: UUID) -> Response:
        """Newest first, with finance's answer."""
        return self.listed(redemption_id)

    @extend_schema(operation_id="partner_claim", request=ClaimIn, responses={201: OwnClaimOut})
    @idempotent
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """One waits for a use at a time, whoever asked."""
        return self.asked(request, redemption_id)


class AgencyClaimWithdrawView(_ClaimWithdraw):
    """Of a use at the institution's counter."""

    act = "claim.withdraw"
    side = CorrectionSide.AGENCY
    permissions: ClassVar = {"POST": "claim.partner"}

    @extend_schema(operation_id="partner_claim_withdraw", request=EmptySerializer, responses=OwnClaimOut)
    @idempotent
    def post(self, request: Request, claim_id: UUID) -> Response:
        """Before finance has acted."""
        return self.withdrawn(request, claim_id)


class UnionClaimsView(_UseClaims):
    """Of a colleague's use of a kind that the union decides."""

    act = "claim.ask"
    side = CorrectionSide.UNION
    permissions: ClassVar = {"GET": "claim.union", "POST": "claim.union"}

    @extend_schema(operation_id="union_claims", responses=OwnClaimOut(many=True))
    def get(self, request: Request, redemption_id: UUID) -> Response:
        """Newest first, with finance's answer."""
        return self.listed(redemption_id)

    @extend_schema(operation_id="union_claim", request=ClaimIn, responses={201: OwnClaimOut})
    @idempotent
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """Never of an officer's own use."""
        return self.asked(request, redemption_id)


class UnionClaimWithdrawView(_ClaimWithdraw):
    """What the union has asked, by any of it."""

    act = "claim.withdraw"
    side = CorrectionSide.UNION
    permissions: ClassVar = {"POST": "claim.union"}

    @extend_schema(operation_id="union_claim_withdraw", request=EmptySerializer, responses=OwnClaimOut)
    @idempotent
    def post(self, request: Request, claim_id: UUID) -> Response:
        """Before finance has acted."""
        return self.withdrawn(request, claim_id)


class ClaimsView(ListView):
    """What finance has been told, newest first."""

    permissions: ClassVar = {"GET": "voucher.correct"}
    serializer_class = ListedClaimOut

    def get_queryset(self) -> QuerySet[AmountClaim]:
        """All but those about one's own uses; the words stand at each."""
        return readable_claims(self.actor).order_by("-asked_at", "-id")

    @extend_schema(operation_id="claims_list", responses=ListedClaimOut(many=True))
    def get(self, request: Request) -> Response:
        """One page."""
        rows = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(ListedClaimOut(rows, many=True).data)


class ClaimView(BaseView):
    """One claim, for finance."""

    permissions: ClassVar = {"GET": "voucher.correct"}

    @extend_schema(operation_id="claims_read", responses=ClaimOut)
    def get(self, request: Request, claim_id: UUID) -> Response:
        """With its words; never about one's own use."""
        return Response(ClaimOut(readable_claim(self.actor, claim_id)).data)


class ClaimDeclineView(BaseView):
    """Finance says why nothing is corrected."""

    act = "claim.decline"
    permissions: ClassVar = {"POST": "voucher.correct"}

    @extend_schema(operation_id="claims_decline", request=ClaimAnswerIn, responses=ClaimOut)
    @idempotent
    def post(self, request: Request, claim_id: UUID) -> Response:
        """The sentence goes back to whoever asked."""
        data = checked(ClaimAnswerIn(data=request.data))
        return Response(ClaimOut(decline_claim(actor=self.actor, claim_id=claim_id, answer=data["answer"])).data)
