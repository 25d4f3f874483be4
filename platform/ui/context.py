"""What every page's frame needs: the school, the person, the doors open to them. No query is made here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class School(Protocol):
    """What is read of ``request.tenant`` (``tenancy.models.Tenant``)."""

    name: str
    slug: str
    kind: str
    duty_phone: str
    duty_hours: str


@dataclass(frozen=True, slots=True)
class Door:
    """One link of the frame. ``current`` marks the page being looked at."""

    label: Text
    url: str
    icon: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around a page. ``school`` is None on the platform host and on hosts nobody owns."""

    school: School | None
    site_name: Text
    person: str
    signed_in: bool
    tabs: tuple[Door, ...]
    offices: tuple[Door, ...]
    html_lang: str
    other_language: tuple[str, str]
    quit_url: str
    duty_phone: str
    duty_hours: str
    path: str


_STAFF: Final = (
    (_("Mine"), "/my/", "home"),
    (_("Apply"), "/apply/", "hand"),
    (_("Vouchers"), "/vouchers/", "ticket"),
    (_("Messages"), "/my/messages/", "inbox"),
)
_PARTNER: Final = (
    (_("Today"), "/partner/", "calendar"),
    (_("Scan"), "/partner/scan/", "scan"),
)
_OFFICES: Final = (
    (frozenset({"centre", "duty"}), _("Psychological centre"), "/centre/", "heart"),
    (frozenset({"union"}), _("Trade union"), "/union/", "people"),
    (frozenset({"finance"}), _("Finance"), "/finance/", "coin"),
    (frozenset({"admin"}), _("School administration"), "/school/", "building"),
    (frozenset({"editor", "admin"}), _("Pages"), "/cms/", "book"),
)
_PLATFORM_NAME: Final = _("Xinqiao")


def _doors(rows: Iterable[tuple[Text, str, str]], path: str) -> tuple[Door, ...]:
    """Doors in order; the one with the longest matching address is current."""
    rows = tuple(rows)
    current = max((url for _label, url, _icon in rows if path.startswith(url)), key=len, default="")
    return tuple(Door(label, url, icon, url == current) for label, url, icon in rows)


def build_shell(request: HttpRequest) -> Shell:
    """The frame for ``request``: reads ``request.tenant`` and ``request.actor``, both optional (an error page has neither)."""
    tenant = getattr(request, "tenant", None)
    school = tenant if tenant is not None and tenant.kind != "platform" else None
    actor = getattr(request, "actor", None)
    path = request.path
    tabs: tuple[Door, ...] = ()
    offices: tuple[Door, ...] = ()
    if actor is not None and actor.is_operator:
        tabs = _doors(((_("Operator"), "/operator/", "building"),), path)
    elif actor is not None and actor.institution_id is not None:
        tabs = _doors(_PARTNER, path)
    elif actor is not None and school is not None:
        tabs = _doors(_STAFF, path)
        held = set(actor.roles)
        offices = _doors(((label, url, icon) for roles, label, url, icon in _OFFICES if held & roles), path)
    chinese = (get_language() or "zh-hans").startswith("zh")
    return Shell(
        school=school,
        site_name=school.name if school else _PLATFORM_NAME,
        person=getattr(actor, "display_name", "") or "",
        signed_in=actor is not None,
        tabs=tabs,
        offices=offices,
        html_lang="zh-Hans" if chinese else "en",
        other_language=("en", "English") if chinese else ("zh-hans", "中文"),
        quit_url=getattr(school, "news_url", "") or "/",
        duty_phone=getattr(school, "duty_phone", "") or "",
        duty_hours=getattr(school, "duty_hours", "") or "",
        path=path,
    )


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor ``ui.context.shell``: ``shell`` (see ``Shell``). Zero queries."""
    return {"shell": build_shell(request)}
