"""What a person needs, in people's words: the kinds of service side by side that answer it. One row a need."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.kinds import ServiceKind


@dataclass(frozen=True, slots=True)
class Need:
    """``words``: one line below the heading, where the rule alone does not say enough."""

    kinds: tuple[ServiceKind, ...]
    icon: str
    title: Promise
    words: Promise


NEEDS: Final[tuple[Need, ...]] = (
    Need(
        (ServiceKind.COUNSELLING, ServiceKind.PSYCHIATRY),
        "chat",
        _("Somebody to talk to"),
        _("To a counsellor or a doctor, on site or online."),
    ),
    Need(
        (ServiceKind.CHILDCARE, ServiceKind.CAMP),
        "child",
        _("Someone to look after the children"),
        _("After school and in the holidays, until you are home."),
    ),
    Need(
        (ServiceKind.HOME_HELP, ServiceKind.MEALS),
        "home",
        _("A hand at home"),
        _("Cleaning, chores and meals, at the price the school agreed."),
    ),
    Need(
        (ServiceKind.ELDER_CARE,),
        "heart",
        _("Company for your parents"),
        _("Somebody is there by day, with a meal and a talk."),
    ),
    Need(
        (ServiceKind.MEDIATION,),
        "people",
        _("A quarrel at home"),
        _("Someone who belongs to neither side sits down with you."),
    ),
)
