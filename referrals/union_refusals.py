"""Refusals of the trade union's posts, of what its chair signs, and of what was donated (books §1, 16.11)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from registry.refusals import Row

UNION: Final[dict[str, Row]] = {
    "chair_signs": Row(
        _("One of the two is the chair or the deputy"),
        _("A colleague gave the first word, and neither of you holds a post of the union. Nothing was changed."),
        _("The chair or the deputy signs second; their names stand on the union's page of requests."),
    ),
    "post_held": Row(
        _("This person holds the other post"),
        _("Chair and deputy are two people, under other accounts too. Nothing was changed."),
        _("Name somebody else, or leave the other post vacant first."),
    ),
    "donations_short": Row(
        _("More than was donated"),
        _("What is left of the donations is promised to others. Nothing was approved."),
        _("Put what was donated since into the pool of charity, or decline; the union can ask for less."),
    ),
}
