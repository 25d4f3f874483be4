"""Refusals of the quiz. Found by ``ui.refusals``."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import Row

ROWS: Final[dict[str, Row]] = {
    "quiz_unanswered": Row(
        _("Some questions have no answer yet"),
        _("Nothing was judged, and nothing was kept. What you have chosen stands."),
        _("Choose one answer for each question that is marked."),
    ),
}
