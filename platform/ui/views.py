"""Pages of the design system: help, and in development the gallery of all components."""

from calendar import Calendar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.views import i18n
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.refused import refused_as
from kernel.clock import local_day, now
from ui import gallery as samples
from ui.page_cache import keep


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """``/help/``: whom to ring now, with the school's own line. No script, no sign-in, no query."""
    response = render(request, "ui/help.html")
    tenant = getattr(request, "tenant", None)
    return keep(response, tenant) if tenant else response


@csrf_exempt
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Django's switch, without a token: it sets a language and nothing else, so a foreign form can do no harm.

    Public pages are kept for everybody (``ui.page_cache``) and can hold no secret of one request.
    """
    return i18n.set_language(request)


@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """``/month/``: a calendar of this month and nothing else. "Leave quickly" leads here.

    It says neither who looks nor where it belongs: no name, no school, no help bar, no query.
    """
    today = local_day(now())
    context = {"today": today, "weeks": Calendar().monthdatescalendar(today.year, today.month)}
    return render(request, "ui/month.html", context)


@require_safe
def gallery(request: HttpRequest, screen: str = "parts") -> HttpResponse:
    """``/ui/gallery/<screen>/``: every part with long Chinese content. 404 unless DEBUG."""
    if not settings.DEBUG or screen not in samples.SCREENS:
        raise Http404
    template, status = samples.SCREENS[screen]
    return render(request, template, samples.context_for(screen, request), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """``CSRF_FAILURE_VIEW``: the page was open for too long. The reason is for developers, not for people.

    A method that no page takes is answered as such (405): it never came from a form of ours that grew old.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    response = render(request, "403_csrf.html", status=403)
    refused_as(response, "csrf_failed")
    return response
