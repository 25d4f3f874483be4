"""What may stand beside the tips on a school's first page: the next open day, brought by an app that content does not know."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class HomeCard:
    """``template`` is included with ``card``, whatever it needs. One ``<section class="stack">`` with a heading of level two."""

    template: str
    card: Any


def home_card(tenant: Tenant) -> HomeCard | None:
    """The card that ``HOME_CARD`` (a dotted path, empty for none) has for this school now, if there is one."""
    hook = _hook(settings.HOME_CARD)
    return hook(tenant) if hook else None


@cache
def _hook(path: str) -> Callable[[Tenant], HomeCard | None] | None:
    found: Callable[[Tenant], HomeCard | None] | None = import_string(path) if path else None
    return found
