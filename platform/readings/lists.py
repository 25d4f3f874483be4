"""The lists of readings: what was given out, and who is missing of one (ADR 0015)."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actor import ActingRequest
from accounts.fields import PlainField
from accounts.models import Membership
from accounts.search import contains
from readings.coverage import Coverage, Row, coverage_of, rows_of_each
from readings.models import Reading
from readings.rules import Stand
from readings.texts import STANDS
from ui.lists import Column, Listing, Nothing

_WHICH: Final = (
    ("", pgettext_lazy("documents", "Open")),
    ("ended", pgettext_lazy("documents", "Ended or replaced")),
    ("all", _("All")),
)


class ReadingFilter(forms.Form):
    """By title, by whether it is still asked for."""

    q = PlainField(label=_("Search"), required=False)
    which = forms.ChoiceField(label=_("State"), required=False, choices=_WHICH)


class Shown:
    """A reading with its counts."""

    def __init__(self, reading: Reading, counts: Coverage) -> None:
        self.reading, self.counts = reading, counts
        self.pk = reading.pk


class ReadingList(Listing[Reading, Shown]):
    """What the school gave out, newest first, with n of m."""

    form = ReadingFilter
    file_route, file_name = "readings_csv", "everyone-has-it"
    export = "readings.export"
    columns = (
        Column[Shown](_("Document"), lambda row: row.reading.title),
        Column(_("Everyone has it by"), lambda row: row.reading.due_on),
        Column(_("Have it"), lambda row: row.counts.n),
        Column(_("Of"), lambda row: row.counts.m),
        Column(_("Percent, rounded down"), lambda row: row.counts.percent),
        Column(_("On a long leave"), lambda row: row.counts.away),
        Column(_("Still have time"), lambda row: row.counts.time),
    )
    nothing = Nothing(
        _("Nothing was given out yet"),
        _("Choose a published page or file, say who is to have it and until when."),
        "book",
    )
    nothing_found = Nothing(_("No document found"), _("Search for another word, or show all."))

    def rows(self) -> QuerySet[Reading]:
        """By what was asked for."""
        rows: QuerySet[Reading] = Reading.objects.order_by("-issued_at", "-id")
        which: Any = self.wanted.get("which")
        if which != "all":
            is_open = {"replaced_at__isnull": True, "ended_at__isnull": True}
            rows = rows.exclude(**is_open) if which == "ended" else rows.filter(**is_open)
        words: Any = self.wanted.get("q")
        return rows.filter(contains(words, "title")) if words else rows

    def shown(self, rows: list[Reading]) -> list[Shown]:
        """With the counts of today."""
        each = rows_of_each(rows, self.request.tenant.today())
        return [Shown(row, coverage_of(each[row.pk])) for row in rows]


class MissingFilter(forms.Form):
    """By name, by how somebody stands."""

    q = PlainField(label=pgettext_lazy("person", "Name"), required=False)
    stand = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *((stand.value, text) for stand, text in STANDS.items())],
    )


class MissingList(Listing[Membership, Row]):
    """Who does not have it yet, by name: for whoever gave it out, and for nobody else (books §6)."""

    form = MissingFilter
    file_route, file_name = "reading_missing_csv", "missing"
    export = "reading.export"
    columns = (
        Column[Row](pgettext_lazy("person", "Name"), lambda row: row.person.name),
        Column(_("Staff number"), lambda row: row.person.staff_no),
        Column(_("Own day"), lambda row: row.due),
        Column(_("State"), lambda row: STANDS[row.stand]),
        Column(_("Handed over, not attested yet"), lambda row: row.waits),
    )
    nothing = Nothing(_("Nobody is missing"), _("Everybody of the audience has it."), "check-circle")
    nothing_found = Nothing(_("Nobody found"), _("Search for another name, or show all."))

    def __init__(self, request: ActingRequest, reading: Reading, everybody: Sequence[Row]) -> None:
        super().__init__(request)
        self.document = reading
        self.missing = {row.person.pk: row for row in everybody if row.stand is not Stand.HAS}

    def rows(self) -> QuerySet[Membership]:
        """By name, late ones and others alike."""
        stand: Any = self.wanted.get("stand")
        keys = [pk for pk, row in self.missing.items() if not stand or row.stand == stand]
        rows: QuerySet[Membership] = Membership.objects.filter(pk__in=keys).order_by("sort_key", "id")
        words: Any = self.wanted.get("q")
        return rows.filter(contains(words, "name")) if words else rows

    def shown(self, rows: list[Membership]) -> list[Row]:
        """As they stand today."""
        return [self.missing[row.pk] for row in rows]

    @property
    def file_url(self) -> str:
        """The address of the file, filtered as the page is."""
        asked = self.request.GET.copy()
        asked.pop(self.paged_by, None)
        address = reverse(self.file_route, args=[self.document.pk])
        return f"{address}?{asked.urlencode()}" if asked else address
