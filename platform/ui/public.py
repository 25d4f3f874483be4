"""What search engines and chat windows read of a public page: its title, its summary, its one address, a picture."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.templatetags.static import static
from django.utils.functional import Promise

from tenancy.middleware import HostRequest

CARD: Final = "ui/card.png"
"""Shown where a page has no picture of its own: our mark, 600 × 600 pixels."""
_USUAL_PORTS: Final = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class PublicHead:
    """Drawn by ``ui/components/public_head.html``. ``address`` and ``image`` are whole, on the school's own host."""

    title: str | Promise
    description: str | Promise
    kind: str
    address: str
    image: str


def origin_of(request: HostRequest) -> str:
    """``https://<the school's host>``, from the school's own row: a page that is kept repeats nothing a visitor has typed."""
    scheme = request.scheme or "http"
    port = "" if scheme == "https" or _USUAL_PORTS["http"] == settings.BASE_PORT else f":{settings.BASE_PORT}"
    return f"{scheme}://{request.tenant.host}{port}"


def public_head(
    request: HostRequest,
    *,
    title: str | Promise,
    description: str | Promise,
    path: str = "",
    kind: str = "website",
    image: str = "",
) -> PublicHead | None:
    """For the context of a page that a school shows to everybody, under ``public_head``; it may then be found.

    ``path`` is the page's one address (the request's, without its query, when not given), ``kind`` as Open Graph names it,
    ``image`` the path of a picture of this school. None on the platform's host, and for a page that is looked at before it
    is published: those are never found.
    """
    tenant = getattr(request, "tenant", None)
    if tenant is None or tenant.kind == "platform" or getattr(request, "is_preview", False):
        return None
    origin = origin_of(request)
    return PublicHead(title, description, kind, origin + (path or request.path), origin + (image or static(CARD)))
