"""``cards/``, ``centre/cards/``: a card from the centre by the person's yes to an institution (6.3)."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import PAGES, page_of
from api.serializers import Choice, EmptySerializer, Id, StrictSerializer, Text
from api.views import BaseView
from audit import record_read
from kernel.clock import now
from kernel.errors import NotFound
from partners.api import PartnerOut
from referrals.api.shapes import checked, tenant_of
from referrals.liaison.card_states import WORDS, CardField, CardPurpose, CardState, ReportNext, ReportOutcome, stands_as
from referrals.liaison.models import HandOn
from referrals.liaison.models.card import MAX_WORDS
from referrals.liaison.selectors import CARDS, record_list
from referrals.liaison.workflow.handing_on import (
    consent,
    refuse,
    revoke,
    withdraw_card,
    words_of,
    write_card,
)
from referrals.liaison.workflow.reporting import report_of

STATES = tuple(each.value for each in CardState)
FIELDS = tuple(each.value for each in CardField)
PURPOSES = tuple(each.value for each in CardPurpose)
OUTCOMES = tuple(each.value for each in ReportOutcome)
GOES_ON = tuple(each.value for each in ReportNext)
_GONE = (CardState.REFUSED, CardState.REVOKED, CardState.WITHDRAWN)


class CardWordsIn(StrictSerializer):
    """What the centre would say, by item; name and telephone are the school's own and not written here."""

    ask = Text(max_length=MAX_WORDS)
    situation = Text(required=False, allow_blank=True, max_length=MAX_WORDS)
    tried = Text(required=False, allow_blank=True, max_length=MAX_WORDS)
    medicines = Text(required=False, allow_blank=True, max_length=MAX_WORDS)
    reach = Text(required=False, allow_blank=True, max_length=MAX_WORDS)


assert set(CardWordsIn().fields) == {field.value for field in WORDS}


class CardIn(StrictSerializer):
    """Who is handed on (``people/``), to which institution, what for."""

    person = Id()
    partner = Id()
    purpose = Choice(PURPOSES)
    words = CardWordsIn()


class CardConsentIn(StrictSerializer):
    """The items that go; ``ask`` always goes along."""

    items = serializers.ListField(child=Choice(FIELDS), max_length=len(FIELDS))


class CardAnswerOut(serializers.Serializer[Any]):
    """The institution's answer."""

    outcome = serializers.ChoiceField(OUTCOMES)
    goes_on = serializers.ChoiceField(GOES_ON)
    advice = serializers.CharField(allow_blank=True)
    back_on = serializers.DateField(allow_null=True)
    written_at = serializers.DateTimeField()


class CardItemOut(serializers.Serializer[Any]):
    """One item as it would be, or was, read. ``goes``: the person said yes to it."""

    item = serializers.ChoiceField(FIELDS)
    text = serializers.CharField(allow_blank=True)
    goes = serializers.BooleanField()


class CardBriefOut(serializers.Serializer[Any]):
    """How one card stands by the dates; ``until`` ends that."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(STATES)
    purpose = serializers.ChoiceField(PURPOSES)
    partner = PartnerOut()
    written_at = serializers.DateTimeField()
    agreed_at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField()


class CardOut(CardBriefOut):
    """With every item, and the answer if there is one."""

    items = CardItemOut(many=True)
    report = CardAnswerOut(allow_null=True)


class CentreBriefOut(CardBriefOut):
    """The same for the centre, with whom it is about."""

    person = serializers.CharField()


class CentreCardOut(CardOut):
    """The same for the centre, with whom it is about; the telephone is not the centre's to read here."""

    person = serializers.CharField()


def pages_of(row: type[serializers.Serializer[Any]], name: str) -> type[serializers.Serializer[Any]]:
    parts = {"results": row(many=True), "next": serializers.CharField(allow_null=True), "__doc__": "One page."}
    return type(name, (serializers.Serializer,), parts)


CardPage = pages_of(CardBriefOut, "CardPage")
CentreCardPage = pages_of(CentreBriefOut, "CentreCardPage")


def _brief(case: HandOn) -> dict[str, Any]:
    return {
        "id": case.pk,
        "number": case.number,
        "state": stands_as(case.state, case.until, now()),
        "purpose": case.purpose,
        "partner": case.partner,
        "person": case.person.name,
        "written_at": case.written_at,
        "agreed_at": case.agreed_at,
        "until": case.until,
    }


def _items(case: HandOn, *, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Until it is answered all that may go, afterwards what goes; nothing once it was refused or taken back."""
    if case.state in _GONE:
        return []
    there = words_of(case)
    names = [name for name in (case.agreed if case.agreed_at else there) if name in there]
    return [
        {"item": name, "text": "" if name in without else there[name], "goes": name in case.agreed} for name in names
    ]


def _whole(case: HandOn, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    return {**_brief(case), "items": _items(case, without=without), "report": report_of(case)}


def _cases() -> QuerySet[HandOn]:
    return HandOn.objects.prefetch_related("partner", "person")


class _MineView(BaseView):
    permissions: ClassVar = {"GET": "card.own", "POST": "card.own"}

    def mine(self) -> QuerySet[HandOn]:
        """Nobody else's."""
        if self.actor.membership_id is None:
            raise NotFound
        return _cases().filter(person_id=self.actor.membership_id)

    def one(self, case_id: UUID) -> Response:
        """As it stands now."""
        case = self.mine().filter(pk=case_id).first()
        if case is None:
            raise NotFound
        return Response(CardOut(_whole(case)).data)


class MyCardsView(_MineView):
    """One's own cards, newest first."""

    @extend_schema(operation_id="cards_list", parameters=[*PAGES], responses=CardPage)
    def get(self, request: Request) -> Response:
        """One page, without what they hold."""
        rows, following = page_of(request, self.mine(), order=("-written_at", "-id"))
        return Response({"results": CardBriefOut([_brief(row) for row in rows], many=True).data, "next": following})


class MyCardView(_MineView):
    """One card."""

    @extend_schema(operation_id="cards_read", responses=CardOut)
    def get(self, request: Request, case_id: UUID) -> Response:
        """Every item as it would be read."""
        return self.one(case_id)


class MyCardConsentView(_MineView):
    """The person's yes, item by item."""

    act = "card.consent"

    @extend_schema(operation_id="cards_consent", request=CardConsentIn, responses=CardOut)
    @idempotent
    def post(self, request: Request, case_id: UUID) -> Response:
        """What is named goes, and nothing else does."""
        items = checked(CardConsentIn(data=request.data))["items"]
        consent(actor=self.actor, tenant=tenant_of(request), case_id=case_id, fields=set(items))
        return self.one(case_id)


class MyCardRefuseView(_MineView):
    """The person's no."""

    act = "card.refuse"

    @extend_schema(operation_id="cards_refuse", request=EmptySerializer, responses=CardOut)
    @idempotent
    def post(self, request: Request, case_id: UUID) -> Response:
        """Nothing goes out; what the centre wrote is deleted."""
        checked(EmptySerializer(data=request.data))
        refuse(actor=self.actor, case_id=case_id)
        return self.one(case_id)


class MyCardRevokeView(_MineView):
    """Taken back before anybody opened it."""

    act = "card.revoke"

    @extend_schema(operation_id="cards_revoke", request=EmptySerializer, responses=CardOut)
    @idempotent
    def post(self, request: Request, case_id: UUID) -> Response:
        """422 ``card_read`` afterwards."""
        checked(EmptySerializer(data=request.data))
        revoke(actor=self.actor, case_id=case_id)
        return self.one(case_id)


class _CentreView(BaseView):
    permissions: ClassVar = {"GET": "card.write", "POST": "card.write"}

    def one(self, case_id: UUID, status: int = 200) -> Response:
        """The look is recorded."""
        case = _cases().filter(pk=case_id).first()
        if case is None:
            raise NotFound
        record_read(actor=self.actor, action="card.read", obj=case)
        return Response(CentreCardOut(_whole(case, without=(CardField.PHONE.value,))).data, status=status)


class CentreCardsView(_CentreView):
    """All of them, newest first. A page of names is a look at each."""

    act = "card.write"

    @extend_schema(operation_id="centre_cards_list", parameters=[*PAGES], responses=CentreCardPage)
    def get(self, request: Request) -> Response:
        """One page, without what they hold."""
        rows, following = page_of(request, _cases(), order=("-written_at", "-id"))
        record_list(self.actor, "card.list", CARDS, rows)
        return Response({"results": CentreBriefOut([_brief(row) for row in rows], many=True).data, "next": following})

    @extend_schema(operation_id="centre_cards_create", request=CardIn, responses={201: CentreCardOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """The person reads it first; nothing goes out."""
        said = checked(CardIn(data=request.data))
        case = write_card(
            actor=self.actor,
            tenant=tenant_of(request),
            person_id=said["person"],
            partner_id=said["partner"],
            purpose=said["purpose"],
            words=said["words"],
        )
        return self.one(case.pk, status=201)


class CentreCardView(_CentreView):
    """One card."""

    @extend_schema(operation_id="centre_cards_read", responses=CentreCardOut)
    def get(self, request: Request, case_id: UUID) -> Response:
        """The look is recorded."""
        return self.one(case_id)


class CentreCardWithdrawView(_CentreView):
    """Taken back before the person answered."""

    act = "card.withdraw"

    @extend_schema(operation_id="centre_cards_withdraw", request=EmptySerializer, responses=CentreCardOut)
    @idempotent
    def post(self, request: Request, case_id: UUID) -> Response:
        """What was written is deleted; the person is told."""
        checked(EmptySerializer(data=request.data))
        withdraw_card(actor=self.actor, case_id=case_id)
        return self.one(case_id)
