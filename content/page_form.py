"""The form of a page in the admin. In a module of its own because ``content.models`` imports it."""

from typing import Any, Final

from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm

from content.scheduled import DATES, is_past

REVIEW: Final = frozenset({"reviewed_by", "reviewed_on"})


class SchoolPageForm(WagtailAdminPageForm):
    """Drops scheduled dates that have passed, for which Wagtail would refuse to save the page.

    A copy from the library asks who reviewed it, before it is published; Wagtail asks less of a draft. What is called ready
    has a text.
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

    def clean(self) -> dict[str, Any]:
        """A draft without a text is not ready to be read: a draft may be saved empty, but nobody is asked to check nothing."""
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("is_ready") and "body" in self.fields and not cleaned.get("body"):
            self.add_error("is_ready", _("There is nothing to read yet. Write the text first, then tick this."))
        return cleaned
