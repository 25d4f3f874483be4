"""What search engines read of an event beside its page (schema.org/Event), as JSON inside the page."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone_name

from ui.public import PublicHead

_ENDS: Final = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
"""Signs that could end the element in which the JSON stands."""
SCHEMA: Final = "https://schema.org"


def as_data(said: Mapping[str, Any]) -> SafeString:
    """``said`` for an element of its own in a page: no sign of HTML is left in it."""
    return mark_safe(json.dumps(said, ensure_ascii=False).translate(_ENDS))  # noqa: S308 - no sign of HTML is left in it


def head_data(head: PublicHead) -> dict[str, Any]:
    """What every event says: where its page is and what that says of it."""
    return {
        "@context": SCHEMA,
        "@type": "Event",
        "description": str(head.description),
        "url": head.address,
        "image": head.image,
    }


def moment_data(moment: datetime) -> str:
    """ISO 8601 to the minute, with the offset of the zone that is open: the school's."""
    return moment.astimezone(ZoneInfo(get_current_timezone_name())).isoformat(timespec="minutes")


def event_data(page: Any, head: PublicHead | None) -> SafeString | None:
    """Of a ``CampaignPage``, with its activities as parts. None where the page is not to be found (``ui.public``)."""
    if head is None:
        return None
    return as_data(
        {
            **head_data(head),
            "name": page.title,
            "startDate": page.starts_on.isoformat(),
            "endDate": page.ends_on.isoformat(),
            "eventStatus": f"{SCHEMA}/EventScheduled",
            "organizer": {"@type": "Organization", "name": page.contact},
            "subEvent": [_part(block.value) for block in page.activities],
        }
    )


def _part(activity: Any) -> dict[str, Any]:
    part: dict[str, Any] = {
        "@type": "Event",
        "name": activity["title"],
        "startDate": _at(activity["day"], activity["begins"]),
        "location": {"@type": "Place", "name": activity["place"]},
    }
    if activity["ends"]:
        part["endDate"] = _at(activity["day"], activity["ends"])
    return part


def _at(day: date, clock: time) -> str:
    """A wall clock at the school."""
    return moment_data(datetime.combine(day, clock, ZoneInfo(get_current_timezone_name())))
