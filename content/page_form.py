"""The form of a page in the admin. In a module of its own because ``content.models`` imports it."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from content.scheduled import DATES, is_past


class SchoolPageForm(WagtailAdminPageForm):
    """Drops scheduled dates that have passed, for which Wagtail would refuse to save the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DATES:
            if is_past(getattr(self.instance, name)):
                setattr(self.instance, name, None)
                self.initial[name] = None
