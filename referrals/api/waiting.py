"""``waitlist/``: lines for times that are full, as the person stands in them (books §4)."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import PAGES, page_of
from api.serializers import Choice, EmptySerializer, Id, Moment, StrictSerializer, Text
from api.views import BaseView
from families.purposes import Purpose
from kernel.clock import now
from kernel.errors import NotFound
from partners.api import PartnerOut
from referrals.api import enums
from referrals.api.referrals import ReferralOut, WishesIn, referral_shown
from referrals.api.shapes import ServiceBrief, checked, tenant_of, wishes_of
from referrals.models import WaitingEntry
from referrals.waiting_states import OPEN
from referrals.workflow.waiting_list import accept_and_send, ahead_of, is_offered, join_waiting, leave_waiting


class WaitingIn(StrictSerializer):
    """A time of a service of which every seat is taken."""

    service = Id()
    starts_at = Moment()


class WaitingOut(serializers.Serializer[Any]):
    """One place in line. ``place`` counts from 1 among the school's own; ``until``: so long the offered seat is kept.

    ``state`` stays ``offered`` after that until it is swept; ``is_offered`` says how it is now.
    """

    id = serializers.UUIDField()
    state = serializers.ChoiceField(enums.WAITING_STATES)
    service = ServiceBrief()
    partner = PartnerOut(source="service.institution")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.IntegerField(allow_null=True)
    is_offered = serializers.BooleanField()
    until = serializers.DateTimeField(allow_null=True)
    joined_at = serializers.DateTimeField()


class WaitingPage(serializers.Serializer[Any]):
    """One page."""

    results = WaitingOut(many=True)
    next = serializers.CharField(allow_null=True)


class WaitlistView(BaseView):
    """Every line in which the caller stands, in the order of joining."""

    act = "waiting.join"
    permissions: ClassVar = {"GET": "referral.own", "POST": "referral.own"}

    @extend_schema(operation_id="waitlist_list", parameters=[*PAGES], responses=WaitingPage)
    def get(self, request: Request) -> Response:
        """One page of what is still to come."""
        mine = _mine(self.actor.membership_id).filter(state__in=OPEN, starts_at__gt=now())
        rows, following = page_of(request, mine, order=("joined_at", "id"))
        return Response({"results": _shown(rows), "next": following})

    @extend_schema(operation_id="waitlist_create", request=WaitingIn, responses={201: WaitingOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Join the line; whose turn it is, is told and has a while to say yes."""
        data = checked(WaitingIn(data=request.data))
        entry = join_waiting(
            actor=self.actor, tenant=tenant_of(request), service_id=data["service"], starts_at=data["starts_at"]
        )
        return Response(_one(self.actor.membership_id, entry.pk), status=201)


class SeatIn(StrictSerializer):
    """The yes to an offered seat sends the request for it. ``token``: that of a quote, then another price is refused."""

    consent = serializers.ListField(child=Choice(Purpose.choices), max_length=len(Purpose.values))
    child = Id(required=False, allow_null=True)
    wishes = WishesIn(required=False)
    token = Text(required=False, max_length=4000)


class WaitlistAcceptView(BaseView):
    """The offered seat is taken."""

    act = "waiting.accept"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="waitlist_accept", request=SeatIn, responses={201: ReferralOut})
    @idempotent
    def post(self, request: Request, entry_id: UUID) -> Response:
        """At today's price; 422 ``too_late`` once the offer has run out. Who declines leaves the line."""
        said = checked(SeatIn(data=request.data))
        made = accept_and_send(
            actor=self.actor,
            tenant=tenant_of(request),
            entry_id=entry_id,
            consent=said["consent"],
            child_id=said.get("child"),
            wishes=wishes_of(said.get("wishes", {})),
            quote_token=said.get("token", ""),
        )
        return Response(referral_shown(made.pk), status=201)


class WaitlistLeaveView(BaseView):
    """Out of the line."""

    act = "waiting.leave"
    permissions: ClassVar = {"POST": "referral.own"}

    @extend_schema(operation_id="waitlist_leave", request=EmptySerializer, responses=WaitingOut)
    @idempotent
    def post(self, request: Request, entry_id: UUID) -> Response:
        """A seat that was offered goes to the next."""
        checked(EmptySerializer(data=request.data))
        entry = leave_waiting(actor=self.actor, entry_id=entry_id)
        return Response(_one(self.actor.membership_id, entry.pk))


def _mine(person_id: UUID | None) -> QuerySet[WaitingEntry]:
    if person_id is None:
        raise NotFound
    return WaitingEntry.objects.select_related("service__institution").filter(person_id=person_id)


def _one(person_id: UUID | None, entry_id: UUID) -> dict[str, Any]:
    return _shown([_mine(person_id).get(pk=entry_id)])[0]


def _shown(entries: list[WaitingEntry]) -> list[dict[str, Any]]:
    moment = now()
    before = ahead_of(entries) if entries else {}
    rows: list[Any] = list(entries)
    for entry in rows:
        entry.is_offered = is_offered(entry, moment)
        entry.place = before[entry.pk] + 1 if entry.state in OPEN else None
    return [dict(WaitingOut(row).data) for row in rows]
