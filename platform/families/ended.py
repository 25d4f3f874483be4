"""Tells whoever stands on a relative's word that it ended: the hook ``settings.CONSENT_ENDED``; families know nobody above."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from families.models import Relative


class ConsentEnded(Protocol):
    """The hook's shape. Called in the transaction that ends it, after all rows are written and locked in this order:
    relative, links, consents. What it raises undoes the whole.
    """

    def __call__(self, relative: Relative, *, by_person: bool, is_minor: bool) -> None: ...


def consent_ended(relative: Relative, *, by_person: bool, is_minor: bool = False) -> None:
    """A consent of ``relative`` ended, or their name or number changed, or they were removed (``removed_at``).

    ``by_person``: the member of the staff did it; else the relative, by link. ``is_minor``: they turned out to be a son or
    daughter under 18, whatever they agreed to.
    """
    hook: ConsentEnded = import_string(settings.CONSENT_ENDED)
    hook(relative, by_person=by_person, is_minor=is_minor)
