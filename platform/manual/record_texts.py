"""What the record says about the quiz. Found by ``schools.record_texts``."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

AREA_TITLES: Final[Mapping[str, Any]] = {"training": _("Training")}
AREAS: Final[Mapping[str, str]] = {"quiz": "training"}
ACTS: Final[Mapping[str, Any]] = {"quiz.take": _("Quiz of the administrators taken")}
