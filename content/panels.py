"""What stands between the fields of a page: where a copy comes from, and what to look at before it is published."""

from typing import Any

from wagtail.admin.panels import FieldPanel, Panel

from content.textchecks import findings_of
from tenancy.models import TenantKind


class OriginPanel(Panel):
    """Shown on a copy only; it asks for nothing. Without a heading Wagtail's script for the page's outline fails."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "content/cms/origin.html"

        def is_shown(self) -> bool:
            return getattr(self.instance, "adopted_from_id", None) is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "page": self.instance}


class FindingsPanel(Panel):
    """What the checks of a text found in the newest draft; it asks for nothing."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "content/cms/findings.html"

        def is_shown(self) -> bool:
            return self.instance.pk is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return {**context, "page": self.instance, "findings": findings_of(self.instance)}


class OfferPanel(FieldPanel):
    """Shown to an education bureau, on what it has written itself: nobody else's tick would offer anything."""

    class BoundPanel(FieldPanel.BoundPanel):
        def is_shown(self) -> bool:
            tenant = getattr(self.request, "tenant", None)
            is_bureau = tenant is not None and tenant.kind == TenantKind.DISTRICT
            return is_bureau and not self.instance.was_adopted and super().is_shown()
