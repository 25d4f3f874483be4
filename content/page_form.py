"""The form of a page in the admin. In a module of its own because ``content.models`` imports it."""

from typing import Any, Final

from wagtail.admin.forms import WagtailAdminPageForm

from content.scheduled import DATES, is_past

REVIEW: Final = frozenset({"reviewed_by", "reviewed_on"})


class SchoolPageForm(WagtailAdminPageForm):
    """Drops scheduled dates that have passed, for which Wagtail would refuse to save the page.

    A copy from the library asks who reviewed it, before it is published; Wagtail asks less of a draft.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DATES:
            if is_past(getattr(self.instance, name)):
                setattr(self.instance, name, None)
                self.initial[name] = None
        if getattr(self.instance, "was_adopted", False):
            for name in REVIEW & self.fields.keys():
                self.fields[name].required = True
