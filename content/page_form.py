"""What an editor fills in for a page. Apart from the pictures' form: models need it before models stand."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from content.scheduled import DATES, is_past


class SchoolPageForm(WagtailAdminPageForm):
    """A date that has passed is no wish for what comes, and Wagtail would refuse to save the page because of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DATES:
            if is_past(getattr(self.instance, name)):
                setattr(self.instance, name, None)
                self.initial[name] = None
