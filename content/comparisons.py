"""How two versions of a page differ in what is no text: a day or a tick in the editor's language, and nothing where nothing stands.

Wagtail compares the values as Python writes them: None, True, 2026-06-10.
"""

from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext
from wagtail.admin.compare import FieldComparison, TextDiff, register_comparison_class


class SpokenComparison(FieldComparison):
    """The two values as a reader says them; what was or became nothing leaves no mark of its own."""

    def said(self, value: Any) -> str:
        """``value`` in words; empty for none."""
        raise NotImplementedError

    def htmldiff(self) -> Any:
        """As Wagtail's, with the words."""
        before, after = self.said(self.val_a), self.said(self.val_b)
        if not self.has_changed():
            return escape(before)
        told = [("deletion", before), ("addition", after)]
        return TextDiff([(how, text) for how, text in told if text]).to_html()


class DayComparison(SpokenComparison):
    """A date."""

    def said(self, value: Any) -> str:
        """As the language writes a day."""
        return date_format(value, "DATE_FORMAT") if value else ""


class TickComparison(SpokenComparison):
    """A tick."""

    def said(self, value: Any) -> str:
        """Yes or no."""
        return gettext("Yes") if value else gettext("No")


register_comparison_class(models.DateField, comparison_class=DayComparison)
register_comparison_class(models.BooleanField, comparison_class=TickComparison)
