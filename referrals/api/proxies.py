"""``referrals/proxy/``: an officer of the union applies for a colleague who agreed; the colleague stops it (rules §2)."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.serializers import Choice, Day, EmptySerializer, Id, StrictSerializer, Whole
from api.views import BaseView
from referrals.api import enums
from referrals.api.shapes import SpanIn, checked, spans, tenant_of
from referrals.workflow.proxy import stop_proxy, submit_proxy


class ProxyIn(StrictSerializer):
    """For whom, what, when, and how and on which day they agreed. Neither words nor wishes: they are the person's own.

    ``child_born``: for a child's care, the day of birth of a child that the colleague has entered.
    """

    person = Id()
    service = Id()
    units = Whole(min_value=1, max_value=60)
    windows = SpanIn(many=True)
    agreed_how = Choice(enums.CONSENT_WAYS)
    agreed_on = Day()
    child_born = Day(required=False)


class ProxyOut(serializers.Serializer[Any]):
    """The request that was made; its page at the union says the rest."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(enums.REFERRAL_STATES)


class ProxyView(BaseView):
    """In a colleague's place."""

    act = "referral.proxy"
    permissions: ClassVar = {"POST": "referral.proxy"}

    @extend_schema(operation_id="referrals_proxy_create", request=ProxyIn, responses={201: ProxyOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """The colleague is told in the same act and may stop it."""
        data = checked(ProxyIn(data=request.data))
        sent = submit_proxy(
            actor=self.actor,
            tenant=tenant_of(request),
            person_id=data["person"],
            service_id=data["service"],
            units=data["units"],
            windows=spans(data["windows"]),
            agreed_how=data["agreed_how"],
            agreed_on=data["agreed_on"],
            child_born=data.get("child_born"),
        )
        return Response(ProxyOut(sent).data, status=201)


class ProxyStopView(BaseView):
    """The person stops what was asked in their place."""

    act = "referral.proxy_stop"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="referrals_proxy_stop", request=EmptySerializer, responses=ProxyOut)
    @idempotent
    def post(self, request: Request, referral_id: UUID) -> Response:
        """Cancelled, the consent ended, the officer told; twice is once."""
        checked(EmptySerializer(data=request.data))
        stopped = stop_proxy(actor=self.actor, tenant=tenant_of(request), referral_id=referral_id)
        return Response(ProxyOut(stopped).data)
