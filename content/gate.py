"""Middleware in front of Wagtail's admin: an allow list of views; ids must lie in the school's tree (house §Tenancy).

An **allow list**: what a new Wagtail adds is shut until someone has looked at it. Ids in addresses and forms must lie
in the school's own tree or collection. What stays open asks Wagtail's permission policies, and those see the
group of this school only, also for a person who edits for two. Nobody is a member of a group.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import resolve_url
from django.utils.datastructures import MultiValueDictKeyError
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Page

from accounts.actor import Actor, actor_for
from content.hosts import edits_for, is_library, school_site
from content.models import SchoolDocument, SchoolImage, SchoolSite

PREFIX = "/cms/"

_ADMIN = {
    "home", "explore_root", "explore", "explore_results", "choose_page", "choose_page_child", "choose_page_search",
    "choose_page_external_link", "choose_page_email_link", "choose_page_phone_link", "choose_page_anchor_link",
    "dismissibles", "sprite", "javascript_catalog", "logout",
}  # fmt: skip
_PAGES = {
    "add", "preview_on_add", "add_subpage", "edit", "preview_on_edit", "view_draft", "delete", "unpublish", "copy",
    "move", "move_confirm", "set_page_position", "search", "search_results", "history", "history_results",
    "revisions_index", "revisions_view", "revisions_revert", "revisions_unschedule", "revisions_compare", "convert_alias",
    "usage",
}  # fmt: skip
_MEDIA = {"index", "index_results", "add", "edit", "delete", "add_multiple", "edit_multiple", "delete_multiple"}
_CHOOSER = {"choose", "choose_results", "chosen", "create"}

LIBRARY = frozenset(
    {"cms_plan", "cms_library", "cms_library_page", "cms_library_take", "cms_library_newer", "cms_library_take_newer"}
)
"""What a school has and the library has not: its calendar, and where it reads the library and takes pages from it. ``source_id`` is a number of the library's, ``page_id`` of the school's."""

ALLOWED: frozenset[str] = frozenset(
    {f"wagtailadmin_{name}" for name in _ADMIN}
    | {f"wagtailadmin_pages:{name}" for name in _PAGES}
    | {f"wagtail{app}:{name}" for app in ("images", "docs") for name in _MEDIA}
    | {f"wagtail{app}_chooser:{name}" for app in ("images", "docs") for name in _CHOOSER}
    | {"wagtailimages_chooser:select_format", "wagtailimages:image_usage", "wagtaildocs:document_usage"}
    | {"wagtailadmin_editing_sessions:ping", "wagtailadmin_editing_sessions:release"}
    | {"wagtailadmin_api:pages:listing", "wagtailadmin_api:pages:detail", "cms_account"}
    | LIBRARY
)
# The home page carries the site: without it the school has no pages at all.
_NEVER_AT_HOME = {f"wagtailadmin_pages:{name}" for name in ("delete", "unpublish", "move", "move_confirm", "copy")}

# Without this field Wagtail's form fails instead of refusing.
_NEEDED = {"wagtailadmin_choose_page_external_link": "external-link-chooser-url"}

_PAGE_NAMES = {
    "page_id", "parent_page_id", "page_to_move_id", "destination_id", "parent_page", "new_parent_page", "child_of",
    "descendant_of", "ancestor_of", "translation_of", "target_pages[]", "destination_page_id", "campaign",
}  # fmt: skip
_IMAGE_NAMES = {"image_id", "picture", "image"}
_DOCUMENT_NAMES = {"document_id", "doc_id", "document", "video", "captions"}
_COLLECTION_NAMES = {"collection", "collection_id"}
# Values that name no row: an empty choice, and the API's word for the top of what may be seen.
_NO_ID = {"", "root"}


class CmsGateMiddleware:
    """Stands last in the list: the school and the actor are known. Only addresses below ``/cms/`` are touched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """None lets the view answer. Http404 for strangers, shut views and foreign ids."""
        if not request.path.startswith(PREFIX):
            return None
        match = request.resolver_match
        name = match.view_name if match else ""
        if not request.user.is_authenticated:
            if request.headers.get("x-requested-with") == "XMLHttpRequest":
                raise Http404
            # Wagtail's own sign-in form is shut: nobody is sent back to it.
            back = request.get_full_path() if name in ALLOWED else PREFIX
            return redirect_to_login(back, resolve_url(settings.LOGIN_URL))
        school = school_site(request)
        if not edits_for(request, school) or name not in ALLOWED:
            raise Http404
        if name in LIBRARY and is_library(school):
            raise Http404
        if request.method == "POST" and _NEEDED.get(name, "") not in {"", *request.POST}:
            return HttpResponseBadRequest()
        _check_ids(name, kwargs, school)
        _check_values(request, school)
        _narrow(request.user, actor_for(request), school)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A form that lacks the fields Wagtail counts blocks with is a bad request; Wagtail would answer 500."""
        if request.path.startswith(PREFIX) and isinstance(error, MultiValueDictKeyError):
            return HttpResponseBadRequest()
        return None


def _check_ids(name: str, kwargs: dict[str, Any], school: SchoolSite) -> None:
    page_ids = [value for key, value in kwargs.items() if key in _PAGE_NAMES]
    images = [value for key, value in kwargs.items() if key in _IMAGE_NAMES]
    documents = [value for key, value in kwargs.items() if key in _DOCUMENT_NAMES]
    if "pk" in kwargs:
        by_app = {"wagtailimages_chooser": images, "wagtaildocs_chooser": documents}
        by_app.get(name.split(":")[0], page_ids).append(kwargs["pk"])
    if name == "wagtailadmin_editing_sessions:ping":
        if kwargs["app_label"] not in ("content", "opendays", "wagtailcore"):
            raise Http404
        page_ids.append(kwargs["object_id"])
    home = school.site.root_page
    if name in _NEVER_AT_HOME and str(home.pk) in (str(value) for value in page_ids[:1]):
        raise Http404
    # An editor's first page in the explorer is the tree's root; Wagtail sends them on to their own.
    _check_pages(page_ids, home)
    _check_media(SchoolImage, images, school)
    _check_media(SchoolDocument, documents, school)


def _check_values(request: HttpRequest, school: SchoolSite) -> None:
    """Ids that arrive in the query or a form: choosers print the title of whatever they are given."""
    pages: list[str] = []
    images: list[str] = []
    documents: list[str] = []
    for source in (request.GET, request.POST):
        for key in source:
            # Rows of a bulk upload and copies of a form carry a prefix: "image-3-collection".
            bare = key.rsplit("-", 1)[-1]
            values = [value for value in source.getlist(key) if value not in _NO_ID]
            if bare in _PAGE_NAMES:
                pages += values
            elif bare in _IMAGE_NAMES:
                images += values
            elif bare in _DOCUMENT_NAMES:
                documents += values
            elif bare in _COLLECTION_NAMES and any(value != str(school.collection_id) for value in values):
                raise Http404
    _check_pages(pages, school.site.root_page)
    _check_media(SchoolImage, images, school)
    _check_media(SchoolDocument, documents, school)


def _numbers(values: Iterable[Any]) -> set[int]:
    try:
        return {int(value) for value in values}
    except (TypeError, ValueError) as error:
        raise Http404 from error


def _check_pages(values: Iterable[Any], home: Page) -> None:
    ids = _numbers(values) - {home.pk}
    if ids and Page.objects.filter(pk__in=ids, path__startswith=home.path).count() != len(ids):
        raise Http404


def _check_media(model: Any, values: Iterable[Any], school: SchoolSite) -> None:
    ids = _numbers(values)
    if ids and model.objects.filter(pk__in=ids, collection=school.collection_id).count() != len(ids):
        raise Http404


def _narrow(user: Any, actor: Actor, school: SchoolSite) -> None:
    """Fill the caches of Django's and Wagtail's permissions with this school's rows, for this request.

    Nobody stands in the group: the role of a school's editor, or of an operator for the library, is asked at each request,
    so that whoever loses it has lost the pages with it.
    """
    group = school.editors_id
    # The menu greets with it; without it Wagtail draws the e-mail address.
    user.first_name = actor.display_name
    user._perm_cache = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.filter(group=group).values_list("content_type__app_label", "codename")
    }
    user._page_permission_cache = list(
        GroupPagePermission.objects.filter(group=group).select_related("page", "permission")
    )
    user._collection_permission_cache = list(
        GroupCollectionPermission.objects.filter(group=group).select_related("collection", "permission")
    )
