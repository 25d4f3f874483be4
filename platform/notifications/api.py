"""``gateway/receipts/``: the message gateway tells what became of a message. Signed, by nobody who signs in."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import BodyTooLarge
from api.serializers import Choice, Moment, StrictSerializer, Text
from api.views import BaseView
from notifications import signing
from notifications.models import Delivery
from notifications.receipts import take_receipt

MAX_BYTES = 10_000


class ReceiptIn(StrictSerializer):
    """``key`` as it came with the message; ``at`` is the gateway's time."""

    key = Text(max_length=220)
    state = Choice(choices=Delivery.choices)
    at = Moment()


class ReceiptsView(BaseView):
    """Receipts of the gateway, on the platform's host for every school, on a school's for its own."""

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

    @extend_schema(
        operation_id="gateway_receipts_create",
        request=ReceiptIn,
        responses={204: None},
        parameters=[
            OpenApiParameter(signing.TIMESTAMP, int, OpenApiParameter.HEADER, required=True),
            OpenApiParameter(signing.SIGNATURE, str, OpenApiParameter.HEADER, required=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """204, also for one that is known already; 401 unsigned, 404 for a key nobody was given."""
        receipt = ReceiptIn(data=request.data)
        receipt.is_valid(raise_exception=True)
        said = receipt.validated_data
        take_receipt(key=said["key"], said=said["state"], at=said["at"], host=request._request.tenant)  # type: ignore[attr-defined]
        return Response(status=204)
