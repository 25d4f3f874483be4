"""A list: what is shown a page at a time is what is given as a file (docs/architecture.md, "A new list").

No page counts all its rows: a count stops at ``MOST_COUNTED``. Rows come from one table of a school, without joins to its
others; what hangs on them (``prefetch_related``, names) is read after, for the rows at hand, in one message. That holds for
tables that all schools share too: joined, they are gone through whole for a page of ten.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import batched
from typing import Any, ClassVar, Final, cast

from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise, cached_property

from accounts.actor import ActingRequest
from audit import record_read
from exports import MOST_ROWS, CsvAnswer, csv_answer
from kernel.clock import SCHOOL_ZONE
from tenancy.messages import gathered

MOST_COUNTED: Final = 1_000
"""Rows that a page counts before it says "1000+"."""
_CHUNK: Final = 1_000
"""Rows of a file that are in memory with what hangs on them."""
_FURTHEST: Final = 1_000_000
"""The highest page number that is tried."""

Text = str | Promise


@dataclass(frozen=True, slots=True)
class ListPage[Row]:
    """One page of a list. ``counted`` is how many rows there are, exactly up to ``MOST_COUNTED``, one more beyond."""

    object_list: list[Row]
    number: int
    size: int
    counted: int
    has_next: bool

    def __iter__(self) -> Iterator[Row]:
        return iter(self.object_list)

    def __len__(self) -> int:
        return len(self.object_list)

    @property
    def count(self) -> str:
        """How many rows there are, in words: ``37``, ``1000+``."""
        return str(self.counted) if self.counted <= MOST_COUNTED else f"{MOST_COUNTED}+"

    @property
    def last(self) -> str:
        """The number of the last page, ``20+`` when the count stopped; empty where that says nothing any more."""
        known = -(-min(self.counted, MOST_COUNTED) // self.size)
        if self.counted <= MOST_COUNTED:
            return str(known)
        return f"{known}+" if self.number <= known else ""

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1


def page_of[Row](
    rows: Any,
    number: str | None,
    size: int,
    shown: "Callable[[list[Any]], list[Row]]" = list,
    at_least: QuerySet[Any] | None = None,
) -> ListPage[Row]:
    """Page ``number`` of ``rows`` (a queryset, a list, found pages of content), ``size`` to a page, each as ``shown``.

    What is no number gives the first page, one past the end the last that is counted. ``at_least`` is cheaper to count, and
    there are never more of it than rows: where it alone is beyond ``MOST_COUNTED``, the rows are not counted.
    """
    wanted = min(int(number), _FURTHEST) if number and len(number) < 20 and number.isdecimal() else 1
    wanted = max(wanted, 1)
    found = _slice(rows, wanted, size)
    if not found and wanted > 1:
        wanted = max(-(-min(_count(rows, at_least), MOST_COUNTED) // size), 1)
        found = _slice(rows, wanted, size)
    has_next = len(found) > size
    counted = _count(rows, at_least) if has_next else (wanted - 1) * size + len(found)
    return ListPage(shown(found[:size]), wanted, size, min(counted, MOST_COUNTED + 1), has_next)


def _slice(rows: Any, number: int, size: int) -> list[Any]:
    """One more than the page holds: then there is another page."""
    found = rows[(number - 1) * size : number * size + 1]
    return gathered(found) if isinstance(found, QuerySet) else list(found)


def _count(rows: Any, at_least: QuerySet[Any] | None) -> int:
    if at_least is not None and (counted := _count(at_least, None)) > MOST_COUNTED:
        return counted
    if isinstance(rows, QuerySet):
        return rows.order_by()[: MOST_COUNTED + 1].count()
    return len(rows)


@dataclass(frozen=True, slots=True)
class Column[Row]:
    """A column of the file: its heading, and a row's cell as a value of its own (moments aware; ``exports`` writes it)."""

    heading: Text
    cell: Callable[[Row], object]


@dataclass(frozen=True, slots=True)
class Nothing:
    """What an empty page says: what is missing, and what to do about it; ``icon`` of ``ui/icons``."""

    title: Text
    text: Text = ""
    icon: str = "list"


class Listing[Row: Model, Shown]:
    """A list declares itself once; page, pager, file, filters and the words of an empty page follow.

    ``export`` is the act that the record keeps of a download; empty where people fetch what is their own.
    """

    form: ClassVar[type[forms.Form]]
    columns: ClassVar[Sequence[Column[Any]]]
    file_route: str
    file_name: ClassVar[str] = "records"
    export: ClassVar[str] = ""
    object_type: ClassVar[str] = ""
    size: ClassVar[int] = 50
    paged_by: ClassVar[str] = "page"
    nothing: ClassVar[Nothing]
    nothing_found: ClassVar[Nothing]

    def __init__(self, request: ActingRequest) -> None:
        self.request = request
        self.actor = request.actor
        self.filter = self.filter_form(request.GET)

    def filter_form(self, data: QueryDict) -> forms.Form:
        """The filters, filled in."""
        return self.form(data)

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """What the filters ask for, by field; an unreadable filter asks for nothing."""
        data: Mapping[str, Any] = self.filter.cleaned_data if self.filter.is_valid() else {}
        return {name: data.get(name) or _nothing_of(field) for name, field in self.filter.fields.items()}

    @property
    def filtered(self) -> bool:
        """Whether the filters leave anything out."""
        return any(self.wanted.values())

    def rows(self) -> QuerySet[Row]:
        """What fits the filters, in order, out of one table of the school. What hangs on a row is prefetched."""
        raise NotImplementedError

    def at_least(self) -> QuerySet[Any] | None:
        """Rows of another table that are cheaper to count, of which there are never more than of ``rows``; None: there are none."""
        return None

    def shown(self, rows: list[Row]) -> list[Shown]:
        """Rows at hand with what is read after them; as they are, unless a list says more."""
        return cast("list[Shown]", rows)

    def reading(self) -> AbstractContextManager[Any]:
        """The scope in which rows are read, where it is another than the request's."""
        return nullcontext()

    def page(self) -> ListPage[Shown]:
        """The page that the address asks for."""
        with self.reading():
            return page_of(self.rows(), self.request.GET.get(self.paged_by), self.size, self.shown, self.at_least())

    def context(self) -> dict[str, Any]:
        """For the template: ``filter``, ``page``, ``filtered``, ``file_url`` and ``none``, the words when nothing is there."""
        page = self.page()
        return {
            "filter": self.filter,
            "page": page,
            "filtered": self.filtered,
            "file_url": self.file_url,
            "none": self.nothing_found if self.filtered else self.nothing,
        }

    @property
    def file_url(self) -> str:
        """The address of the file, filtered as the page is; the page's place in the list is left out."""
        asked = self.request.GET.copy()
        asked.pop(self.paged_by, None)
        address = reverse(self.file_route)
        return f"{address}?{asked.urlencode()}" if asked else address

    def file(self) -> CsvAnswer:
        """All that fits the filters, up to ``MOST_ROWS``, as a file; the download is recorded where ``export`` names it."""
        with self.reading():
            answer = csv_answer(
                [column.heading for column in self.columns],
                ([column.cell(row) for column in self.columns] for row in self._all()),
                name=self.file_name,
                zone=self.request.tenant.time_zone if self.request.tenant else SCHOOL_ZONE,
            )
        if self.export:
            facts = {"rows": answer.rows}
            record_read(actor=self.actor, action=self.export, object_type=self.object_type, facts=facts)
        return answer

    def _all(self) -> Iterator[Shown]:
        """One more than a file takes: then it says that there are more."""
        found = self.rows()[: MOST_ROWS + 1].iterator(chunk_size=_CHUNK)
        for chunk in batched(found, _CHUNK):
            yield from self.shown(list(chunk))


def _nothing_of(field: forms.Field) -> Any:
    return "" if isinstance(field, forms.CharField | forms.ChoiceField) else None
