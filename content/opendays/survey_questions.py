"""What families are asked after an open day. Found by ``surveys.questionnaires``; nothing asks who they are."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from surveys.questionnaires import Questionnaire, Rating, Words

OPEN_DAY: Final = "open_day"

_CONTENT: Final[tuple[Any, ...]] = (
    pgettext_lazy("survey", "very content"),
    pgettext_lazy("survey", "content"),
    pgettext_lazy("survey", "middling"),
    pgettext_lazy("survey", "not quite content"),
    pgettext_lazy("survey", "not content"),
)
_AGREES: Final[tuple[Any, ...]] = (
    pgettext_lazy("survey", "much better"),
    pgettext_lazy("survey", "somewhat better"),
    pgettext_lazy("survey", "hardly"),
    pgettext_lazy("survey", "not at all"),
)

QUESTIONNAIRES: Final[Mapping[str, Questionnaire]] = {
    OPEN_DAY: Questionnaire(
        title=_("How was the open day?"),
        ratings=(
            Rating("whole", _("All in all, how content are you with the day?"), _CONTENT),
            Rating("work", _("Do you understand the daily work of your relative better now?"), _AGREES),
            Rating("help", _("Do you know better what help there is when home or work becomes too much?"), _AGREES),
        ),
        words=(
            Words("liked", _("What did you like?")),
            Words("other", _("What should be otherwise next time?")),
        ),
    ),
}
