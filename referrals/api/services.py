"""``services/`` and ``quotes/``: what the school offers and what it would cost; nothing is written."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import PAGES, page_of_rows
from api.serializers import Choice, Day, Id, StrictSerializer, Text, Whole
from api.views import BaseView
from kernel.clock import local_day, now
from partners.api import PartnerOut
from partners.kinds import ServiceKind, ServiceMode, ServiceUnit
from referrals.api import enums
from referrals.api.shapes import QuoteLineOut, SplitOut, asked, checked, tenant_of
from referrals.models.asking import MOST_ASKED
from referrals.subsidies.prices import Priced, price_services
from referrals.subsidies.quoting import Quote, quote
from referrals.subsidies.several import quote_several


class ServiceQuery(StrictSerializer):
    """What narrows the list."""

    kind = Choice(ServiceKind.choices, required=False)
    q = Text(required=False, max_length=80)
    date = Day(required=False)


class ServiceRow(serializers.Serializer[Any]):
    """A service with the price of one unit on the day asked about. ``subsidy_fen`` and ``self_fen`` are null when the
    school has no policy for that day: then it cannot be requested.
    """

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(ServiceKind.choices)
    mode = serializers.ChoiceField(ServiceMode.choices)
    unit = serializers.ChoiceField(ServiceUnit.choices)
    partner = PartnerOut()
    fee_fen = serializers.IntegerField()
    subsidy_fen = serializers.IntegerField(allow_null=True)
    self_fen = serializers.IntegerField(allow_null=True)
    next_free = serializers.DateTimeField(allow_null=True)


class ServicePage(serializers.Serializer[Any]):
    """One page."""

    results = ServiceRow(many=True)
    next = serializers.CharField(allow_null=True)


class QuoteIn(StrictSerializer):
    """What is to be priced."""

    service = Id()
    units = Whole(min_value=1, max_value=60)
    service_date = Day()
    child = Id(required=False, allow_null=True)


class QuotaOut(serializers.Serializer[Any]):
    """What is left of the yearly quota before this quote, in its unit."""

    unit = serializers.ChoiceField(enums.QUOTA)
    left = serializers.IntegerField()
    resets_on = serializers.DateField()


class QuoteOut(SplitOut):
    """A price with its reasons; good until ``expires_at``. ``quota`` null: no yearly limit."""

    lines = QuoteLineOut(many=True)
    quota = QuotaOut(allow_null=True)
    expires_at = serializers.DateTimeField()
    token = serializers.CharField()


class SeveralQuotesIn(StrictSerializer):
    """Services of one kind, of different agencies, all of mode ``query``; one alone is priced as ever."""

    services = serializers.ListField(child=Id(), min_length=1, max_length=MOST_ASKED)
    units = Whole(min_value=1, max_value=60)
    service_date = Day()
    child = Id(required=False, allow_null=True)


class OneOfSeveralOut(SplitOut):
    """What one of them would cost, whichever wins."""

    service = serializers.UUIDField()
    partner = PartnerOut()
    lines = QuoteLineOut(many=True)


class SeveralQuotesOut(serializers.Serializer[Any]):
    """All of them, in the order asked for. ``self_fen``: the most that the person may have to pay; ``token`` signs them together."""

    results = OneOfSeveralOut(many=True)
    self_fen = serializers.IntegerField()
    token = serializers.CharField()


class ServicesView(BaseView):
    """What the school may use on a day, at which price."""

    permissions: ClassVar = {"GET": "service.read"}

    @extend_schema(
        operation_id="services_list",
        parameters=[ServiceQuery, *PAGES],
        responses=ServicePage,
    )
    def get(self, request: Request) -> Response:
        """One page, by partner and name."""
        query = asked(ServiceQuery, request)
        day = query.get("date") or local_day(now(), tenant_of(request).time_zone)
        priced = price_services(self.actor, day, kind=query.get("kind", ""), q=query.get("q", ""))
        page, following = page_of_rows(request, priced, key=lambda row: str(row.service.pk))
        return Response({"results": [ServiceRow(_row(row)).data for row in page], "next": following})


def _row(priced: Priced) -> dict[str, Any]:
    service, decision = priced.service, priced.decision
    return {
        "id": service.pk,
        "name": service.name,
        "kind": service.kind,
        "mode": service.mode,
        "unit": service.unit,
        "partner": service.institution,
        "fee_fen": priced.line.fee_fen,
        "subsidy_fen": decision.subsidy_fen if decision else None,
        "self_fen": decision.self_fen if decision else None,
        "next_free": None,  # mode confirm: the partner names the time
    }


class QuotesView(BaseView):
    """The price before anything is asked."""

    act = "quote.ask"
    permissions: ClassVar = {"POST": "service.read"}

    @extend_schema(operation_id="quotes_create", request=QuoteIn, responses={200: QuoteOut})
    def post(self, request: Request) -> Response:
        """Computed, explained and signed; writes nothing."""
        data = checked(QuoteIn(data=request.data))
        priced = quote(
            actor=self.actor,
            tenant=tenant_of(request),
            service_id=data["service"],
            units=data["units"],
            service_date=data["service_date"],
            child_id=data.get("child"),
        )
        return Response(QuoteOut(quote_shown(priced)).data)


class SeveralQuotesView(BaseView):
    """The prices of agencies that are to be asked at the same time, in one call."""

    act = "quote.ask"
    permissions: ClassVar = {"POST": "service.read"}

    @extend_schema(operation_id="quotes_several", request=SeveralQuotesIn, responses={200: SeveralQuotesOut})
    def post(self, request: Request) -> Response:
        """Each with its own reasons; writes nothing."""
        data = checked(SeveralQuotesIn(data=request.data))
        found = quote_several(
            actor=self.actor,
            tenant=tenant_of(request),
            service_ids=data["services"],
            units=data["units"],
            service_date=data["service_date"],
            child_id=data.get("child"),
        )
        rows = [
            {
                "service": row.service.pk,
                "partner": row.service.institution,
                "fee_fen": row.decision.fee_fen,
                "subsidy_fen": row.decision.subsidy_fen,
                "self_fen": row.decision.self_fen,
                "lines": [line.to_json() for line in row.decision.lines],
            }
            for row in found.rows
        ]
        return Response(SeveralQuotesOut({"results": rows, "self_fen": found.self_fen, "token": found.token}).data)


def quote_shown(priced: Quote) -> dict[str, Any]:
    """As ``QuoteOut`` takes it."""
    decision = priced.decision
    quota = None
    if priced.quota_unit is not None:
        quota = {"unit": priced.quota_unit, "left": priced.quota_left, "resets_on": priced.resets_on}
    return {
        "fee_fen": decision.fee_fen,
        "subsidy_fen": decision.subsidy_fen,
        "self_fen": decision.self_fen,
        "lines": [line.to_json() for line in decision.lines],
        "quota": quota,
        "expires_at": priced.expires_at,
        "token": priced.token,
    }
