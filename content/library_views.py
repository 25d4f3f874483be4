"""The library as a school's editors see it: a list to take from, one page to read, and what is newer than the own copy."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.panels import get_edit_handler
from wagtail.models import Page

from accounts.actor import actor_for
from content.found import Found
from content.hosts import school_site
from content.library import bureaus, copies_at, draft_and_newer, library_home, offered_to, take, take_newer
from content.models import GuidelinePage, TipPage
from content.models.sites import HOME_PATH
from kernel.errors import Conflict, NotFound
from ui.lists import page_of
from ui.refusals import explain

PER_PAGE: Final = 20
KINDS: Final[dict[str, type[Page]]] = {"guideline": GuidelinePage, "tip": TipPage}
HERE, MISSING, NEWER = "here", "missing", "newer"


class LibraryFilter(forms.Form):
    """What narrows the library; nothing is required."""

    q = forms.CharField(label=_("Search the library"), required=False, max_length=60)
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("Guidelines and tips")), ("guideline", _("Guidelines")), ("tip", _("Tips for families"))],
    )
    state = forms.ChoiceField(
        label=_("At our school"),
        required=False,
        choices=[
            ("", _("All of them")),
            (MISSING, _("Not taken yet")),
            (HERE, _("Taken")),
            (NEWER, _("Newer version")),
        ],
    )


def frame(request: HttpRequest, title: str | Promise, *above: tuple[str, Any], **context: Any) -> dict[str, Any]:
    """The context of Wagtail's frame: the crumbs ``above`` and the page's own title."""
    crumbs = [{"url": reverse("wagtailadmin_home"), "label": gettext("Home")}]
    crumbs += [{"url": url, "label": label} for url, label in above]
    return {
        "header_title": title,
        "page_title": title,
        "header_icon": "folder-open-1",
        "breadcrumbs_items": [*crumbs, {"url": "", "label": title}],
        **context,
    }


def _library_crumb() -> tuple[str, Any]:
    return reverse("cms_library"), _("Library")


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The published pages of the library and of bureaus, and which of them the school has."""
    form = LibraryFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    school = school_site(request)
    copies, offerers = copies_at(school.site.root_page), bureaus()
    rows = offered_to(school)
    is_empty = not rows.exists()
    if kind := wanted.get("kind"):
        rows = rows.exact_type(KINDS[kind])
    if state := wanted.get("state"):
        newer = [pk for pk, copy in copies.items() if copy.has_newer]
        rows = {
            HERE: rows.filter(pk__in=list(copies)),
            MISSING: rows.exclude(pk__in=list(copies)),
            NEWER: rows.filter(pk__in=newer),
        }[state]
    found: Any = rows.specific()
    if (query := wanted.get("q", "").strip()) and (home := library_home()):
        found = Found(rows, [home.path, *offerers], [query])
    results: Any = page_of(found, request.GET.get("page"), PER_PAGE)
    shelf = [(page, copies.get(page.pk), offerers.get(page.path[:HOME_PATH], "")) for page in results]
    context = frame(request, _("Library"), form=form, shelf=shelf, results=results, is_empty=is_empty)
    return render(request, "content/cms/library.html", context)


@require_safe
def library_page(request: HttpRequest, source_id: int) -> HttpResponse:
    """One page of the library to read before it is taken."""
    school = school_site(request)
    source = offered_to(school).filter(pk=source_id).specific().first()
    if source is None:
        raise NotFound
    copy = copies_at(school.site.root_page).get(source.pk)
    by = bureaus().get(source.path[:HOME_PATH], "")
    context = frame(request, source.title, _library_crumb(), source=source, copy=copy, by=by)
    return render(request, "content/cms/library_page.html", context)


@require_POST
def library_take(request: HttpRequest, source_id: int) -> HttpResponse:
    """Take a page: the draft opens. A second time says that it is already here, and opens that one."""
    try:
        page = take(actor=actor_for(request), user=request.user, source_id=source_id)
    except Conflict as error:
        messages.warning(request, str(explain(error.reason, error.params).title))
        return redirect("cms_library_page", source_id=source_id)
    messages.success(request, gettext("The page is here now, as a draft. Read it, say who reviewed it, and publish."))
    return redirect("wagtailadmin_pages:edit", page.pk)


@require_safe
def library_newer(request: HttpRequest, page_id: int) -> HttpResponse:
    """What the library's present version changes in the school's newest draft, field by field."""
    draft, newer = draft_and_newer(school_site(request), page_id)
    panels = get_edit_handler(type(draft)).get_bound_panel(instance=draft, request=request, form=None)
    compared = [_blank_for_none(comparison(draft, newer)) for comparison in panels.get_comparison()]
    context = frame(
        request,
        _("Newer version"),
        _library_crumb(),
        (reverse("wagtailadmin_pages:edit", args=[draft.pk]), draft.title),
        draft=draft,
        comparison=[difference for difference in compared if difference.has_changed()],
    )
    return render(request, "content/cms/library_newer.html", context)


def _blank_for_none(difference: Any) -> Any:
    """Wagtail writes "None" for a day that is not there."""
    for side in ("val_a", "val_b"):
        if getattr(difference, side, "") is None:
            setattr(difference, side, "")
    return difference


@require_POST
def library_take_newer(request: HttpRequest, page_id: int) -> HttpResponse:
    """Take the library's present version as a draft over the newest one."""
    try:
        take_newer(actor=actor_for(request), user=request.user, page_id=page_id)
    except Conflict as error:
        messages.warning(request, str(explain(error.reason, error.params).title))
    else:
        messages.success(
            request,
            gettext("The newer version is here as a draft. What is published stays until you publish this one."),
        )
    return redirect("wagtailadmin_pages:edit", page_id)
