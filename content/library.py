"""The operator's library of guidelines and tips, what education bureaus add to it, and how a school takes pages from it.

The library is a tree like a school's, that of the platform's own row: operators write and publish there in the CMS, and
nobody reads it elsewhere, because its site has a name that no request can bear (``LIBRARY_HOST``). What a school takes is a
draft of its own: it says where it comes from, carries no picture and no link of another, and is published when somebody of
the school has reviewed it. A link between two pages of the library leads to the school's own copy, whichever was taken first. A newer version is laid over the newest draft, never over what is read.

A bureau offers pages of its own, public site: they stand in the same list, with its name (ADR 0062).
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.blocks import StreamValue
from wagtail.coreutils import find_available_slug
from wagtail.models import Page

from accounts.actor import Actor, require
from content import richtext
from content.models import GuidelineIndexPage, GuidelinePage, SchoolSite, TipIndexPage, TipPage
from content.models.adopted import LIBRARY_HOST, offered
from content.schools import GUIDELINES, TIPS, create_school_site
from kernel.errors import Conflict, NotFound
from tenancy.models import Tenant, TenantKind

Article = GuidelinePage | TipPage
ARTICLES: Final[tuple[type[Article], ...]] = (GuidelinePage, TipPage)
"""What stands in the library."""
_REVIEW: Final[dict[str, Any]] = {"reviewed_by": "", "reviewed_on": None, "review_by": None}
"""What a copy lacks until the school's own reviewer has written it in. A tip has no next review."""


def open_library(tenant: Tenant) -> None:
    """Make the library's empty tree for the platform's row. Twice is the same as once."""
    if tenant.kind != TenantKind.PLATFORM:
        raise ValueError("the library belongs to the platform")
    if not SchoolSite.objects.filter(tenant=tenant).exists():
        with override(settings.LANGUAGE_CODE):
            create_school_site(tenant=tenant, name=_("Library"), host=LIBRARY_HOST, port=80)


def library_home() -> Page | None:
    """The page above all of the library; None until it is opened."""
    return Page.objects.filter(sites_rooted_here__hostname=LIBRARY_HOST).first()


def library_pages() -> Any:
    """What schools may take: the library's published articles, in the order in which they were written."""
    home = library_home()
    found = Page.objects.live().descendant_of(home).exact_type(*ARTICLES) if home else Page.objects.none()
    return found.order_by("path")


def offered_to(school: SchoolSite) -> Any:
    """What ``school`` may take: the library's articles and those that the bureau of its district offers."""
    return offered(Page.objects.exact_type(*ARTICLES), school.site.root_page.path).order_by("path")


def bureaus() -> dict[str, str]:
    """Names of the education bureaus by the path of their tree. One query."""
    rows = SchoolSite.objects.filter(tenant__kind=TenantKind.DISTRICT)
    return dict(rows.values_list("site__root_page__path", "tenant__name"))


@dataclass(frozen=True, slots=True)
class Copy:
    """A school's copy of a page of the library. ``has_newer``: the library has published another version since."""

    page: Article
    has_newer: bool


def copies_at(home: Page) -> dict[int, Copy]:
    """The school's copies by the number of the library's page. What its newest draft was taken from counts."""
    found: dict[int, Copy] = {}
    there = set(offered(Page.objects.exact_type(*ARTICLES), home.path).values_list("pk", flat=True))
    for model in ARTICLES:
        rows = (
            model.objects.filter(path__startswith=home.path, adopted_from__isnull=False)
            .defer("body")
            .annotate(
                newest=F("adopted_from__live_revision_id"),
                taken=Coalesce(
                    Cast(KeyTextTransform("adopted_revision", "latest_revision__content"), BigIntegerField()),
                    Cast("adopted_revision_id", BigIntegerField()),
                ),
            )
        )
        for row in rows.order_by("path"):
            has_newer = row.adopted_from_id in there and row.newest not in (None, row.taken)
            found[row.adopted_from_id or 0] = Copy(row, has_newer)
    return found


@dataclass(frozen=True, slots=True)
class Stock:
    """How many pages: of the library, or of what a school has taken (``waiting`` of those are not published yet)."""

    guidelines: int
    tips: int
    waiting: int = 0

    @property
    def total(self) -> int:
        return self.guidelines + self.tips


def library_stock() -> Stock:
    """What the library offers now."""
    pages = library_pages()
    return Stock(*(pages.exact_type(model).count() for model in ARTICLES))


def taken_by() -> Counter[int]:
    """In how many schools each page of the library stands, by its number. Numbers alone: no school is named."""
    taken: Counter[int] = Counter()
    for model in ARTICLES:
        taken.update(model.objects.filter(adopted_from__isnull=False).values_list("adopted_from_id", flat=True))
    return taken


def taken_stock(tenant: Tenant) -> Stock:
    """What the school has taken. No title: that is for the school's own people."""
    site = SchoolSite.objects.select_related("site__root_page").filter(tenant=tenant).first()
    if site is None:
        return Stock(0, 0)
    path = site.site.root_page.path
    live = [
        list(model.objects.filter(path__startswith=path, adopted_from__isnull=False).values_list("live", flat=True))
        for model in ARTICLES
    ]
    return Stock(len(live[0]), len(live[1]), sum(not is_live for rows in live for is_live in rows))


@transaction.atomic
def take(*, actor: Actor, user: Any, source_id: int) -> Article:
    """Copy one page that is offered into the school's pages, as a draft; ``user`` stands in its history.

    Needs ``cms.edit``. NotFound for a page that nobody offers; Conflict ``library_taken`` for one that stands
    at the school already, published or not.
    """
    require(actor, "cms.edit")
    school = _locked(actor.tenant_id)
    source = offered_to(school).filter(pk=source_id).specific().first()
    if source is None:
        raise NotFound
    words = _words_for(school)
    if source.pk in words.own:
        raise Conflict("library_taken")
    page = _copy(school, source, words, user)
    _link_back(school, words, {source.pk}, user)
    return page


@transaction.atomic
def take_all(*, tenant: Tenant) -> int:
    """Copy every page of the library that is not yet at the school, as drafts; how many. For the school's birth."""
    school = _locked(tenant.id)
    words = _words_for(school)
    wanted = [source for source in library_pages().specific() if source.pk not in words.own]
    for source in wanted:
        _copy(school, source, words, None)
    _link_back(school, words, {source.pk for source in wanted}, None)
    return len(wanted)


@transaction.atomic
def take_newer(*, actor: Actor, user: Any, page_id: int) -> Article:
    """Write the library's present version into another draft of the school's copy; what is read stays as it is.

    The school's picture, address and dates stay; the review goes, since nobody here has read the new words. Needs
    ``cms.edit``. NotFound for a page that is not the school's, or no copy; Conflict ``library_newest`` when it is up to date.
    """
    require(actor, "cms.edit")
    school = _locked(actor.tenant_id)
    draft = draft_of(school.site.root_page, page_id)
    if not draft.has_newer:
        raise Conflict("library_newest")
    _take_over(draft, draft.source, _words_for(school))
    draft.save_revision(user=user, clean=False, log_action=True)
    return draft


def draft_of(home: Page, page_id: int) -> Article:
    """The newest draft of a school's copy. NotFound for another school's page, and for one that was not taken."""
    page = Page.objects.filter(pk=page_id, path__startswith=home.path).exact_type(*ARTICLES).first()
    draft: Article | None = page.specific.get_latest_revision_as_object() if page else None
    if draft is None or draft.source is None:
        raise NotFound
    return draft


def draft_and_newer(school: SchoolSite, page_id: int) -> tuple[Article, Article]:
    """The newest draft of a school's copy, and what ``take_newer`` would write, unsaved. NotFound as ``draft_of``."""
    home = school.site.root_page
    before, after = draft_of(home, page_id), draft_of(home, page_id)
    _take_over(after, after.source, _words_for(school))
    after.tidy()
    return before, after


def _locked(tenant_id: Any) -> SchoolSite:
    """The school's site; two editors who take the same page at once stand in a row."""
    schools = SchoolSite.objects.exclude(tenant__kind=TenantKind.PLATFORM)
    found = schools.select_for_update(no_key=True, of=("self",)).filter(tenant_id=tenant_id).first()
    if found is None:
        raise NotFound
    return SchoolSite.objects.select_related("site__root_page", "tenant").get(pk=found.pk)


@dataclass(frozen=True, slots=True)
class _Words:
    """How a text of the library is written for one school. ``own``: page of the library → the school's copy of it."""

    is_foreign: Callable[[str], bool]
    own: Mapping[int, int]

    def of(self, raw: Any) -> Any:
        """``raw`` stream data without links to others; those within the library lead to the school's copies."""
        if isinstance(raw, str):
            return richtext.relink(richtext.drop_addresses(raw, self.is_foreign), self.own) if "<a " in raw else raw
        if isinstance(raw, dict):
            return {key: self.of(value) for key, value in raw.items()}
        return [self.of(value) for value in raw] if isinstance(raw, list) else raw


def _words_for(school: SchoolSite) -> _Words:
    copies = copies_at(school.site.root_page)
    return _Words(_foreign_to(school), {source: copy.page.pk for source, copy in copies.items()})


def _link_back(school: SchoolSite, before: _Words, new: Collection[int], user: Any) -> None:
    """What was taken earlier links to the copies of ``new``: as a draft, in the texts that nobody here has changed."""
    after = _words_for(school)
    for copy in copies_at(school.site.root_page).values():
        draft = copy.page.get_latest_revision_as_object()
        if draft.source is None:
            continue
        text = list(draft.source.body.get_prep_value())
        linked = dict(_pairs(before.of(text), after.of(text)))
        stored = list(draft.body.get_prep_value())
        written = _replaced(stored, linked) if linked and not draft.has_newer else stored
        if written != stored:
            draft.body = StreamValue(draft.body.stream_block, written, is_lazy=True)
            draft.save_revision(user=user, clean=False, log_action=True)


def _pairs(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """The texts that differ between two forms of the same stream data."""
    if isinstance(before, str) and before != after:
        yield before, after
    elif isinstance(before, dict):
        for key, value in before.items():
            yield from _pairs(value, after[key])
    elif isinstance(before, list):
        for one, other in zip(before, after, strict=True):
            yield from _pairs(one, other)


def _replaced(raw: Any, texts: Mapping[str, str]) -> Any:
    if isinstance(raw, str):
        return texts.get(raw, raw)
    if isinstance(raw, dict):
        return {key: _replaced(value, texts) for key, value in raw.items()}
    return [_replaced(value, texts) for value in raw] if isinstance(raw, list) else raw


def _copy(school: SchoolSite, source: Any, words: _Words, user: Any) -> Article:
    shelf = _shelf(school.site.root_page, type(source))
    page: Article = type(source)(
        slug=find_available_slug(shelf, source.slug),
        live=False,
        owner=user,
        adopted_from_id=source.pk,
        was_adopted=True,
    )
    _take_over(page, source, words)
    shelf.add_child(instance=page)
    page.save_revision(user=user, clean=False, log_action="wagtail.create")
    return page


def _take_over(page: Article, source: Any, words: _Words) -> None:
    """The library's words and no more."""
    for name in source.taken_fields:
        setattr(page, name, getattr(source, name))
    page.draft_title = page.title
    raw = words.of(list(source.body.get_prep_value()))
    page.body = StreamValue(source.body.stream_block, raw, is_lazy=True)
    page.adopted_revision_id = source.live_revision_id
    for name, value in _REVIEW.items():
        if hasattr(page, name):
            setattr(page, name, value)


def _shelf(home: Page, model: type[Article]) -> Page:
    """The school's list for pages of this kind; made anew where an editor has thrown it away."""
    shelves: dict[Any, tuple[Any, str, str]] = {
        GuidelinePage: (GuidelineIndexPage, _("Guidelines"), GUIDELINES),
        TipPage: (TipIndexPage, _("Tips for families"), TIPS),
    }
    index, title, slug = shelves[model]
    found: Page | None = index.objects.child_of(home).first()
    return found or home.add_child(instance=index(title=title, slug=find_available_slug(home, slug)))


def _foreign_to(school: SchoolSite) -> Callable[[str], bool]:
    """Whether an address leads to another school, or to the platform: a copy carries no such link."""
    own = school.tenant.host
    known = set(Tenant.objects.exclude(pk=school.tenant_id).values_list("host", flat=True))

    def is_foreign(address: str) -> bool:
        try:
            host = (urlsplit(address.strip().replace("\\", "/")).hostname or "").rstrip(".").lower()
        except ValueError:
            return True  # no address at all
        return host != own and (host in known or host.endswith(f".{settings.PLATFORM_HOST}"))

    return is_foreign
