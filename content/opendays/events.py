"""An open day as search engines read it (schema.org/Event): hours, place, programme, whether it is on. Nothing of who comes."""

from typing import Any

from django.utils.safestring import SafeString

from content.events import SCHEMA, as_data, head_data, moment_data
from content.opendays.models.days import OpenDay, Session
from content.opendays.selectors import Shown
from content.opendays.states import DayState
from tenancy.models import Tenant
from ui.public import PublicHead


def open_day_data(shown: Shown | None, head: PublicHead | None, school: Tenant | None) -> SafeString | None:
    """None where the page is not to be found (``ui.public``), and for a page whose rows are gone."""
    if shown is None or head is None or school is None:
        return None
    day = shown.day
    place = {"@type": "Place", "name": school.name, "address": day.entrance}
    return as_data(
        {
            **head_data(head),
            **_hours(day, day),
            "name": str(head.title),
            "eventAttendanceMode": f"{SCHEMA}/OfflineEventAttendanceMode",
            "location": place,
            "organizer": {
                "@type": "Organization",
                "name": school.name,
                "url": head.address.split("/open-days/")[0] + "/",
            },
            "subEvent": [
                {
                    "@type": "Event",
                    "name": each.title,
                    **_hours(each, day),
                    "location": {**place, "name": each.place or school.name},
                }
                for each in shown.sessions
                if not each.is_entry
            ],
        }
    )


def _hours(part: OpenDay | Session, day: OpenDay) -> dict[str, Any]:
    status = "EventCancelled" if day.state == DayState.CALLED_OFF else "EventScheduled"
    return {
        "startDate": moment_data(part.starts_at),
        "endDate": moment_data(part.ends_at),
        "eventStatus": f"{SCHEMA}/{status}",
    }
