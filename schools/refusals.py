"""Refusals when a school is created. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import NOTHING_CHANGED, Row

ROWS: Final[dict[str, Row]] = {
    "slug_invalid": Row(
        _("An address is made of small letters, digits and hyphens, and begins with a letter."),
        NOTHING_CHANGED,
        _("Choose another address."),
    ),
    "operator_exists": Row(
        _("Somebody operates this installation already"),
        NOTHING_CHANGED,
        _("Add a further operator on the server, with --another."),
    ),
    "operator_last": Row(
        _("Nobody else operates this installation"),
        NOTHING_CHANGED,
        _("Add a further operator on the server first, with --another."),
    ),
    "school_exists": Row(
        _("There is such a school already"), NOTHING_CHANGED, _("Choose another address and other letters.")
    ),
}
