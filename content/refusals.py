"""What is told when the CMS refuses. Found by ``ui.refusals``."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import Row

ROWS: Final[Mapping[str, Row]] = {
    "guideline_unreviewed": Row(
        _("This guideline has not been reviewed yet"),
        _("It says neither who reviewed it nor on which day. It was not published; the draft is kept."),
        _("Fill in reviewed by and reviewed on, then publish."),
    ),
}
