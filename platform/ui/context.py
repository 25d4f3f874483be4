"""Context processor for the frame of every page: school, person, navigation. What it asks of the school's line is remembered."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from ui.names import CHINESE, named, reads_chinese
from ui.navigation import OPERATOR, PARTNER, STAFF, NavItem, office_at, office_items, tabs
from ui.school_line import SchoolLine

Text = str | Promise


class School(Protocol):
    """What is read of ``request.tenant`` (``tenancy.models.Tenant``)."""

    name: str
    name_en: str
    slug: str
    kind: str
    duty_phone: str
    duty_hours: str


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around a page. ``desk`` is the office whose page it is, for the title: two offices have pages of one name. ``path`` is where the language switch comes back to, with its query. ``school`` is None on the platform host and on hosts nobody owns. ``guide`` leads to how the product is used."""

    school: School | None
    site_name: Text
    desk: Text
    person: str
    signed_in: bool
    tabs: tuple[NavItem, ...]
    offices: tuple[NavItem, ...]
    html_lang: str
    other_language: tuple[str, str]
    duty_phone: str
    duty_hours: str
    duty_is_shut: bool
    path: str
    guide: str

    @property
    def is_bureau(self) -> bool:
        """Whether the host is an education bureau's: its pages do not call it a school."""
        return self.school is not None and self.school.kind == "district"

    @property
    def office_line(self) -> tuple[str, str]:
        """Number and hours for a question that can wait: the hours that the school wrote, not those of its chain, which
        wakes somebody. The line behind the chain where the school has no number of its own.
        """
        own = (self.school.duty_phone, self.school.duty_hours) if self.school else ("", "")
        return own if own[0] else (self.duty_phone, self.duty_hours)

    @property
    def title_end(self) -> str:
        """What stands behind every page's own title: the office, then the school or the platform."""
        return "".join(f" · {part}" for part in (self.desk, self.site_name) if part)


_PLATFORM_NAME: Final = _("Xinqiao")


@cache
def _line_of() -> Callable[[Any], SchoolLine]:
    """Working days and the state of the emergency chain live in apps above this one."""
    hook: Callable[[Any], SchoolLine] = import_string(settings.SCHOOL_LINE)
    return hook


@cache
def _guide_at() -> Callable[[Any, Any, str], str]:
    """The pages of the manual stand in an app above this one."""
    hook: Callable[[Any, Any, str], str] = import_string(settings.GUIDE_AT)
    return hook


def build_shell(request: HttpRequest) -> Shell:
    """The frame for ``request``: reads ``request.tenant`` and ``request.actor``, both optional (an error page has neither)."""
    tenant = getattr(request, "tenant", None)
    school = tenant if tenant is not None and tenant.kind != "platform" else None
    actor = getattr(request, "actor", None)
    path = request.path
    shown_tabs: tuple[NavItem, ...] = ()
    shown_offices: tuple[NavItem, ...] = ()
    if actor is not None and actor.is_operator:
        shown_tabs = tabs(OPERATOR, actor, path)
    elif actor is not None and actor.institution_id is not None:
        shown_tabs = tabs(PARTNER, actor, path)
    elif actor is not None and school is not None:
        shown_tabs = tabs(STAFF, actor, path)
        shown_offices = office_items(actor, path)
    chinese = reads_chinese()
    line = _line_of()(school)
    return Shell(
        school=school,
        desk=office_at(path) if shown_offices or shown_tabs else "",
        site_name=named(school) if school else _PLATFORM_NAME,
        person=getattr(actor, "display_name", "") or "",
        signed_in=actor is not None,
        tabs=shown_tabs,
        offices=shown_offices,
        html_lang=CHINESE if chinese else "en",
        other_language=("en", "English") if chinese else ("zh-hans", "中文"),
        duty_phone=line.phone,
        duty_hours=line.hours,
        duty_is_shut=line.is_shut,
        path=request.get_full_path(),
        guide=_guide_at()(tenant, actor, path),
    )


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor ``ui.context.shell``: ``shell`` (see ``Shell``). No query but those of the school's line, remembered."""
    return {"shell": build_shell(request)}
