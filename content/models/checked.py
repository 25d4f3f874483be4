"""Texts that a second person reads before they go out: an editor writes, the psychological centre checks (16.3, 13.7)."""

import hashlib
import json
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Revision

from kernel.errors import Refused


class CheckedPage(models.Model):
    """Drafts say that they are ready to be read; a text about a crisis or an illness says that a psychologist has read it.

    Only ``content.checking`` writes ``checked_…``: who checked, on which day, and the words that were checked. A change of
    the words afterwards ends the check.
    """

    is_ready = models.BooleanField(
        default=False, db_default=False, verbose_name=_("Ready to be read by the psychological centre"),
        help_text=_("They find it under “Texts to check”, and write in that they have reviewed it."),
    )  # fmt: skip
    is_sensitive = models.BooleanField(
        default=False, db_default=False, verbose_name=_("About a crisis, an illness or medicine"),
        help_text=_("Published only when a psychologist has checked exactly these words."),
    )  # fmt: skip
    checked_by = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    checked_on = models.DateField(null=True, editable=False)
    checked_text = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)

    class Meta:
        abstract = True

    def words_read(self) -> str:
        """A digest of what a checker reads: title, summary and body. Ids of blocks, which nobody reads, are left out."""
        page: Any = self
        body = _spoken(page.body)
        said = json.dumps(
            [page.title, page.summary, body, *self.read_beside()], ensure_ascii=False, sort_keys=True, default=str
        )
        return hashlib.sha256(said.encode()).hexdigest()

    def read_beside(self) -> list[Any]:
        """What else a checker reads or watches; pages that have it say so."""
        return []

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read yet: a check of it would be a check of no words."""
        page: Any = self
        return not page.body

    @property
    def is_checked(self) -> bool:
        """Whether a psychologist has checked the words as they stand now."""
        return bool(self.checked_on) and self.checked_text == self.words_read()


class SecondReadPage(CheckedPage):
    """A page that goes out only in the words that a second person has read: weekly lessons, reports of activities."""

    class Meta:
        abstract = True

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Every road of publishing ends here. Raises Refused ``text_unread`` for words that no second person has read."""
        if not revision.as_object().is_checked:
            raise Refused("text_unread")
        return super().publish(revision, *args, **kwargs)  # type: ignore[misc]


def _spoken(blocks: Any) -> list[Any]:
    """Blocks without their ids."""
    return [[child.block_type, child.block.get_prep_value(child.value)] for child in blocks]


READ_PANEL: Final = MultiFieldPanel(
    [FieldPanel("is_sensitive"), FieldPanel("is_ready")],
    _("A second pair of eyes"),
    help_text=_("Published only in the words that a second person has read, under “Texts to check”."),
)
CHECK_PANEL: Final = MultiFieldPanel([FieldPanel("is_sensitive"), FieldPanel("is_ready")], _("A second pair of eyes"))
