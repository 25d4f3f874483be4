"""Wagtail's apps without their interface for programs, which the product does not serve.

Each of them ends its ``ready`` by laying out that interface (``wagtail.api.v3``), and loads two more libraries for it:
16 MB of every process. Python has a word for a module that shall not be loaded, and that ends ``ready`` there.
"""

import sys
from typing import TYPE_CHECKING

from wagtail.documents.apps import WagtailDocsAppConfig
from wagtail.images.apps import WagtailImagesAppConfig
from wagtail.snippets.apps import WagtailSnippetsAppConfig

if TYPE_CHECKING:
    from django.apps import AppConfig
else:
    AppConfig = object


class _WithoutApi(AppConfig):
    """Does all that Wagtail's own does but for the interface."""

    def ready(self) -> None:
        unserved = f"{self.name}.api.v3"
        sys.modules[unserved] = None  # type: ignore[assignment]  # "None: shall not be imported"
        try:
            super().ready()
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith(unserved):
                raise


class Documents(_WithoutApi, WagtailDocsAppConfig):
    """Files of the pages."""


class Images(_WithoutApi, WagtailImagesAppConfig):
    """Pictures of the pages."""


class Snippets(_WithoutApi, WagtailSnippetsAppConfig):
    """Texts that several pages share."""
