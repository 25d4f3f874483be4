"""``partner/cards/``: what an institution is handed on, opened, and its answer (6.3)."""

import json
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import PAGES, page_of
from api.serializers import Choice, Day, EmptySerializer, StrictSerializer, Text
from api.views import BaseView
from kernel.errors import NotFound
from referrals.access import in_school_of, institution_of
from referrals.api.shapes import checked
from referrals.liaison.api.cards import GOES_ON, OUTCOMES, PURPOSES, STATES, CardAnswerOut, CardItemOut, pages_of
from referrals.liaison.models import HandOnCard
from referrals.liaison.models.card import MAX_ADVICE
from referrals.liaison.selectors import state_there
from referrals.liaison.workflow.handing_on import open_card
from referrals.liaison.workflow.reporting import report
from tenancy.models import Tenant
from tenancy.scope import use_partner


class CardAnswerIn(StrictSerializer):
    """What became of it, who goes on, what the school can do, and from when work as before is expected."""

    outcome = Choice(OUTCOMES)
    goes_on = Choice(GOES_ON)
    advice = Text(required=False, allow_blank=True, max_length=MAX_ADVICE)
    back_on = Day(required=False, allow_null=True)


class TheirBriefOut(serializers.Serializer[Any]):
    """A card for this institution; whom it is about stands inside."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(STATES)
    purpose = serializers.ChoiceField(PURPOSES)
    sent_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField()


class TheirCardOut(TheirBriefOut):
    """Opened: the items that the person agreed to, and no other."""

    items = CardItemOut(many=True)


TheirCardPage = pages_of(TheirBriefOut, "TheirCardPage")


class _TheirView(BaseView):
    permissions: ClassVar = {"GET": "card.read", "POST": "card.read"}

    def card(self, card_id: UUID) -> HandOnCard:
        """Through the institution's own wall."""
        with use_partner(institution_of(self.actor)):
            found = HandOnCard.objects.filter(pk=card_id).first()
        if found is None:
            raise NotFound
        return found


def _theirs(card: HandOnCard) -> dict[str, Any]:
    return {
        "id": card.pk,
        "number": card.number,
        "state": state_there(card),
        "purpose": card.purpose,
        "sent_at": card.sent_at,
        "read_at": card.read_at,
        "until": card.until,
    }


class TheirCardsView(_TheirView):
    """Cards of every school for this institution, newest first, without a name."""

    @extend_schema(operation_id="partner_cards_list", parameters=[*PAGES], responses=TheirCardPage)
    def get(self, request: Request) -> Response:
        """One page."""
        with use_partner(institution_of(self.actor)):
            rows, following = page_of(request, HandOnCard.objects.all(), order=("-sent_at", "-id"))
        return Response({"results": TheirBriefOut([_theirs(row) for row in rows], many=True).data, "next": following})


class TheirCardOpenView(_TheirView):
    """The office opens a card."""

    act = "card.open"

    @extend_schema(operation_id="partner_cards_open", request=EmptySerializer, responses=TheirCardOut)
    def post(self, request: Request, card_id: UUID) -> Response:
        """The first time is told to the person, each is recorded; no answer of it is kept for a repeat."""
        checked(EmptySerializer(data=request.data))
        found = self.card(card_id)
        with in_school_of(found):
            opened = open_card(actor=self.actor, card_id=found.pk)
        words: dict[str, str] = json.loads(opened.body) if opened.body else {}
        items = [{"item": name, "text": text, "goes": True} for name, text in words.items()]
        return Response(TheirCardOut({**_theirs(opened), "items": items}).data)


class TheirCardReportView(_TheirView):
    """The return report; it is sent once."""

    act = "card.report"

    @extend_schema(operation_id="partner_cards_report", request=CardAnswerIn, responses={201: CardAnswerOut})
    @idempotent
    def post(self, request: Request, card_id: UUID) -> Response:
        """The school's centre and the person read it."""
        said = checked(CardAnswerIn(data=request.data))
        found = self.card(card_id)
        with in_school_of(found) as tenant_id:
            tenant = Tenant.objects.get(pk=tenant_id)
            done = report(actor=self.actor, tenant=tenant, card_id=found.pk, **said)
        return Response(CardAnswerOut(done).data, status=201)
