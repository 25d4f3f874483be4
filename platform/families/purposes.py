"""The closed list of purposes (contract §API) and the text that somebody agrees to.

A text id (``emergency.1``) is kept with each consent, so that years later it can be said what was agreed to. A changed
text takes a new number; the old one stays here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Purpose(models.TextChoices):
    """What data or a call may be used for. One consent each; nothing is bundled."""

    REFERRAL = "referral", _("Arranging a service")
    TIPS = "tips", _("Family tips")
    OPEN_DAY = "open_day", _("Open days")
    EMERGENCY = "emergency", _("In an emergency")
    CHILDCARE = "childcare", _("After-school care")


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is read before agreeing: when, which data, who sees it."""

    text_id: str
    when: Text
    data: Text
    who: Text
    more: tuple[tuple[Text, Text], ...] = ()
    """What else is to be known, in order: heading and sentence."""


_CURRENT = (
    ConsentText(
        "referral.1",
        _("When a service is being arranged, the agency you chose is told what it needs to serve you."),
        _("Name, telephone number, service and time."),
        _("The agency named here, and nobody else outside the school."),
    ),
    ConsentText(
        "tips.1",
        _("Now and then, a short message with family tips. Never more than one a week."),
        _("Your telephone number."),
        _("The school office that sends the tips."),
    ),
    ConsentText(
        "tips.2",
        _(
            "Now and then, family tips to read on this page. If you wish, by e-mail too: never more than one a week, never by text message or call."
        ),
        _("Nothing, until you type an e-mail address here yourself. It is used for the tips and for nothing else."),
        _("Nobody reads the address: the system sends the tips. The school sees only how many families get them."),
        more=(
            (
                _("When it ends"),
                _(
                    "Whenever you say so, with one button. By itself after a year without a visit, or 30 days after the person who named you has left the school; you are told."
                ),
            ),
        ),
    ),
    ConsentText(
        "tips.3",
        _(
            "Now and then, family tips to read on this page. If you wish, by e-mail too: never more than one a week, never by text message or call."
        ),
        _(
            "Nothing, until you type an e-mail address or a mobile number here yourself. It is used for the tips and for nothing else; to a number goes the code that you ask for, and nothing more."
        ),
        _("Nobody reads the address or number. The school sees only how many families get the tips."),
        more=(
            (
                _("When it ends"),
                _(
                    "Whenever you say so, with one button. By itself after a year without a visit, or 30 days after the person who named you has left the school; you are told."
                ),
            ),
        ),
    ),
    ConsentText(
        "open_day.1",
        _("When the school invites families to an open day."),
        _("Your name and telephone number."),
        _("The school office that invites, and the gate on that day."),
    ),
    ConsentText(
        "emergency.1",
        _("Only when the school's psychologists judge that they need the family. Not for everyday matters."),
        _("Your name, telephone number and how you are related."),
        _("The psychologist on duty. Each call is recorded."),
    ),
    ConsentText(
        "emergency.2",
        _("When somebody at the school believes that the person who named you is in danger. Not for everyday matters."),
        _("Your name, telephone number and how you are related. The number is used for nothing else."),
        _("The psychologist on duty and the psychological centre, while it lasts. Each call is recorded."),
        more=(
            (
                _("What you would be asked"),
                _(
                    "You would be called or get a short message, by day or night: whether you can come or keep in touch, and where to meet. You may always say that you cannot."
                ),
            ),
            (
                _("How grave it must be"),
                _(
                    "The person who named you chose it: at a general worry, when help is needed today, or when life is in danger."
                ),
            ),
            (
                _("The one exception"),
                _(
                    "When a life is in danger, a psychologist on duty may call you without this agreement, or when it is less or more grave than was chosen. Every such call is written down with its reason, and you both are told within 72 hours."
                ),
            ),
        ),
    ),
    ConsentText(
        "childcare.1",
        _("When a child is looked after: for bringing, collecting and accidents."),
        _("The child's name and date of birth, your name and telephone number."),
        _("The childcare agency named here, and nobody else outside the school."),
    ),
)

TEXTS: Final[Mapping[str, ConsentText]] = {text.text_id: text for text in _CURRENT}
CURRENT_TEXT: Final[Mapping[str, str]] = {text.text_id.rpartition(".")[0]: text.text_id for text in _CURRENT}
"""Purpose → id of the text shown today: the last one of each."""

BY_LINK: Final = (Purpose.EMERGENCY, Purpose.TIPS, Purpose.OPEN_DAY)
"""What a relative can be asked at any time. The other texts name an agency, so they are asked for one agency only."""
