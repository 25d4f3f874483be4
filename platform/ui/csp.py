"""Content Security Policy. ``SECURE_CSP`` is the setting; ``/cms/`` gets ``CMS`` from ``ui.middleware``.

Strict means: nothing inline without the request's nonce, no style attribute, no other host, no frame around us.
"""

from typing import Final

from django.utils.csp import CSP

SECURE_CSP: Final[dict[str, list[str]]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "media-src": [CSP.SELF, "blob:"],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

PREVIEW: Final[dict[str, list[str]]] = {**SECURE_CSP, "frame-ancestors": [CSP.SELF]}
"""Of a page that an editor looks at before it is published: the CMS shows it in a frame of its own."""

CMS_PREFIX: Final = "/cms/"

CMS: Final[dict[str, list[str]]] = {
    # Wagtail's admin writes inline scripts and styles (wagtail#1288), so it cannot live under a nonce.
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "worker-src": [CSP.SELF, "blob:"],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.SELF],
    "object-src": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
}
