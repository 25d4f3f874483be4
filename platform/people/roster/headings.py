"""The headings of files that we export, in each language, so that such a file can be uploaded again."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from people.roster.parse import HEADERS, OURS, plain_heading
from people.texts import FIELDS

ROW, COLUMN, REASON = _("Row"), _("Column"), _("Reason")
"""The first columns of the file of refused rows: they speak of the row and are left aside without a word."""


@cache
def own_headings() -> Mapping[str, str]:
    """Plain heading → field, or ``OURS``."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {plain_heading(str(word)): OURS for word in (ROW, COLUMN, REASON)}
            found |= {plain_heading(str(FIELDS[field])): field for field in HEADERS}
    return found
