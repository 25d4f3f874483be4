"""Names of the notifications app's closed lists in the OpenAPI document."""

from notifications.answers import AnswerKind
from notifications.models import Delivery

ENUMS = {"DeliveryEnum": Delivery, "AnswerKindEnum": (AnswerKind.KEY.value, AnswerKind.REPLY.value)}
