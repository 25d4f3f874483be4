"""What stands above the fields of a page that was taken from the library: where it comes from, and whether it is old."""

from typing import Any

from wagtail.admin.panels import Panel


class OriginPanel(Panel):
    """Shown on a copy only; it asks for nothing. Without a heading Wagtail's script for the page's outline fails."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "content/cms/origin.html"

        def is_shown(self) -> bool:
            return getattr(self.instance, "adopted_from_id", None) is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "page": self.instance}
