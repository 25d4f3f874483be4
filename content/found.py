"""What a search found, as a reader sees it: of what kind it is, and where the words stand in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.db.models import F
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.models import Page
from wagtail.query import PageQuerySet

from content.models import CampaignPage, GuidelinePage, HomePage, LessonPage, ReportPage, SchoolSite, TipPage
from content.remembered import remembered
from content.search import Words, holding, ranked
from content.services import SERVICES, listed_prices
from content.tokens import index_tokens, query_tokens
from kernel.fold import fold_key
from tenancy import editions
from tenancy.models import Tenant
from ui.lists import MOST_COUNTED
from ui.names import named

MOST_SERVICES: Final = 5
_WIDER: Final = 8
"""So many times as many entries are ranked where drafts among them leave a page short."""
_AROUND: Final = 36
"""Characters shown on each side of a word that stands in a body alone."""


_KINDS: Final[dict[type[Page], str | Promise]] = {
    GuidelinePage: _("Guideline"),
    TipPage: _("Tip"),
    LessonPage: _("Lesson"),
    CampaignPage: _("Activity"),
    ReportPage: pgettext_lazy("kind of page", "Report"),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. ``title`` and ``text`` are safe HTML with the words marked."""

    kind: str | Promise
    href: str
    title: SafeString
    text: SafeString


def synonyms_of(school: SchoolSite) -> str:
    """The words that the school's editors say mean the same; remembered while the school's pages stay as they are."""
    edition = editions.current(school.tenant_id)
    home = HomePage.objects.filter(pk=school.site.root_page_id).values_list("synonyms", flat=True)
    return remembered(edition, ("synonyms", school.tenant_id), lambda: home.first() or "")


class Found:
    """Those of ``pages`` in ``trees`` (paths of home pages) that were found, the best first: parts of them are asked for, and how many there are, never all."""

    def __init__(self, pages: PageQuerySet, trees: Sequence[str], asked: Sequence[str]) -> None:
        self._pages = pages
        words = Words(F("index_entries__title"), F("index_entries__body"))
        self._ranked, self._holding = ranked(asked, trees), holding(self._pages.annotate(words=words), asked, trees)

    def __getitem__(self, part: slice) -> list[Any]:
        """The entries are ranked, then the best are looked up; where some are no such pages, more entries are asked for."""
        start, stop = part.start or 0, part.stop
        most = stop
        while True:
            keys = [int(key) for key in self._ranked[:most]]
            live = set(self._pages.filter(pk__in=keys).values_list("pk", flat=True))
            best = [key for key in keys if key in live][start:stop]
            if len(live) >= stop or len(keys) < most:
                break
            most *= _WIDER
        pages = {page.pk: page for page in Page.objects.filter(pk__in=best).specific()}
        return [pages[key] for key in best if key in pages]

    def __len__(self) -> int:
        """At most one more than a list counts; nothing is ranked for it."""
        counted: int = self._holding.order_by().values("pk")[: MOST_COUNTED + 1].count()
        return counted


def pages_found(home: Page, asked: Sequence[str]) -> Found:
    """The school's published pages that hold all words of one of ``asked``; what was typed counts twice."""
    return Found(Page.objects.live().filter(path__startswith=home.path, depth__gt=home.depth), [home.path], asked)


def services_named(asked: Sequence[str], tenant: Tenant) -> list[Hit]:
    """The school's services whose name holds all of one of ``asked``; they lead to the public prices."""
    wanted = [words for query in asked if (words := set(query_tokens(query).split()))]
    if not wanted:
        return []
    query = " ".join(asked)
    services = [listed.service for listed in listed_prices(tenant.today())]
    found = {
        (service.kind, service.name): Hit(
            _("Service"), SERVICES[service.kind].href, marked(named(service), query), SafeString()
        )
        for service in services
        if service.kind in SERVICES
        and _holds_one(wanted, set(index_tokens(f"{service.name} {service.name_en}").split()))
    }
    return list(found.values())[:MOST_SERVICES]


def _holds_one(wanted: Iterable[set[str]], words: set[str]) -> bool:
    return any(query <= words for query in wanted)


def hits(pages: Iterable[Page], asked: Sequence[str]) -> list[Hit]:
    """Each page with the words marked; where they stand in the body alone, with the sentence around the first."""
    return [_hit(page, " ".join(asked)) for page in pages]


def _hit(page: Any, query: str) -> Hit:
    kind = _KINDS.get(type(page), _("List of pages"))
    text = getattr(page, "summary", "") or getattr(page, "intro", "")
    if not _places(page.title, query) and not _places(text, query):
        text = next((around for said in page.searched_texts() if (around := excerpt(said, query))), text)
    return Hit(kind, page.href, marked(page.title, query), marked(text, query))


def marked(text: str, query: str) -> SafeString:
    """``text`` as HTML, the words of ``query`` in ``<mark>``. Nothing in it is taken for a tag."""
    parts, end = [], 0
    for start, stop in _places(text, query):
        parts += [escape(text[end:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        end = stop
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 - every piece of the text is escaped


def excerpt(text: str, query: str) -> str:
    """The words of ``text`` around the first that was asked for; empty where none stands."""
    places = _places(text, query)
    if not places:
        return ""
    start, stop = max(places[0][0] - _AROUND, 0), min(places[0][1] + _AROUND, len(text))
    return f"{'…' if start else ''}{text[start:stop].strip()}{'…' if stop < len(text) else ''}"


def _places(text: str, query: str) -> list[tuple[int, int]]:
    """Where words of ``query`` stand in ``text``, in order and without overlap: found as the index folds them."""
    folded, origin = "", []
    for position, sign in enumerate(text):
        kept = _folded(sign)
        folded += kept
        origin += [position] * len(kept)
    covered: set[int] = set()
    for word in query_tokens(query).split():
        at = folded.find(word)
        while at >= 0:
            if _stands_alone(folded, at, word):
                covered.update(origin[at : at + len(word)])
            at = folded.find(word, at + 1)
    places: list[tuple[int, int]] = []
    for position in sorted(covered):
        if places and places[-1][1] == position:
            places[-1] = (places[-1][0], position + 1)
        else:
            places.append((position, position + 1))
    return places


@lru_cache(8192)
def _folded(sign: str) -> str:
    """A text of Chinese has few different signs, each of them many times."""
    return fold_key(sign)


def _stands_alone(text: str, at: int, word: str) -> bool:
    """Words of letters and digits are found whole, as in the index; Chinese has no ends of words."""
    if not word.isascii():
        return True
    beside = text[at - 1 : at] + text[at + len(word) : at + len(word) + 1]
    return not any(sign.isascii() and sign.isalnum() for sign in beside)
