"""The schema and its reader, to be included below ``/api/v1/`` before ``UNKNOWN``."""

from django.urls import path, re_path
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.views import UnknownView

# JSON first: what a program gets that names no preference.
_RENDERERS = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(renderer_classes=_RENDERERS), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="api/docs.html"),
        name="api-docs",
    ),
]

UNKNOWN = re_path(r"", UnknownView.as_view(), name="api-unknown")
"""The last pattern below ``/api/v1/``."""
