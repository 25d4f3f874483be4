"""Pages of content that are not Wagtail pages: search, and the pictures' files."""

from pathlib import PurePath

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Page

from accounts.access import role_required
from accounts.actor import ActingRequest
from content.found import Found, Hit, hits, pages_found, services_named, synonyms_of
from content.hosts import edits_for, reads_drafts, school_site
from content.library import library_home, library_pages, library_stock, open_library, taken_by
from content.models import SchoolImage, SchoolRendition, TipPage
from content.shown import is_shown
from content.synonyms import ways_to_ask
from ui.lists import ListPage, page_of
from ui.navigation import at_desk

PER_PAGE = 10
LONGEST_QUERY = 60


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Published pages of the host's school for ``?q=``, ten at a time, and before them its services of that name."""
    school = school_site(request)
    home = school.site.root_page
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    asked = ways_to_ask(query, synonyms_of(school)) if query else []
    found: Found | tuple[()] = pages_found(home, asked) if asked else ()
    results: ListPage[Hit] = page_of(found, request.GET.get("page"), PER_PAGE, lambda rows: hits(rows, asked))
    services = services_named(asked, school.tenant) if asked and results.number == 1 else []
    context = {"query": query, "results": results, "services": services, "count": results.counted + len(services)}
    return render(request, "content/search.html", context)


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture of the host's school in one of its sizes, while a published page shows it; as it was uploaded for the
    school's editors only.

    The name holds a secret, still belongs to one school only, and opens nothing once nobody shows the picture any more.
    """
    school = school_site(request)
    sizes = SchoolRendition.objects.select_related("image")
    size = sizes.filter(file=name, image__collection=school.collection_id).first()
    if size is not None and (reads_drafts(request, school) or is_shown(size.image, school.site.root_page.path)):
        return _given(request, size, "private, max-age=60")  # as long as a page is kept
    original = SchoolImage.objects.filter(file=name, collection=school.collection_id)
    if size is None and edits_for(request, school) and (picture := original.first()):
        return _given(request, picture, "private, no-store")
    raise Http404


def _given(request: HttpRequest, picture: SchoolRendition | SchoolImage, kept: str) -> HttpResponseBase:
    """The file, or 304 for who has it: a new file has a new name, so the name says which it is."""
    tag = f'"{PurePath(picture.file.name or "").stem}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag)
    if response is None:
        try:
            response = FileResponse(picture.file.open("rb"))
        except FileNotFoundError as error:
            raise Http404 from error
    response["ETag"] = tag
    response["Cache-Control"] = kept
    # Scripts inside a picture never run.
    response["Content-Security-Policy"] = "default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
@role_required("library.edit")
def operator_library(request: ActingRequest) -> HttpResponse:
    """What the operator's library offers, and in how many schools each page stands. No school is named."""
    taken = taken_by()
    page: ListPage[Page] = page_of(library_pages().specific(defer=True), request.GET.get("page"), PER_PAGE * 2)
    rows = [(found, isinstance(found, TipPage), taken[found.pk]) for found in page]
    context = at_desk(request, "operator", home=library_home(), stock=library_stock(), rows=rows, page=page)
    return render(request, "content/operator_library.html", context)


@require_POST
@role_required("library.edit")
def operator_library_open(request: ActingRequest) -> HttpResponse:
    """Makes the library's tree where an older installation has none. Twice is the same as once."""
    open_library(request.tenant)
    return redirect("operator_library")
