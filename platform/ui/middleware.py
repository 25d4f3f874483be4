"""The edge of every page: refusals become pages, and ``/cms/`` gets the policy Wagtail's admin needs."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from kernel.errors import DomainError, Invalid, NotFound
from ui import csp
from ui.refusals import explain

GetResponse = Callable[[HttpRequest], HttpResponse]
_API_PREFIX = "/api/"


def _came_from(request: HttpRequest) -> str:
    """The page before, if it is ours; else the first page. Only to draw a link."""
    before = request.headers.get("referer", "")
    safe = url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure())
    return before if safe else "/"


class DomainErrorMiddleware:
    """A ``DomainError`` that rises out of a view becomes a page with its status. ``/api/`` has its own (``api.problem``)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for ``exception``; None for anything else. Missing and foreign look the same (rules §5)."""
        if not isinstance(exception, DomainError) or request.path.startswith(_API_PREFIX):
            return None
        if isinstance(exception, NotFound):
            return render(request, "404.html", status=404)
        fields = exception.fields if isinstance(exception, Invalid) else ()
        context = {
            "explanation": explain(exception.reason, exception.params),
            "fields": [explain(code).title for _field, code, _detail in fields],
            "back_url": _came_from(request),
        }
        return render(request, "ui/refusal.html", context, status=exception.status)


class ContentSecurityMiddleware(ContentSecurityPolicyMiddleware):
    """Django's policy with a nonce on every page; the relaxed one on ``/cms/`` only (experience §Budgets)."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Adds the header. A view's own ``csp_override`` still wins."""
        if request.path.startswith(csp.CMS_PREFIX) and not hasattr(response, "_csp_config"):
            response._csp_config = csp.CMS  # type: ignore[attr-defined]
        return super().process_response(request, response)
