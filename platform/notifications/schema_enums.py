"""Names of the notifications app's closed lists in the OpenAPI document."""

from notifications.models import Delivery

ENUMS = {"DeliveryEnum": Delivery}
