"""What every page's frame needs: the school, the person, the doors open to them. No query is made here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.permissions import words_of

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


# Label, address, icon, and the word that opens it (accounts.permissions): a door is shown to whoever may open it.
_STAFF: Final = (
    (_("Mine"), "/my/", "home", "referral.own"),
    (_("Apply"), "/apply/", "hand", "service.read"),
    (_("Vouchers"), "/vouchers/", "ticket", "voucher.own"),
    (_("Messages"), "/my/messages/", "inbox", "inbox.own"),
)
_PARTNER: Final = (
    (_("Today"), "/partner/", "calendar", "partner.read"),
    (_("Scan"), "/partner/scan/", "scan", "partner.redeem"),
)
_OPERATOR: Final = (
    (_("Schools"), "/operator/schools/", "building", "school.read"),
    (_("Institutions"), "/operator/institutions/", "people", "institution.read"),
)
_OFFICES: Final = (
    (_("Psychological centre"), "/centre/", "heart", "referral.read.centre"),
    (_("Trade union"), "/union/", "people", "referral.read.union"),
    (_("Finance"), "/finance/", "coin", "ledger.read"),
    (_("School administration"), "/school/", "building", "member.read"),
    (_("Pages"), "/cms/", "book", "cms.edit"),
)
_PLATFORM_NAME: Final = _("Xinqiao")


def _doors(rows: Iterable[tuple[Text, str, str, str]], words: frozenset[str], path: str) -> tuple[Door, ...]:
    """The doors that ``words`` open, in order; the one with the longest matching address is current."""
    rows = tuple(row for row in rows if row[3] in words)
    current = max((url for _label, url, _icon, _word in rows if path.startswith(url)), key=len, default="")
    return tuple(Door(label, url, icon, url == current) for label, url, icon, _word in rows)


def build_shell(request: HttpRequest) -> Shell:
    """The frame for ``request``: reads ``request.tenant`` and ``request.actor``, both optional (an error page has neither)."""
    tenant = getattr(request, "tenant", None)
    school = tenant if tenant is not None and tenant.kind != "platform" else None
    actor = getattr(request, "actor", None)
    path = request.path
    tabs: tuple[Door, ...] = ()
    offices: tuple[Door, ...] = ()
    words = words_of(actor.roles) if actor is not None else frozenset()
    if actor is not None and actor.is_operator:
        tabs = _doors(_OPERATOR, words, path)
    elif actor is not None and actor.institution_id is not None:
        # What was redeemed belongs to the counter's tab, though its address is its own.
        tabs = _doors(_PARTNER, words, path.replace("/partner/redemptions/", "/partner/scan/", 1))
    elif actor is not None and school is not None:
        tabs = _doors(_STAFF, words, path)
        offices = _doors(_OFFICES, words, path)
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
