"""What stands in a letter. Plain text, in the language of families here; no name of anybody, no picture, no counted link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from content.models import TipPage
from tenancy.models import Tenant
from tips.rules import End

HIDDEN: Final = "…"
"""Stands in a preview where each family has a secret of its own."""
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it leaves."""

    subject: str
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default=_NO_HEADERS, repr=False)


def tips_letter(school: Tenant, tips: Sequence[TipPage], *, token: str) -> Written:
    """The tips with their links, the way to the family page, the way to stop.

    RFC 8058: mail programs stop it by one POST to an address that needs no cookie; opening that address stops nothing.
    """
    area, stop = (address_of(school, reverse(name, args=[token])) for name in ("family_link", "tips_stop"))
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    with override(settings.LANGUAGE_CODE):
        subject = _("%(school)s: something to read for families") % {"school": school.name}
        parts = [_tip(school, tip) for tip in tips]
        end = [
            _("More to read, and whether you still like to get this: %(link)s") % {"link": area},
            _("No more of these: %(link)s") % {"link": stop},
            _("Nobody sees who reads this letter: it holds no picture, and its links count nothing."),
        ]
    return Written(subject, "\n\n".join([*parts, "——", *end]), headers)


def code_letter(school: Tenant, code: str) -> Written:
    """The code that proves an address."""
    with override(settings.LANGUAGE_CODE):
        return Written(
            _("%(school)s: your code") % {"school": school.name},
            _(
                "Somebody typed this address on the school's page for families, to get tips by e-mail. The code is %(code)s, good for 30 minutes. If it was not you, leave it: without the code nothing is sent."
            )
            % {"code": code},
        )


def last_letter(school: Tenant, *, why: End) -> Written:
    """Why it ends and how it begins again. Whose family it is stands nowhere: a mailbox has more than one reader."""
    with override(settings.LANGUAGE_CODE):
        reason = (
            _("The person who named you as family left the school 30 days ago.")
            if why is End.LEFT
            else _("Nobody has visited the page for families for a long while, so we stop writing.")
        )
        rest = _("This is the last letter; your address is deleted. What else you agreed to is not touched by this.")
        again = (
            _("The tips stay open to everybody: %(link)s")
            if why is End.LEFT
            else _(
                "To get them again, ask your family member for a new link. The tips stay open to everybody: %(link)s"
            )
        )
        text = "\n\n".join([reason, rest, again % {"link": address_of(school, "/tips/")}])
        return Written(_("%(school)s: the tips end here") % {"school": school.name}, text)


def address_of(school: Tenant, path: str) -> str:
    """``path`` on the school's own host, whole."""
    if settings.SECURE_SSL_REDIRECT:
        return f"https://{school.host}{path}"
    return f"http://{school.host}:{settings.BASE_PORT}{path}"


def _tip(school: Tenant, tip: TipPage) -> str:
    minutes = ngettext("%(count)d minute", "%(count)d minutes", tip.minutes) % {"count": tip.minutes}
    return f"{tip.title}（{minutes}）\n{tip.summary}\n{address_of(school, tip.href)}"
