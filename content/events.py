"""What search engines read of an event beside its page (schema.org/Event), as JSON inside the page."""

import json
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from ui.public import PublicHead

_ENDS: Final = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
"""Signs that could end the element in which the JSON stands."""


def event_data(page: Any, head: PublicHead | None) -> SafeString | None:
    """Of a ``CampaignPage``, with its activities as parts. None where the page is not to be found (``ui.public``)."""
    if head is None:
        return None
    said = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": page.title,
        "description": str(head.description),
        "url": head.address,
        "image": head.image,
        "startDate": page.starts_on.isoformat(),
        "endDate": page.ends_on.isoformat(),
        "eventStatus": "https://schema.org/EventScheduled",
        "organizer": {"@type": "Organization", "name": page.contact},
        "subEvent": [_part(block.value) for block in page.activities],
    }
    return mark_safe(json.dumps(said, ensure_ascii=False).translate(_ENDS))  # noqa: S308 - no sign of HTML is left in it


def _part(activity: Any) -> dict[str, Any]:
    part: dict[str, Any] = {
        "@type": "Event",
        "name": activity["title"],
        "startDate": f"{activity['day']:%Y-%m-%d}T{activity['begins']:%H:%M}",
        "location": {"@type": "Place", "name": activity["place"]},
    }
    if activity["ends"]:
        part["endDate"] = f"{activity['day']:%Y-%m-%d}T{activity['ends']:%H:%M}"
    return part
