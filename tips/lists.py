"""The list of series and single tips, newest first (ADR 0015)."""

from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import PlainField
from accounts.search import contains
from tips.models import Series
from ui.lists import Column, Listing, Nothing

_STANDING: Final = (
    ("", _("All")),
    ("running", pgettext_lazy("series", "Running")),
    ("stopped", pgettext_lazy("series", "Stopped")),
)


class SeriesFilter(forms.Form):
    """By name, by whether it still runs."""

    q = PlainField(label=_("Search"), required=False)
    standing = forms.ChoiceField(label=_("State"), required=False, choices=_STANDING)


class SeriesList(Listing[Series, Series]):
    """Every series of the school, newest first."""

    form = SeriesFilter
    file_route, file_name = "tips_csv", "tips"
    export = "tips.export"
    columns = (
        Column[Series](_("Name of the series"), lambda row: row.title),
        Column(_("Single tip"), lambda row: row.is_single),
        Column(_("Not before"), lambda row: row.starts_on),
        Column(_("Days between two tips"), lambda row: row.every_days),
        Column(_("Tips"), lambda row: len(row.items.all())),
        Column(_("Stopped at"), lambda row: row.stopped_at),
    )
    nothing = Nothing(
        _("No tip is sent yet"),
        _("Put tips into a series: each family begins with the first one and gets the next in your rhythm."),
        "send",
    )
    nothing_found = Nothing(_("No series found"), _("Search for another word, or show all."))

    def rows(self) -> QuerySet[Series]:
        """With the tips of each."""
        rows: QuerySet[Series] = Series.objects.prefetch_related("items").order_by("-created_at", "-id")
        if wanted := self.wanted.get("standing"):
            rows = rows.filter(stopped_at__isnull=wanted == "running")
        words: Any = self.wanted.get("q")
        return rows.filter(contains(words, "title")) if words else rows
