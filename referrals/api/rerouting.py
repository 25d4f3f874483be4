"""``referrals/{id}/instead/`` and ``…/proposals/refuse/``: another agency with the same times, and a no to all that were proposed."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import EmptySerializer, Id, StrictSerializer, Text
from api.views import BaseView
from referrals.api.referrals import ReferralOut, referral_shown
from referrals.api.shapes import checked, tenant_of
from referrals.workflow.rerouting import ask_another, refuse_proposals


class InsteadIn(StrictSerializer):
    """``service``: of another agency, of the same kind. ``token``: of its quote, for as many units."""

    service = Id()
    token = Text(max_length=4000)


class ReferralInsteadView(BaseView):
    """A request that no agency took goes to another one, with the times that are still to come."""

    act = "referral.submit"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_instead", request=InsteadIn, responses={201: ReferralOut})
    def post(self, request: Request, referral_id: UUID) -> Response:
        """Once for each request, however often it is called, with a key or without: called again it gives the one that was made.

        422 ``not_rerouted``, ``times_over``, ``closed_then``; 409 ``quote_changed``.
        """
        said = checked(InsteadIn(data=request.data))
        made = ask_another(
            actor=self.actor,
            tenant=tenant_of(request),
            referral_id=referral_id,
            service_id=said["service"],
            quote_token=said["token"],
        )
        return Response(referral_shown(made.pk), status=201)


class ProposalsRefuseView(BaseView):
    """None of the times that the agency proposed suits the person."""

    act = "proposal.refuse"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_refuse_proposals", request=EmptySerializer, responses=ReferralOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """The request ends and the agency is told; 422 ``nothing_proposed``."""
        checked(EmptySerializer(data=request.data))
        refuse_proposals(actor=self.actor, tenant=tenant_of(request), referral_id=referral_id)
        return Response(referral_shown(referral_id))
