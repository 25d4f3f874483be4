"""What is added to the centre's desk."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from ui.navigation import Link

SECTIONS: Final = {
    "centre": (
        Link(
            rank=20, label=_("Family mediation"), url="/centre/mediation/", icon="people", permission="mediation.hear"
        ),
        Link(rank=22, label=_("Handing on"), url="/centre/cards/", icon="send", permission="card.write"),
    ),
}
