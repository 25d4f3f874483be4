"""Turns refusals into pages, and gives ``/cms/`` the content security policy that Wagtail's admin needs."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import brake
from accounts.refused import one_request, remember
from kernel.errors import AlreadyDone, DomainError, Invalid, NotFound
from ui import csp
from ui.addresses import gettable_parent
from ui.refusals import explain
from ui.refused import note_refusal, status_of

GetResponse = Callable[[HttpRequest], HttpResponse]
_API_PREFIX = "/api/"
_FORM = "application/x-www-form-urlencoded"
_ALREADY_DONE = "already_done"
_NEVER_SHUT = ("/help/", "/report/", "/accounts/logout/")
"""Whoever needs help, or wants to go, is not asked how often they were refused."""
MAX_UPLOAD = 25 * 1024 * 1024
"""Bytes of a form with files. The longest file that any page takes is a staff list of 20 MB."""
_READS_PAST = "/report/"
"""Whoever tells of a danger is not sent back for the length of a photograph: the page reads past it (chain §1)."""


def _came_from(request: HttpRequest) -> str:
    """The page before, if it is ours; else the first page. Only to draw a link."""
    before = request.headers.get("referer", "")
    safe = url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure())
    return before if safe else "/"


class ReadableRequestMiddleware:
    """NUL goes no further, because no database and no file can be asked for it: an address that holds one is nowhere,
    a cookie that does (``\\000`` in quotes, once read) was never sent.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        for name in [name for name, value in request.COOKIES.items() if "\x00" in value]:
            del request.COOKIES[name]
        return self.get_response(request)


class DomainErrorMiddleware:
    """A ``DomainError`` that rises out of a view becomes a page with its status; so does a form that is not worth
    reading, and one refusal too many. What is refused is counted and leaves its row in the record. ``/api/`` has its
    own ways (``api.problem``, ``api.views``).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_API_PREFIX):
            return self.get_response(request)
        with one_request():
            response = _flooding(request) or _unreadable(request) or self.get_response(request)
            note_refusal(request, response)
            status = status_of(response)
        if actor := getattr(request, "actor", None):
            brake.count(str(actor.user_id), status)
        return _taken(request, response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for ``exception``; None for anything else. Missing and foreign look the same (rules §5)."""
        if not isinstance(exception, DomainError) or request.path.startswith(_API_PREFIX):
            return None
        remember(exception)
        if isinstance(exception, NotFound):
            return render(request, "404.html", status=404)
        fields = exception.fields if isinstance(exception, Invalid) else ()
        code = _ALREADY_DONE if isinstance(exception, AlreadyDone) else exception.reason
        context = {
            "explanation": explain(code, exception.params),
            "fields": [explain(code).title for _field, code, _detail in fields],
            "back_url": _came_from(request),
        }
        return render(request, "ui/refusal.html", context, status=exception.status)


def _flooding(request: HttpRequest) -> HttpResponse | None:
    """A page instead of one more refusal, for a person who was refused without end in this minute."""
    actor = getattr(request, "actor", None)
    if actor is None or request.path.startswith(_NEVER_SHUT) or not brake.is_spent(str(actor.user_id)):
        return None
    response = _page(request, "too_many", 429)
    response.headers["Retry-After"] = str(brake.seconds_left())
    return response


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    """A page instead of a form that is too long, or written in another alphabet than UTF-8; its body is not touched.

    Django raises for both only when the form is looked at, and its own error page looks at the form once more.
    """
    if request.method != "POST":
        return None
    is_plain = request.content_type == _FORM
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if is_plain and charset not in ("utf-8", "utf8"):
        return _page(request, "malformed", 415)
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE if is_plain else MAX_UPLOAD
    reads_past = not is_plain and request.path.startswith(_READS_PAST)
    if length.isdigit() and int(length[:20]) > limit and not reads_past:
        return _page(request, "too_large", 413)
    return None


def _taken(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Never the browser's own page: Back, a reload or another language may GET an address that only takes a POST, and
    are led to the page it belongs to; any other wrong method gets a page of ours (with ``Allow``).
    """
    if response.status_code != 405 or response.content:
        return response
    if request.method in ("GET", "HEAD"):
        return redirect(gettable_parent(request.path))
    page = _page(request, "method_not_allowed", 405)
    page.headers["Allow"] = response.headers.get("Allow", "")
    return page


def _page(request: HttpRequest, code: str, status: int) -> HttpResponse:
    context = {"explanation": explain(code), "fields": [], "back_url": _came_from(request)}
    return render(request, "ui/refusal.html", context, status=status)


class ContentSecurityMiddleware(ContentSecurityPolicyMiddleware):
    """Django's policy with a nonce on every page; the relaxed one on ``/cms/`` only (experience §Budgets)."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Adds the header. A view's own ``csp_override`` still wins."""
        if request.path.startswith(csp.CMS_PREFIX) and not hasattr(response, "_csp_config"):
            response._csp_config = csp.CMS  # type: ignore[attr-defined]
        return super().process_response(request, response)
