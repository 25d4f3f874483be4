"""``gateway/receipts/`` and ``gateway/answers/``: the message gateway tells what became of a message, and what was answered.

Signed, by nobody who signs in.
"""

import re
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import BodyTooLarge
from api.host import host_request
from api.serializers import Choice, Moment, StrictSerializer, Text
from api.views import BaseView
from kernel.errors import Invalid
from notifications import signing
from notifications.answers import MOST, Answer, AnswerKind, Source, take_answer
from notifications.models import Delivery
from notifications.receipts import take_receipt

MAX_BYTES = 10_000
KEYS = re.compile(r"^[0-9*#]{1,8}$", re.ASCII)
SIGNED = [
    OpenApiParameter(signing.TIMESTAMP, int, OpenApiParameter.HEADER, required=True),
    OpenApiParameter(signing.SIGNATURE, str, OpenApiParameter.HEADER, required=True),
]


class ReceiptIn(StrictSerializer):
    """``key`` as it came with the message; ``at`` is the gateway's time."""

    key = Text(max_length=220)
    state = Choice(choices=Delivery.choices)
    at = Moment()


class AnswerIn(StrictSerializer):
    """``key`` as it came with the message. ``value``: the keys that were pressed, or what was replied."""

    key = Text(max_length=220)
    kind = Choice(choices=[(kind.value, kind.value) for kind in (AnswerKind.KEY, AnswerKind.REPLY)])
    value = Text(max_length=MOST)
    at = Moment()
    also: ClassVar = {
        "oneOf": [
            {"properties": {"kind": {"const": "key"}, "value": {"pattern": KEYS.pattern}}},
            {"properties": {"kind": {"const": "reply"}}},
        ]
    }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Pressed keys are keys of a telephone."""
        if attrs["kind"] == AnswerKind.KEY and not KEYS.fullmatch(attrs["value"]):
            raise Invalid("out_of_range", fields=(("value", "out_of_range", "0-9 * #"),))
        return attrs


class SignedView(BaseView):
    """What the gateway calls: on the platform's host for every school, on a school's for its own."""

    public: ClassVar = True
    authentication_classes = ()  # type: ignore[assignment]  # nobody signs in: the call itself is signed

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The signature comes before everything that reads: a stranger learns nothing from how a body is refused."""
        super().initial(request, *args, **kwargs)
        if request.method != "POST":
            return
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdigit() or int(length[:20]) > MAX_BYTES:
            raise BodyTooLarge(limit=MAX_BYTES)
        signing.check(
            request._request.body,
            timestamp=request.headers.get(signing.TIMESTAMP, ""),
            signature=request.headers.get(signing.SIGNATURE, ""),
        )


class ReceiptsView(SignedView):
    """Receipts of the gateway."""

    @extend_schema(operation_id="gateway_receipts_create", request=ReceiptIn, responses={204: None}, parameters=SIGNED)
    def post(self, request: Request) -> Response:
        """204, also for one that is known already; 401 unsigned, 404 for a key nobody was given."""
        receipt = ReceiptIn(data=request.data)
        receipt.is_valid(raise_exception=True)
        said = receipt.validated_data
        take_receipt(key=said["key"], said=said["state"], at=said["at"], host=host_request(request).tenant)
        return Response(status=204)


class AnswersView(SignedView):
    """Pressed keys and replies."""

    @extend_schema(operation_id="gateway_answers_create", request=AnswerIn, responses={204: None}, parameters=SIGNED)
    def post(self, request: Request) -> Response:
        """204 when it was taken, also when it was given before; 401 unsigned, 404 for a key nobody was given."""
        given = AnswerIn(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        answer = Answer(said["key"], AnswerKind(said["kind"]), said["value"], said["at"], Source.GATEWAY)
        take_answer(answer, host=host_request(request).tenant)
        return Response(status=204)
