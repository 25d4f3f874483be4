"""Who sees a message: its reader, and it names nobody (docs/notifications.md). Found by ``disclosure.table``."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {
    "channel": Thing(of_person=False),
    "message": Thing(own=pgettext_lazy("thing", "messages")),
}

MODELS: Final = {
    "notifications.OutboxMessage": columns(
        "key template channel to_user to_place_kind to_place link state attempts priority next_at claimed_until settled_at"
        " last_error delivery delivery_at created_at",
        to_address_sealed=Facet.EMAIL,
        context=Facet.MESSAGE,
    ),
    "notifications.InboxMessage": columns(
        "membership key template link read_at", created_at=Facet.ACTED, context=Facet.MESSAGE
    ),
    "notifications.Preference": columns("membership kind channels"),
    "notifications.InstanceMark": columns("instance cluster database put_at holds_before"),
    "notifications.ProviderAccount": columns(
        "provider channel callback_number is_active per_minute per_hour per_day tested_at test_result test_tries proven_at",
        hidden="credentials_sealed test_code_sealed",
    ),
    "notifications.ChannelRule": columns("provider channel kind is_allowed template_id"),
}

ROWS: Final[Mapping[Key, Row]] = {
    ("channel", Reader.ADMIN): sees(Facet.WHOLE),
    ("message", Reader.PERSON): sees(Facet.MESSAGE, Facet.NUMBER, Facet.SERVICE, Facet.AGENCY, Facet.ACTED),
    ("message", Reader.CENTRE): sees(Facet.NUMBER, Facet.ACTED),
    ("message", Reader.UNION): sees(Facet.NUMBER, Facet.ACTED),
}

PAGES: Final[Mapping[str, Page]] = {
    **dict.fromkeys(
        ("channels", "channel", "channel_rules", "channel_test", "channel_prove"), shows("channel", Reader.ADMIN)
    ),
    **dict.fromkeys(("messages", "read_all", "read"), shows("message", Reader.PERSON, Reader.CENTRE, Reader.UNION)),
    **silent("preferences api-gateway-receipts api-gateway-answers api-wecom-callback api-aliyun-callback"),
}
