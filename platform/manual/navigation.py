"""What the manual adds to the navigation: the quiz, in the school's administration."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import Link

SECTIONS: Final = {
    "school": (Link(rank=65, label=_("Training"), url="/school/training/", icon="book", permission="quiz.take"),),
}
