"""All pages of the manual, which of them a host shows, and which one fits the page that somebody is looking at."""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Final

from django.urls import reverse

from accounts.actor import Actor
from accounts.roles import Role
from kernel.errors import NotFound
from manual.shapes import Guide
from manual.texts_agencies import GUIDES as ON_THE_PLATFORM
from manual.texts_people import GUIDES as FOR_PEOPLE
from manual.texts_school import GUIDES as FOR_OFFICES
from tenancy.models import Tenant, TenantKind

AT_A_SCHOOL: Final = (*FOR_PEOPLE, *FOR_OFFICES)
AT_A_BUREAU: Final = tuple(guide for guide in FOR_OFFICES if guide.role in (Role.DISTRICT, Role.ADMIN, Role.EDITOR))
PICTURES: Final = Path(__file__).parent / "static" / "manual"
"""``<slug>-<zh|en>-<light|dark>.webp``, taken of the running product by ``bin/pictures`` and kept with the source."""
THEMES: Final = ("light", "dark")

_PLACES: Final = {
    "/my/report/": ("head",),
    "/my/": ("head", "principal"),
    "/centre/emergency/": ("duty", "centre", "principal", "administrator"),
    "/centre/": ("centre", "duty", "principal", "administrator"),
    "/union/": ("union",),
    "/finance/": ("finance", "union", "principal"),
    "/school/tips/": ("editor",),
    "/school/": ("administrator", "editor", "centre"),
    "/cms/": ("editor", "operator"),
    "/district/": ("district",),
    "/partner/": ("agency", "counter"),
    "/operator/": ("operator",),
}
"""Beginning of an address → whose page it is: the first that is one of the reader's roles."""


def guides_at(tenant: Tenant | None) -> tuple[Guide, ...]:
    """The pages that a host shows: those of a school, of a bureau, or of the platform. None on a host nobody owns."""
    if tenant is None:
        return ()
    if tenant.kind == TenantKind.PLATFORM:
        return ON_THE_PLATFORM
    return AT_A_BUREAU if tenant.kind == TenantKind.DISTRICT else AT_A_SCHOOL


def find_guide(tenant: Tenant | None, slug: str) -> Guide:
    """One of them. NotFound for every other."""
    for guide in guides_at(tenant):
        if guide.slug == slug:
            return guide
    raise NotFound


def own_guides(tenant: Tenant | None, roles: Collection[str]) -> tuple[Guide, ...]:
    """Those of somebody's roles, and at a school what is for everybody who works there."""
    return tuple(guide for guide in guides_at(tenant) if guide.role in roles or guide.slug == "staff")


def guide_at(tenant: Tenant | None, actor: Actor | None, path: str) -> str:
    """Where the frame of the page at ``path`` leads for "how to use it" (``settings.GUIDE_AT``). No query.

    The page of the reader's role that fits where they are; without one their first role's, at a school that of the staff.
    Families come without an account. A stranger gets the list, and so does a host that has no page of the kind.
    """
    shown = {guide.slug: guide for guide in guides_at(tenant)}
    slug = ""
    if actor is not None:
        slug = next((slug for slug in _fitting(path) if slug in shown and shown[slug].role in actor.roles), "")
        own = own_guides(tenant, actor.roles)
        slug = slug or (own[0].slug if own else "")
    elif path.startswith("/family/") and "family" in shown:
        slug = "family"
    return reverse("guide", args=[slug]) if slug else reverse("guides")


def _fitting(path: str) -> tuple[str, ...]:
    start = max((start for start in _PLACES if path.startswith(start)), key=len, default="")
    return _PLACES.get(start, ())


@cache
def picture_of(slug: str, language: str) -> tuple[str, str] | None:
    """Static files of a page's picture, light and dark; ``language`` is zh or en. None unless both were taken: a page is whole without."""
    names = [f"{slug}-{language}-{theme}.webp" for theme in THEMES]
    light, dark = (f"manual/{name}" for name in names)
    return (light, dark) if all((PICTURES / name).is_file() for name in names) else None
