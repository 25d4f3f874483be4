"""``/picture.png``: a school's picture as chat windows and posters show it."""

from typing import Any, Final

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from content.artwork.png import card
from content.artwork.scene import scene_of

_KEPT_SECONDS: Final = 30 * 86_400
_DRAWN: Final = 1
"""Raised when the pictures are drawn otherwise: what is kept under an older number is not shown any more."""


@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """The picture of the host's school, 1200 × 630. Http404 on a host without a school."""
    tenant: Any = getattr(request, "tenant", None)
    if tenant is None or getattr(request, "on_platform", False):
        raise Http404
    scene = scene_of(tenant.slug, tenant.kind)
    key = f"artwork:{_DRAWN}:{scene.hall}:{scene.tree}:{scene.ground}:{scene.tone}:{scene.seed}".replace(" ", "-")
    drawn = cache.get_or_set(key, lambda: card(scene), _KEPT_SECONDS)
    response = HttpResponse(drawn, content_type="image/png")
    response["Cache-Control"] = "public, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response
