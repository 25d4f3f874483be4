"""``partner/redemptions/``: look at a voucher, spend it, give it back (rules §2)."""

from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import HEADER, idempotent
from api.serializers import Choice, Moment, StrictSerializer, Text, Whole
from api.views import BaseView
from kernel.clock import end_of_day, start_of_day
from kernel.errors import DomainError
from referrals.access import in_school_of, partner_redemption
from referrals.api import enums
from referrals.api.shapes import ServiceBrief, SpanOut, checked, shown
from referrals.codes import MAX_TEXT
from referrals.models import Redemption
from referrals.workflow.noted import Noted
from referrals.workflow.offline_marks import take_note
from referrals.workflow.redeeming import Prepared, prepare, redeem, reverse
from tenancy.models import Tenant

MOST_OFF_MS: Final = 86_400_000
"""A device whose clock is more than a day off says nothing about when something was noted."""


class SecretIn(StrictSerializer):
    """Exactly one of the twelve digits and the token of the QR code (its address will do)."""

    also: ClassVar = {"oneOf": [{"required": ["code"]}, {"required": ["token"]}]}

    code = Text(required=False, max_length=MAX_TEXT)
    token = Text(required=False, max_length=MAX_TEXT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("code" in attrs) == ("token" in attrs):
            raise ValidationError({"code": [serializers.ErrorDetail("code / token", "required")]})
        return attrs


class RedeemIn(SecretIn):
    """``units`` is 1 unless told otherwise."""

    units = Whole(required=False, min_value=1, max_value=60)


class NotedIn(RedeemIn):
    """``noted_at``: when it was noted, by the device's clock; ``clock_off_ms``: server minus device at their last contact."""

    noted_at = Moment()
    clock_off_ms = Whole(min_value=-MOST_OFF_MS, max_value=MOST_OFF_MS)


class ReverseIn(StrictSerializer):
    """Why it is taken back."""

    reason = Choice(enums.REVERSE)


class PreparedOut(serializers.Serializer[Any]):
    """What the voucher is good for. ``self_fen`` is what the counter collects for the next unit."""

    voucher = serializers.UUIDField()
    number = serializers.CharField()
    service = ServiceBrief()
    units = serializers.IntegerField()
    units_left = serializers.IntegerField()
    subsidy_fen = serializers.IntegerField()
    self_fen = serializers.IntegerField()
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    booking = SpanOut(allow_null=True)
    card = serializers.CharField(allow_blank=True)


class RedeemedUnitOut(serializers.Serializer[Any]):
    """One unit; each can be taken back by itself."""

    id = serializers.UUIDField()
    subsidy_fen = serializers.IntegerField()
    self_fen = serializers.IntegerField()


class RedeemedOut(RedeemedUnitOut):
    """What was spent: sums in fen over ``units``. ``id`` is the first unit's, ``redemptions`` names each."""

    voucher = serializers.UUIDField()
    redeemed_at = serializers.DateTimeField()
    units = serializers.IntegerField()
    redemptions = RedeemedUnitOut(many=True)


class NotedOut(serializers.Serializer[Any]):
    """``redeemed`` is null where the note came too late to count: then both are asked whether ``booking`` took place."""

    redeemed = RedeemedOut(allow_null=True)
    booking = serializers.UUIDField(allow_null=True)


class ReversedOut(RedeemedUnitOut):
    """A redemption that was taken back."""

    voucher = serializers.UUIDField(source="voucher_id")
    state = serializers.ChoiceField(enums.REDEMPTION_STATES)
    redeemed_at = serializers.DateTimeField()
    reversed_at = serializers.DateTimeField()
    reason = serializers.ChoiceField(enums.REVERSE, source="reverse_reason")


def _secret(data: dict[str, Any]) -> str:
    return str(data.get("code") or data["token"])


def _prepared(found: Prepared) -> dict[str, Any]:
    voucher, booking = found.voucher, found.booking
    with in_school_of(voucher) as tenant_id:  # the card is sealed with its school's key
        zone, card = Tenant.objects.get(pk=tenant_id).time_zone, booking.card if booking else ""
    return {
        "voucher": voucher.pk,
        "number": voucher.number,
        "service": found.service,
        "units": voucher.units,
        "units_left": voucher.units_left,
        "subsidy_fen": found.subsidy_fen,
        "self_fen": found.self_fen,
        "valid_from": start_of_day(voucher.valid_from, zone),
        "valid_until": end_of_day(voucher.valid_until, zone),
        "booking": booking,
        "card": card,
    }


def _redeemed(taken: list[Redemption]) -> dict[str, Any]:
    first = taken[0]
    return {
        "id": first.pk,
        "voucher": first.voucher_id,
        "redeemed_at": first.redeemed_at,
        "subsidy_fen": sum(unit.subsidy_fen for unit in taken),
        "self_fen": sum(unit.self_fen for unit in taken),
        "units": len(taken),
        "redemptions": taken,
    }


class PrepareView(BaseView):
    """Look without spending. Every look is logged, a refused one too."""

    act = "voucher.prepare"
    permissions: ClassVar = {"POST": "partner.redeem"}

    @extend_schema(operation_id="partner_redemptions_prepare", request=SecretIn, responses={200: PreparedOut})
    def post(self, request: Request) -> Response:
        """What to collect, or the reason code: 404 ``unknown``, 409 ``already_redeemed``, 422 others."""
        data = checked(SecretIn(data=request.data))
        return Response(PreparedOut(_prepared(prepare(actor=self.actor, text=_secret(data)))).data)


class RedemptionsView(BaseView):
    """Spend. A refusal is raised after its transaction was committed, so that the log of scans keeps it."""

    act = "voucher.redeem"
    permissions: ClassVar = {"POST": "partner.redeem"}
    refusal: DomainError | None = None

    @extend_schema(operation_id="partner_redemptions_create", request=RedeemIn, responses={201: RedeemedOut})
    def post(self, request: Request) -> Response:
        """One unit, one success, however many try. Refusals as ``prepare``."""
        answer: Response = self.spend(request)
        if self.refusal is not None:
            raise self.refusal
        return answer

    @idempotent
    def spend(self, request: Request) -> Response:
        """The act itself, once per key."""
        data = checked(RedeemIn(data=request.data))
        try:
            taken = redeem(actor=self.actor, text=_secret(data), units=data.get("units", 1))
        except DomainError as error:
            self.refusal = error
            return Response(status=error.status)
        return Response(shown(RedeemedOut, _redeemed(taken)), status=201)


class NotedView(RedemptionsView):
    """What a counter noted while it had no network. Send the note's own id as ``Idempotency-Key``."""

    act = "voucher.note"

    @extend_schema(operation_id="partner_redemptions_noted", request=NotedIn, responses={201: NotedOut})
    def post(self, request: Request) -> Response:
        """Taken like a scan of that moment, on the voucher's days and while the school still takes it."""
        return super().post(request)

    @idempotent
    def spend(self, request: Request) -> Response:
        """The act itself, once per key."""
        data = checked(NotedIn(data=request.data))
        offset = timedelta(milliseconds=data["clock_off_ms"])
        noted = Noted(_client_id(request), data["noted_at"] + offset, offset)
        try:
            taken = take_note(actor=self.actor, text=_secret(data), noted=noted, units=data.get("units", 1))
        except DomainError as error:
            self.refusal = error
            return Response(status=error.status)
        redeemed = _redeemed(taken.redemptions) if taken.redemptions else None
        booking = taken.booking and taken.booking.pk
        return Response(shown(NotedOut, {"redeemed": redeemed, "booking": booking}), status=201)


def _client_id(request: Request) -> UUID:
    """The note's own id, as the header carries it; a new one for a program that sends none."""
    try:
        return UUID(request.headers.get(HEADER, ""))
    except ValueError:
        return uuid4()


class RedemptionReverseView(BaseView):
    """Give back, with a reason, until the settlement closes."""

    act = "voucher.reverse"
    permissions: ClassVar = {"POST": "partner.reverse"}

    @extend_schema(operation_id="partner_redemptions_reverse", request=ReverseIn, responses=ReversedOut)
    @idempotent
    def post(self, request: Request, redemption_id: UUID) -> Response:
        """The unit returns to the voucher."""
        data = checked(ReverseIn(data=request.data))
        with in_school_of(partner_redemption(self.actor, redemption_id)):
            taken_back = reverse(actor=self.actor, redemption_id=redemption_id, reason=data["reason"])
            return Response(ReversedOut(taken_back).data)
