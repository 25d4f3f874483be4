"""The briefings of the drills' scenarios, for whoever may have to play (14.1). Found by ``readings.kinds``.

The scenarios as they are written, never a drill that is planned: nobody learns here that one is coming.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from readings.kinds import DocumentKind, Readable
from referrals.emergency.drill_scenarios import WRITTEN


class BriefingKind:
    """What players read before a drill of this scenario; another wording is another version."""

    label = _("briefing of a drill")

    def choices(self) -> list[tuple[str, str]]:
        """As they come with the product."""
        return [(str(key), f"演练须知：{written.title}") for key, written in WRITTEN.items()]

    def find(self, ref: str) -> Readable | None:
        """None for a scenario that is not there."""
        written = {str(key): written for key, written in WRITTEN.items()}.get(ref)
        if written is None:
            return None
        version = sha256(written.briefing.encode()).hexdigest()[:32]
        body = format_html("<p>{}</p>", written.briefing)
        return Readable(f"演练须知：{written.title}", version, "", body, len(written.briefing))


KINDS: Final[Mapping[str, DocumentKind]] = {"briefing": BriefingKind()}
