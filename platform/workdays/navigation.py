"""What the calendar adds to the navigation: a page of the school's administration."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import Link

SECTIONS: Final = {
    "school": (
        Link(
            rank=55,
            label=_("School calendar"),
            url="/school/settings/calendar/",
            icon="calendar",
            permission="workday.manage",
        ),
    ),
}
